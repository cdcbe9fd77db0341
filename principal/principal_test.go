package principal

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type class int

const (
	other class = iota
	management
	anonymous
	selfAuthenticating
)

// known are principals of every class and length. The texts come from the
// interface specification, from the Internet Computer itself, and from another
// implementation of CRC-32 and base32.
var known = []struct {
	name, bytes, text string
	class             class
}{
	{"the management canister", "", "aaaaa-aa", management},
	{"the anonymous caller", "04", "2vxsx-fae", anonymous},
	{"the specification's example", "abcd01", "em77e-bvlzu-aq", other},
	{"the ledger", "00000000000000020101", "ryjl3-tyaaa-aaaaa-aaaba-cai", other},
	{"Internet Identity", "00000000000000070101", "rdmx6-jaaaa-aaaaa-aaadq-cai", other},
	{"the holder of a key", "4728a228d624f2674c3d672eb9ed8a477239ac985165e63e1395febd02", "7gheb-jchfc-rcrvr-e6jtu-yplhf-2463c-shoi4-2zgcr-mxtd4-e4v72-6qe", selfAuthenticating},
	{"a derived id", "54a2f7f92a5f975d8096af77a126edda7da60c5aa872ef1b871701ae03", "vnuuw-wkuul-37sks-7s5oy-bfvpo-6qsn3-o2pwt-aywvi-olxrx-byxag-xag", other},
	{"one byte too short for a key", "54a2f7f92a5f975d8096af77a126edda7da60c5aa872ef1b87170102", "nb6j7-skuul-37sks-7s5oy-bfvpo-6qsn3-o2pwt-aywvi-olxrx-byxae-ba", other},
	{"a reserved id", "0001027f", "2iflw-baaae-bh6", other},
	{"an empty reserved id", "7f", "ck4ig-id7", other},
	{"anonymous behind something", "00000000000000000004", "", other},
	{"zeros", strings.Repeat("00", MaxLength), "bnkmk-jqaaa-aaaaa-aaaaa-aaaaa-aaaaa-aaaaa-aaaaa-aaaaa-aaaaa-aaa", other},
	{"ones", strings.Repeat("ff", MaxLength), "tsdi7-6x777-77777-77777-77777-77777-77777-77777-77777-77777-776", other},
}

func TestKnownPrincipals(t *testing.T) {
	for _, c := range known {
		p, err := FromBytes(unhex(t, c.bytes))
		if err != nil {
			t.Fatal(err)
		}
		if p.IsManagement() != (c.class == management) || p.IsAnonymous() != (c.class == anonymous) || p.IsSelfAuthenticating() != (c.class == selfAuthenticating) {
			t.Errorf("%s is of another class", c.name)
		}
		if c.text == "" {
			continue
		}
		if p.String() != c.text {
			t.Errorf("%s: %s, want %s", c.name, p, c.text)
		}
		for _, text := range []string{c.text, strings.ToUpper(c.text), strings.ToUpper(c.text[:7]) + c.text[7:]} {
			if parsed, err := Parse(text); err != nil || parsed != p {
				t.Errorf("%s, parsed from %s: %v %v", c.name, text, parsed, err)
			}
		}
	}
}

func TestNamedPrincipals(t *testing.T) {
	if Management() != MustParse("aaaaa-aa") || Management() != (Principal{}) {
		t.Error("the management canister has another name")
	}
	if Anonymous() != MustParse("2vxsx-fae") {
		t.Error("the anonymous caller has another name")
	}
	// An Ed25519 key of the bytes 0 to 31.
	der := unhex(t, "302a300506032b6570032100"+"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
	const want = "7gheb-jchfc-rcrvr-e6jtu-yplhf-2463c-shoi4-2zgcr-mxtd4-e4v72-6qe"
	if p := SelfAuthenticating(der); p.String() != want || !p.IsSelfAuthenticating() {
		t.Errorf("the holder of the key is %s, want %s", p, want)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                    "",
		"dashes":                     "-----",
		"a checksum cut short":       "aaaaa",
		"a wrong checksum":           "aaaaa-ab",
		"a wrong digit":              "rdmx6-jaaaa-aaaaa-aaadq-cbi",
		"two digits exchanged":       "dmrx6-jaaaa-aaaaa-aaadq-cai",
		"no dashes":                  "rdmx6jaaaaaaaaaaaadqcai",
		"a dash missing":             "rdmx6-jaaaaaaaaa-aaadq-cai",
		"a dash moved":               "rdmx6j-aaaa-aaaaa-aaadq-cai",
		"a dash twice":               "rdmx6--jaaaa-aaaaa-aaadq-cai",
		"a dash in front":            "-rdmx6-jaaaa-aaaaa-aaadq-cai",
		"a dash at the end":          "rdmx6-jaaaa-aaaaa-aaadq-cai-",
		"a space in front":           " rdmx6-jaaaa-aaaaa-aaadq-cai",
		"a line break at the end":    "rdmx6-jaaaa-aaaaa-aaadq-cai\n",
		"a line break inside":        "rdmx6-\njaaaa-aaaaa-aaadq-cai",
		"padding":                    "2vxsx-fae=",
		"a digit that is none":       "2vxsx-fa1",
		"loose bits at the end":      "2vxsx-faf",
		"a dash of another kind":     "2vxsx\u2010fae",
		"a letter of another script": "2vxsx-f\u0430e",
		"a byte that is no text":     "2vxsx-fae\xff",
		"thirty bytes":               "aacd5-niaaa-aaaaa-aaaaa-aaaaa-aaaaa-aaaaa-aaaaa-aaaaa-aaaaa-aaaaa",
		"thirty bytes without dash":  "aacd5niaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"a long text":                strings.Repeat("aaaaa-", 1000) + "aa",
	} {
		if p, err := Parse(text); !errors.Is(err, ErrText) {
			t.Errorf("%s: %q is %v, %v", name, text, p, err)
		}
	}
}

// Unicode has letters whose lower case is a base32 letter.
func TestParseKnowsOnlyASCII(t *testing.T) {
	const text = "pkbtt-taaaa-aaaaa-aaaaa-aay"
	MustParse(text)
	for _, c := range []struct{ letter, like string }{
		{"\u212a", "k"}, // Kelvin sign
		{"\u0130", "i"}, // I with a dot
		{"\u017f", "s"}, // long s
	} {
		for _, principal := range []string{text, "rdmx6-jaaaa-aaaaa-aaadq-cai", "2vxsx-fae"} {
			disguised := strings.Replace(principal, c.like, c.letter, 1)
			if disguised == principal {
				continue
			}
			if p, err := Parse(disguised); err == nil {
				t.Errorf("%q is %v", disguised, p)
			}
		}
	}
}

func TestFromBytesRefusesLongNames(t *testing.T) {
	if p, err := FromBytes(make([]byte, MaxLength+1)); !errors.Is(err, ErrTooLong) || p != (Principal{}) {
		t.Errorf("%d bytes: %v %v", MaxLength+1, p, err)
	}
}

func TestMustParsePanicsOnOtherTexts(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	MustParse("2vxsx-faf")
}

func draw(t *rapid.T, name string) []byte {
	return rapid.SliceOfN(rapid.Byte(), 0, MaxLength).Draw(t, name)
}

func TestEveryNameSurvivesItsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := draw(t, "bytes")
		p, err := FromBytes(b)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(p.Bytes(), b) || p.Bytes() == nil || string(p.AppendTo([]byte("x"))) != "x"+string(b) {
			t.Fatalf("bytes %x, want %x", p.Bytes(), b)
		}
		text := p.String()
		if len(text) > maxTextLen || text != strings.ToLower(text) {
			t.Fatalf("text %s", text)
		}
		for i, part := range strings.Split(text, "-") {
			if last := (i+1)*(group+1) > len(text); len(part) != group && !last || part == "" {
				t.Fatalf("text %s has the group %q", text, part)
			}
		}
		if parsed, err := Parse(text); err != nil || parsed != p {
			t.Fatalf("%s: %v %v", text, parsed, err)
		}
	})
}

