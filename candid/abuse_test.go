package candid

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// allocated is how many bytes of memory f asks for, whether or not it keeps
// them.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// bound is the memory that a message of n bytes may cost: its budget, for items
// or for results, and as much again for a list that had to grow.
func bound(n int) uint64 { return 2*workMemory*(workBase+workPerByte*uint64(n)) + 1<<20 }

// TestShortMessagesGetLittleMemory claims much in a few bytes, of Values and
// of Go values, and measures.
func TestShortMessagesGetLittleMemory(t *testing.T) {
	type row struct {
		A *string `candid:"a"`
		B *[]byte `candid:"b"`
		C []Null  `candid:"c"`
		D *Nat    `candid:"d"`
		E *uint64 `candid:"e"`
	}
	type optional struct {
		A, B, C, D, E, F, G *string
	}
	for _, c := range []struct{ name, message string }{
		{"two billion nulls", `"DIDL" 01 6d 7f 01 00 ffffffff07`},
		{"as many as the budget allows", `"DIDL" 01 6d 7f 01 00 a08d06`},
		{"two billion empty records", `"DIDL" 02 6d 01 6c 00 01 00 ffffffff07`},
		{"some empty records", `"DIDL" 02 6d 01 6c 00 01 00 d08603`},
		{"a list of lists", `"DIDL" 02 6d 01 6d 7f 01 00 05 5*ffff3f`},
		{"a long text that is not there", `"DIDL" 00 01 71 ffffffff07`},
		{"a long blob that is not there", `"DIDL" 01 6d 7b 01 00 ffffffff07`},
		{"a long list that is not there", `"DIDL" 01 6d 78 01 00 ffffff7f`},
		{"many types that are not there", `"DIDL" 904e 6e7f`},
		{"many fields that are not there", `"DIDL" 01 6c ffffff7f 00 7f`},
		{"many arguments that are not there", `"DIDL" 00 ffffff7f 7f`},
		{"many methods that are not there", `"DIDL" 01 69 ffffff7f 00`},
	} {
		b, err := message(c.message)
		if err != nil {
			t.Fatal(err)
		}
		for name, decode := range map[string]func() error{
			"rows":     func() error { return MustCodec[struct{ R []row }]().Decode(b, new(struct{ R []row })) },
			"nulls":    func() error { return MustCodec[struct{ N []Null }]().Decode(b, new(struct{ N []Null })) },
			"nothing":  func() error { return MustCodec[struct{}]().Decode(b, new(struct{})) },
			"optional": func() error { return MustCodec[optional]().Decode(b, new(optional)) },
			"values": func() error {
				_, err := Decode(b, []*Type{Vec(Opt(Vec(Primitive(KindReserved))))})
				return err
			},
		} {
			if got := allocated(func() { decode() }); got > bound(len(b)) {
				t.Errorf("%s as %s: %d bytes of memory", c.name, name, got)
			}
		}
	}
}

// TestMemoryGrowsWithTheMessage has elements that take one byte on the wire and
// much memory: the budget stops them in proportion to the message.
func TestMemoryGrowsWithTheMessage(t *testing.T) {
	type rows struct{ R []cell }
	codec := MustCodec[rows]()
	for _, n := range []int{100_000, 400_000} {
		message := append([]byte("DIDL\x02\x6d\x01\x6c\x01"), appendVarint(appendUvarint(nil, uint64(Hash("n"))), int64(KindNat8))...)
		message = append(append(message, 1, 0), appendUvarint(nil, uint64(n))...)
		message = append(message, make([]byte, n)...)
		var err error
		got := allocated(func() { err = codec.Decode(message, new(rows)) })
		if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), "claims more work") {
			t.Errorf("%d rows: %v", n, err)
		}
		if got > bound(len(message)) {
			t.Errorf("%d rows: %d bytes of memory", n, got)
		}
	}
}

