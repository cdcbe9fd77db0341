package canister_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"internetidentity/candid"
	"internetidentity/certificate"
	"internetidentity/principal"
)

// The words of transcripts, in both directions.

var (
	wordCall   = regexp.MustCompile(`\b(key|principal|text|bytes|captcha|passkey|recovery|plain|phrase|device|plaindevice|metadevice|seed|challenge|wrong|code)\(([^()]*)\)`)
	wordMethod = regexp.MustCompile(`\b(?:passkey|recovery|plain|phrase)\([^()]*\)`)
	wordTime   = regexp.MustCompile(`\bT(\+[0-9hms.]+|-[0-9hms.]+)?\b`)
	quoted     = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
)

// encode replaces the words in an argument and encodes it.
func (s *stage) encode(text string, types []*candid.Type) ([]byte, error) {
	var failed error
	words := func(plain string) string {
		plain = wordCall.ReplaceAllStringFunc(plain, func(word string) string {
			m := wordCall.FindStringSubmatch(word)
			value, err := s.word(m[1], m[2])
			if err != nil {
				failed = err
			}
			return value
		})
		return wordTime.ReplaceAllStringFunc(plain, func(word string) string {
			offset := time.Duration(0)
			if word != "T" {
				var err error
				if offset, err = time.ParseDuration(strings.TrimPrefix(word[1:], "+")); err != nil {
					failed = err
				}
			}
			return strconv.FormatUint(uint64(int64(begin)+int64(offset)), 10)
		})
	}
	// Methods have quoted words of their own. Other quoted text stays as it is.
	text = wordMethod.ReplaceAllStringFunc(text, words)
	var out strings.Builder
	at := 0
	for _, span := range quoted.FindAllStringIndex(text, -1) {
		out.WriteString(words(text[at:span[0]]))
		out.WriteString(text[span[0]:span[1]])
		at = span[1]
	}
	out.WriteString(words(text[at:]))
	if failed != nil {
		return nil, failed
	}
	values, err := candid.ParseValues(out.String(), types)
	if err != nil {
		return nil, err
	}
	return candid.Encode(types, values)
}

func (s *stage) word(name, arg string) (string, error) {
	switch name {
	case "key":
		s.names[arg] = true
		return blob(keyOf(arg)), nil
	case "principal":
		s.names[arg] = true
		return fmt.Sprintf("principal %q", principalOf(arg)), nil
	case "device", "plaindevice", "metadevice", "seed":
		person, _, _ := strings.Cut(arg, " ")
		s.names[person] = true
		return device(name, arg), nil
	case "challenge", "wrong":
		chars := s.challengeSolution()
		if name == "wrong" {
			chars = "nope!"
		}
		return fmt.Sprintf("record { key = %q; chars = %q }", s.challenge, chars), nil
	case "code":
		return strconv.Quote(s.code), nil
	case "passkey", "recovery", "plain", "phrase":
		person, _, _ := strings.Cut(arg, " ")
		s.names[person] = true
		return method(name, arg), nil
	case "captcha":
		solution, err := s.solution(arg)
		return strconv.Quote(solution), err
	}
	// text(9) is nine times x, text(9 é) nine times é.
	count, unit, given := strings.Cut(arg, " ")
	if !given {
		unit = "x"
	}
	n, err := strconv.Atoi(count)
	if name == "bytes" {
		return blob(bytes.Repeat([]byte(unit), n)), err
	}
	return strconv.Quote(strings.Repeat(unit, n)), err
}

