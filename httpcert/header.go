package httpcert

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"internetidentity/hashtree"
)

// Proof is the content of the IC-Certificate header.
type Proof struct {
	Version     int
	Certificate []byte
	Tree        hashtree.Tree
	Path        Path // version 2 only
}

// String is the header's value.
func (p Proof) String() string {
	var b strings.Builder
	binary := func(name string, value []byte) {
		b.WriteString(name + "=:")
		b.WriteString(base64.StdEncoding.EncodeToString(value))
		b.WriteByte(':')
	}
	binary("certificate", p.Certificate)
	b.WriteString(", ")
	binary("tree", p.Tree.AppendCBOR([]byte("\xd9\xd9\xf7")))
	if p.Version == 2 {
		b.WriteString(", version=2, ")
		binary("expr_path", p.Path.encode())
	}
	return b.String()
}

// ParseProof reads the header's value. Members that are not known are left
// out; a header without a version is of version 1.
func ParseProof(text string) (Proof, error) {
	if len(text) > maxHeaderBytes {
		return Proof{}, fmt.Errorf("%s has %d bytes, limit %d", CertificateName, len(text), maxHeaderBytes)
	}
	p := Proof{Version: 1}
	var seen []string
	for member := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(strings.Trim(member, " \t"), "=")
		if !ok || contains(seen, name) {
			return Proof{}, fmt.Errorf("%s is malformed", CertificateName)
		}
		if err := p.set(name, value); err != nil {
			return Proof{}, fmt.Errorf("%s: %s: %w", CertificateName, name, err)
		}
		// A flood of unknown members must not cost a quadratic search.
		if seen = append(seen, name); len(seen) > 16 {
			return Proof{}, fmt.Errorf("%s has too many members", CertificateName)
		}
	}
	if !contains(seen, "certificate") || !contains(seen, "tree") {
		return Proof{}, fmt.Errorf("%s lacks certificate or tree", CertificateName)
	}
	if p.Version == 2 && p.Path == nil {
		return Proof{}, fmt.Errorf("%s lacks expr_path", CertificateName)
	}
	return p, nil
}

func (p *Proof) set(name, value string) error {
	switch name {
	case "version":
		if value != "1" && value != "2" {
			return errors.New("not 1 or 2")
		}
		p.Version = int(value[0] - '0')
		return nil
	case "certificate", "tree", "expr_path":
	default:
		return nil
	}
	if len(value) < 2 || value[0] != ':' || value[len(value)-1] != ':' {
		return errors.New("not between colons")
	}
	content, err := base64.StdEncoding.DecodeString(value[1 : len(value)-1])
	if err != nil {
		return errors.New("not base64")
	}
	switch name {
	case "certificate":
		p.Certificate = content
	case "tree":
		p.Tree, err = hashtree.Decode(content)
	default:
		p.Path, err = decodePath(content)
	}
	return err
}