// cell takes a byte on the wire, and more than 90 here.
type cell struct {
	N uint8   `candid:"n"`
	A *[]byte `candid:"a"`
	B *[]byte `candid:"b"`
	C *[]byte `candid:"c"`
	D *[]byte `candid:"d"`
	E *[]byte `candid:"e"`
	F *[]byte `candid:"f"`
	G *[]byte `candid:"g"`
	H *[]byte `candid:"h"`
	I *[]byte `candid:"i"`
	J *[]byte `candid:"j"`
	L Null    `candid:"l"`
	M *cell   `candid:"m"`
}

// TestResultsPayForTheirMemory has values that are cheap to read and large to
// keep: the second pass runs out.
func TestResultsPayForTheirMemory(t *testing.T) {
	type choice struct {
		_ Variant
		A *Null `candid:"0"`
		B *Null `candid:"1"`
		C *Null `candid:"2"`
		D *Null `candid:"3"`
		E *Null `candid:"4"`
		F *Null `candid:"5"`
		G *Null `candid:"6"`
		H *Null `candid:"7"`
		I *Null `candid:"8"`
		J *Null `candid:"9"`
		K *cell `candid:"10"`
	}
	const n = 400_000
	header := MustCodec[struct{ C []choice }]().header
	message := append(appendUvarint(bytes.Clone(header), n), make([]byte, n)...)
	var err error
	got := allocated(func() { err = MustCodec[struct{ C []choice }]().Decode(message, new(struct{ C []choice })) })
	if !errors.Is(err, ErrMalformed) || got > bound(len(message)) {
		t.Errorf("choices without a value: %v, %d bytes of memory", err, got)
	}
	// An opt that is there takes two bytes, and what it points to much more.
	options := MustCodec[struct{ O []*choice }]()
	message = append(appendUvarint(bytes.Clone(options.header), n), bytes.Repeat([]byte{1, 0}, n)...)
	got = allocated(func() { err = options.Decode(message, new(struct{ O []*choice })) })
	if got > bound(len(message)) {
		t.Errorf("options of choices: %v, %d bytes of memory", err, got)
	}
	// Values take more than Go values.
	types, err := new(Program).ParseTypes("(vec record { nat8 })")
	if err != nil {
		t.Fatal(err)
	}
	message = append(appendUvarint(appendHeader(nil, types), n), make([]byte, n)...)
	got = allocated(func() { _, err = Decode(message, types) })
	if !errors.Is(err, ErrMalformed) || got > bound(len(message)) {
		t.Errorf("small records: %v, %d bytes of memory", err, got)
	}
}

func TestHonestMessagesOfAnySizeAreRead(t *testing.T) {
	type pair struct {
		Key   string `candid:"0"`
		Value []byte `candid:"1"`
	}
	type all struct {
		Numbers []uint64
		Texts   []string
		Pairs   []pair
		Blob    []byte
		Options []*bool
	}
	yes, v := true, &all{Blob: make([]byte, 2<<20)}
	for range 50_000 {
		v.Numbers, v.Texts = append(v.Numbers, 1), append(v.Texts, "a text")
		v.Pairs, v.Options = append(v.Pairs, pair{"key", []byte("v")}), append(v.Options, &yes)
	}
	codec := MustCodec[all]()
	if err := codec.Decode(codec.Encode(v), new(all)); err != nil {
		t.Error(err)
	}
	if _, err := Decode(codec.Encode(v), codec.Types()); err != nil {
		t.Error(err)
	}
}