// method is an authentication method with a person's key: a passkey, a passkey
// for recovery, a plain key, or a recovery phrase. Its credential id is the
// name. A name may be followed by metadata, such as `"alias" "Phone"`.
func method(kind, arg string) string {
	name, metadata, _ := strings.Cut(arg, " ")
	entries := ""
	add := func(key, value string) {
		entries += fmt.Sprintf("record { %s; variant { String = %s } }; ", key, value)
	}
	if words := quoted.FindAllString(metadata, -1); len(words)%2 == 0 {
		for i := 0; i < len(words); i += 2 {
			add(words[i], words[i+1])
		}
	}
	purpose, authn := "Authentication", "PubKey = record { pubkey = "+blob(keyOf(name))+" }"
	switch kind {
	case "passkey", "recovery":
		authn = fmt.Sprintf("WebAuthn = record { pubkey = %s; credential_id = blob %q }", blob(keyOf(name)), name)
	case "phrase":
		add(`"usage"`, `"recovery_phrase"`)
	}
	if kind == "recovery" || kind == "phrase" {
		purpose = "Recovery"
	}
	return "record { authn_method = variant { " + authn + " }; security_settings = record { " +
		"protection = variant { Unprotected }; purpose = variant { " + purpose + " } }; metadata = vec { " + entries + "} }"
}

// device is the form of methods in the first version of the interface. Words
// behind the name are "protected", or the keys of metadata.
func device(kind, arg string) string {
	name, rest, _ := strings.Cut(arg, " ")
	protection, metadata, credential := "unprotected", "", ""
	if rest == "protected" {
		protection = rest
	} else if rest != "" {
		metadata = fmt.Sprintf(`; metadata = opt vec { record { %q; variant { string = "x" } } }`, rest)
	}
	purpose, keyType := "authentication", "unknown"
	switch kind {
	case "device":
		credential = fmt.Sprintf("; credential_id = opt blob %q", name)
	case "seed":
		purpose, keyType = "recovery", "seed_phrase"
	}
	return fmt.Sprintf("record { pubkey = %s; alias = %q; purpose = variant { %s }; key_type = variant { %s }; protection = variant { %s }%s%s }",
		blob(keyOf(name)), name, purpose, keyType, protection, credential, metadata)
}

// challengeSolution reads the record of the last captcha that was shown.
func (s *stage) challengeSolution() string {
	record, ok := s.table.Get(append([]byte{0x8a}, s.challenge...))
	if !ok {
		return "gone"
	}
	_, n := binary.Uvarint(record[1:])
	rest := record[1+n:]
	return string(rest[1 : 1+int(rest[0])])
}

// solution reads the record of a registration, as nobody outside can.
func (s *stage) solution(name string) (string, error) {
	record, ok := s.table.Get(append([]byte{0x80}, principalOf(name).Bytes()...))
	if !ok {
		return "", fmt.Errorf("%s has no registration", name)
	}
	record = record[1:] // the version
	_, n := binary.Uvarint(record)
	length := int(record[n])
	return string(record[n+1 : n+1+length]), nil
}

func blob(b []byte) string {
	var out strings.Builder
	out.WriteString(`blob "`)
	for _, c := range b {
		fmt.Fprintf(&out, `\%02x`, c)
	}
	out.WriteString(`"`)
	return out.String()
}

// show writes values as a transcript has them.
func (s *stage) show(types []*candid.Type, values []candid.Value) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = s.value(types[i], v, 0)
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// maxLine is about what fits in a line.
const maxLine = 100

func (s *stage) value(t *candid.Type, v candid.Value, indent int) string {
	switch v := v.(type) {
	case candid.Null, candid.Reserved:
		return "null"
	case candid.OptValue:
		if v.Value == nil {
			return "null"
		}
		return "opt " + s.value(t.Elem, v.Value, indent)
	case candid.VecValue:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = s.value(t.Elem, item, indent+1)
		}
		return s.braces("vec", items, indent)
	case candid.RecordValue:
		return s.record(t, v, indent)
	case candid.VariantValue:
		f := fieldOf(t, v.ID)
		if f.Type.Kind == candid.KindNull {
			return "variant { " + f.Name + " }"
		}
		return s.braces("variant", []string{f.Name + " = " + s.value(f.Type, v.Value, indent+1)}, indent)
	case []byte:
		return s.blob(v)
	case string:
		return showText(v)
	case principal.Principal:
		return s.principal(v)
	case uint64:
		return showNumber(v)
	case bool, uint8, uint16, uint32, int64, candid.Nat:
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("?%T", v)
}