// No other text is taken for a principal by accident: a CRC-32 finds every
// single wrong digit.
func TestOneWrongDigitIsFound(t *testing.T) {
	const digits = "abcdefghijklmnopqrstuvwxyz234567-"
	rapid.Check(t, func(t *rapid.T) {
		p, err := FromBytes(draw(t, "bytes"))
		if err != nil {
			t.Fatal(err)
		}
		text := []byte(p.String())
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		digit := digits[rapid.IntRange(0, len(digits)-1).Draw(t, "digit")]
		if text[at] == digit {
			return
		}
		text[at] = digit
		if q, err := Parse(string(text)); err == nil {
			t.Fatalf("%s is %v", text, q)
		}
	})
}

func TestOrderIsThatOfTheBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t, "a"), draw(t, "b")
		if rapid.Bool().Draw(t, "prefix") {
			b = append(slices.Clone(a), 0)[:min(len(a)+1, MaxLength)]
		}
		p, _ := FromBytes(a)
		q, _ := FromBytes(b)
		if p.Compare(q) != bytes.Compare(a, b) || q.Compare(p) != bytes.Compare(b, a) {
			t.Fatalf("%x and %x: %d", a, b, p.Compare(q))
		}
		if (p == q) != bytes.Equal(a, b) {
			t.Fatalf("%x == %x: %v", a, b, p == q)
		}
	})
}

func TestBytesAreACopy(t *testing.T) {
	p := MustParse("2vxsx-fae")
	p.Bytes()[0] = 7
	_ = append(p.Bytes(), 1)
	if !p.IsAnonymous() {
		t.Error("a principal was changed through its bytes")
	}
}

func TestPrincipalsAreTextsInJSON(t *testing.T) {
	type message struct {
		Caller Principal
		Names  map[Principal]int
	}
	in := message{Anonymous(), map[Principal]int{Management(): 1}}
	encoded, err := json.Marshal(in)
	if want := `{"Caller":"2vxsx-fae","Names":{"aaaaa-aa":1}}`; err != nil || string(encoded) != want {
		t.Fatalf("%s %v, want %s", encoded, err, want)
	}
	var out message
	if err := json.Unmarshal(encoded, &out); err != nil || out.Caller != in.Caller || out.Names[Management()] != 1 {
		t.Errorf("%+v %v", out, err)
	}
	if err := json.Unmarshal([]byte(`{"Caller":"2vxsx-faf"}`), &out); !errors.Is(err, ErrText) || out.Caller != in.Caller {
		t.Errorf("a text that is none: %v %v", out.Caller, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range known {
		f.Add(c.text)
		f.Add(strings.ToUpper(c.text))
	}
	f.Add("p\u212abtt-taaaa-aaaaa-aaaaa-aay")
	f.Add("2vxsx-fae\n")
	f.Add("2vxsx-fae=")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			if !errors.Is(err, ErrText) || p != (Principal{}) {
				t.Fatalf("%v %v", p, err)
			}
			return
		}
		// The only freedom is the case of ASCII letters.
		if len(text) != len(p.String()) || !strings.EqualFold(p.String(), text) {
			t.Fatalf("%q is %s", text, p)
		}
		if back, err := FromBytes(p.Bytes()); err != nil || back != p {
			t.Fatalf("%v %v", back, err)
		}
	})
}