// TestReferencesOfLargeTypes sends many references of one large type: it is
// compared once, and pays once.
func TestReferencesOfLargeTypes(t *testing.T) {
	const fields = 20_000
	var arguments []string
	for i := range fields {
		arguments = append(arguments, fmt.Sprintf("%d : opt nat", i))
	}
	large := "type Large = func (record { " + strings.Join(arguments, "; ") + " }) -> ();"
	program, err := ParseProgram(large)
	if err != nil {
		t.Fatal(err)
	}
	types, err := program.ParseTypes("(vec Large)")
	if err != nil {
		t.Fatal(err)
	}
	values := make(VecValue, 20_000)
	for i := range values {
		values[i] = FuncValue{Method: "m"}
	}
	message, err := Encode(types, []Value{values})
	if err != nil {
		t.Fatal(err)
	}
	want, err := new(Program).ParseTypes("(vec func (record {}) -> (), vec opt func (nat) -> ())")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(message, want[1:]); err != nil {
		t.Errorf("references that do not fit: %v", err)
	}
	// Each wants the record to be read at a type of 20,000 fields.
	if _, err := Decode(message, want[:1]); err != nil {
		t.Errorf("references that fit: %v", err)
	}
}

// TestHostileTypeTablesRunOutOfBudget compares circles of types whose lengths
// have no common factor: every pair differs, and there are very many.
func TestHostileTypeTablesRunOutOfBudget(t *testing.T) {
	ring := func(n int) *Type {
		types := make([]Type, n)
		for i := range types {
			types[i] = Type{Kind: KindVec, Elem: &types[(i+1)%n]}
		}
		return &types[0]
	}
	function := func(t *Type) *Type { return Func(nil, []*Type{t}) }
	// A table with a ring of 4999, which our own encoder would see through.
	const n = 4999
	table := appendUvarint([]byte(magic), n+1)
	for i := range n {
		table = appendVarint(append(table, 0x6d), int64((i+1)%n))
	}
	table = appendVarint(append(table, 0x6a, 0, 1), 0)
	table = appendVarint(append(table, 0, 1), n)
	table = append(table, 1, 1, 0, 0)
	if _, err := Decode(table, []*Type{function(ring(2))}); err != nil {
		t.Errorf("ten thousand pairs: %v", err)
	}
	_, err := Decode(table, []*Type{function(ring(997))})
	if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), "claims more work") {
		t.Errorf("five million pairs: %v", err)
	}
	_, err = Decode(table, []*Type{Opt(function(ring(997)))})
	if !errors.Is(err, ErrMalformed) {
		t.Errorf("five million pairs under an opt: %v", err)
	}
}

// TestTypesOfAnyShapeAreComparedWithoutRecursion has a chain so long that
// recursion would be seen.
func TestTypesOfAnyShapeAreComparedWithoutRecursion(t *testing.T) {
	chain := func() *Type {
		t := Primitive(KindNat)
		for range 100_000 {
			t = Vec(t)
		}
		return t
	}
	a, b := chain(), chain()
	if !Equal(a, b) || !IsSubtype(a, b) || IsSubtype(a, b.Elem) {
		t.Error("long chains are compared wrongly")
	}
}

// TestMismatchesInsideOfEachOther has an opt in every level, each of which has
// to be read again to be skipped.
func TestMismatchesInsideOfEachOther(t *testing.T) {
	const program = `type Wire = record { opt Wire; text }; type Want = record { opt Want; nat };`
	p, err := ParseProgram(program)
	if err != nil {
		t.Fatal(err)
	}
	types, err := p.ParseTypes("(opt Wire, opt Want)")
	if err != nil {
		t.Fatal(err)
	}
	nested := func(levels, size int) []byte {
		text, v := strings.Repeat("a", size), Value(OptValue{})
		for range levels {
			v = OptValue{RecordValue{{0, v}, {1, text}}}
		}
		message, err := Encode(types[:1], []Value{v})
		if err != nil {
			t.Fatal(err)
		}
		return message
	}
	// Half a megabyte, read fifty times over.
	values, err := Decode(nested(100, 5_000), types[1:])
	if err != nil || values[0].(OptValue).Value != nil {
		t.Errorf("%v, %v", values, err)
	}
	// Two and a half megabytes, read more than a hundred times over.
	large := nested(250, 10_000)
	if _, err := Decode(large, types[1:]); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), "claims more work") {
		t.Errorf("%v", err)
	}
	if _, err := Decode(large, types[:1]); err != nil {
		t.Errorf("at its own type: %v", err)
	}
}