func (s *stage) record(t *candid.Type, v candid.RecordValue, indent int) string {
	items := make([]string, 0, len(v))
	for i, f := range v {
		named := fieldOf(t, f.ID)
		switch named.Name {
		case "challenge_key":
			s.challenge = f.Value.(string)
		case "verification_code", "confirmation_code":
			s.code = f.Value.(string)
		}
		text := s.value(named.Type, f.Value, indent+1)
		if named.Name == "signature" {
			text = s.signature(v, f.Value)
		}
		if named.Name != "" && named.Name != strconv.Itoa(i) {
			text = named.Name + " = " + text
		}
		items = append(items, text)
	}
	return s.braces("record", items, indent)
}

func fieldOf(t *candid.Type, id uint32) candid.Field {
	for _, f := range t.Fields {
		if f.ID == id {
			return f
		}
	}
	return candid.Field{ID: id, Name: strconv.Itoa(int(id)), Type: candid.Primitive(candid.KindReserved)}
}

// braces writes short lists in one line, and others with an item a line.
func (s *stage) braces(word string, items []string, indent int) string {
	if len(items) == 0 {
		return word + " {}"
	}
	line := word + " { " + strings.Join(items, "; ") + " }"
	if len(line)+2*indent <= maxLine && !strings.Contains(line, "\n") {
		return line
	}
	margin := strings.Repeat("  ", indent+1)
	return word + " {\n" + margin + strings.Join(items, ";\n"+margin) + "\n" + strings.Repeat("  ", indent) + "}"
}

func (s *stage) blob(b []byte) string {
	for name := range s.names {
		if bytes.Equal(b, keyOf(name)) {
			return "key(" + name + ")"
		}
	}
	if key, err := certificate.ParseCanisterKey(b); err == nil {
		s.userKeys = append(s.userKeys, b)
		return "key of " + key.Principal().String()
	}
	if len(b) > 64 {
		return fmt.Sprintf("bytes(%d)", len(b))
	}
	for _, c := range b {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return blob(b)
		}
	}
	return fmt.Sprintf("blob %q", b)
}

// signature verifies the signature of a delegation against the keys that were
// seen, and says whose it is.
func (s *stage) signature(signed candid.RecordValue, v candid.Value) string {
	d := field(signed, "delegation")
	expiration, _ := field(d, "expiration").(uint64)
	publicKey, _ := field(d, "pubkey").([]byte)
	made := certificate.Delegation{PublicKey: publicKey, Expiration: expiration}
	if p, ok := field(d, "permissions").(candid.OptValue); ok && p.Value != nil {
		made.Permissions = p.Value.(string)
	}
	signature, _ := v.([]byte)
	for _, key := range s.userKeys {
		if certificate.VerifyCanisterSignature(s.key.Public(), key, made.SignedBytes(), signature) == nil {
			parsed, _ := certificate.ParseCanisterKey(key)
			return "valid for " + parsed.Principal().String()
		}
	}
	return "INVALID"
}

func (s *stage) principal(p principal.Principal) string {
	for name := range s.names {
		if p == principalOf(name) {
			return "principal(" + name + ")"
		}
	}
	return fmt.Sprintf("principal %q", p)
}

func showText(text string) string {
	if png, err := base64.StdEncoding.DecodeString(text); err == nil && bytes.HasPrefix(png, []byte("\x89PNG")) {
		return "picture"
	}
	if len(text) > 300 {
		return fmt.Sprintf("text(%d)", len(text))
	}
	return strconv.Quote(text)
}

// showNumber shows numbers that are near T as times.
func showNumber(n uint64) string {
	const near = 4 * 365 * 24 * time.Hour
	offset := int64(n) - int64(begin)
	switch {
	case n > math.MaxInt64 || time.Duration(offset).Abs() > near:
		return strconv.FormatUint(n, 10)
	case offset == 0:
		return "T"
	case offset > 0:
		return "T+" + time.Duration(offset).String()
	}
	return "T" + time.Duration(offset).String()
}
