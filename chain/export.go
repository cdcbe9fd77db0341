package chain

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"internetidentity/principal"
	"internetidentity/subnet"
	"internetidentity/table"
)

// An export is a canister's table in a file: a line that names the format, the
// canister's id, and records; each field with its length before it. An empty
// key ends the file, with the hash of everything before as its value.
const exportFormat = "ii-export-1\n"

// maxExportField of a key, or of a value, in bytes.
const maxExportField = 16 << 20

// Export writes the canister's table.
func Export(w io.Writer, t table.Reader) (canister principal.Principal, records int, err error) {
	canister, err = subnet.CanisterOf(t)
	if err != nil {
		return canister, 0, err
	}
	hash := sha256.New()
	buffered := bufio.NewWriterSize(w, 1<<20)
	out := io.MultiWriter(buffered, hash)
	id := canister.Bytes()
	if _, err := out.Write(append(binary.AppendUvarint([]byte(exportFormat), uint64(len(id))), id...)); err != nil {
		return canister, 0, err
	}
	for key, value := range subnet.CanisterReader(t).Ascend(nil, nil) {
		if _, err := out.Write(appendRecord(nil, key, value)); err != nil {
			return canister, records, err
		}
		records++
	}
	if _, err := buffered.Write(appendRecord(nil, nil, hash.Sum(nil))); err != nil {
		return canister, records, err
	}
	return canister, records, buffered.Flush()
}

// ReadExport reads a file to its end and hands its records on.
func ReadExport(r io.Reader, take func(key, value []byte)) (canister principal.Principal, err error) {
	hash := sha256.New()
	in := &hashed{bufio.NewReaderSize(r, 1<<20), hash}
	format := make([]byte, len(exportFormat))
	if _, err := io.ReadFull(in, format); err != nil || string(format) != exportFormat {
		return canister, errors.New("this is not an export of identities")
	}
	id, err := in.field()
	if err != nil {
		return canister, err
	}
	if canister, err = principal.FromBytes(id); err != nil {
		return canister, err
	}
	for {
		sum := hash.Sum(nil)
		key, err := in.field()
		if err != nil {
			return canister, err
		}
		value, err := in.field()
		switch {
		case err != nil:
			return canister, err
		case len(key) > 0:
			take(key, value)
		case !bytes.Equal(value, sum):
			return canister, errors.New("the export is damaged")
		default:
			if _, err := in.Reader.ReadByte(); err != io.EOF {
				return canister, errors.New("the export has more behind its end")
			}
			return canister, nil
		}
	}
}

// hashed reads and hashes what it has read.
type hashed struct {
	*bufio.Reader
	hash io.Writer
}

func (h *hashed) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	_, _ = h.hash.Write(p[:n]) // a hash does not fail
	return n, err
}

func (h *hashed) ReadByte() (byte, error) {
	b, err := h.Reader.ReadByte()
	if err == nil {
		_, _ = h.hash.Write([]byte{b})
	}
	return b, err
}

func (h *hashed) field() ([]byte, error) {
	n, err := binary.ReadUvarint(h)
	if err != nil || n > maxExportField {
		return nil, errors.New("the export is damaged or cut off")
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(h, b); err != nil {
		return nil, errors.New("the export is cut off")
	}
	return b, nil
}

// takeOver puts an export into the table of a new cluster, if it is founded on
// one.
func takeOver(terms Terms, path string, t table.Table) error {
	if len(terms.Import) == 0 {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("the cluster is founded on an export: put its file there: %w", err)
	}
	defer file.Close()
	hash := sha256.New()
	space := subnet.CanisterTable(t)
	id, err := ReadExport(io.TeeReader(file, hash), space.Put)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if string(id.Bytes()) != string(terms.Canister) || string(hash.Sum(nil)) != string(terms.Import) {
		return fmt.Errorf("%s is not the export on which the cluster is founded", path)
	}
	return nil
}
