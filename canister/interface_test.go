package canister

import (
	"fmt"
	"testing"

	"internetidentity/candid"
)

// The interface that clients read and the methods that answer are two texts.
// They must say the same, in both directions.
func TestInterfaceIsTheMethodTable(t *testing.T) {
	did, err := candid.ParseProgram(DID())
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]*candid.FuncType{}
	for _, m := range did.Service.Methods {
		described[m.Name] = m.Type.Func
	}
	for _, m := range methods() {
		f, ok := described[m.name]
		if !ok {
			t.Errorf("%s is answered but stands not in the interface", m.name)
			continue
		}
		delete(described, m.name)
		if err := sameTypes(f.Args, m.args); err != nil {
			t.Errorf("%s: arguments: %v", m.name, err)
		}
		if err := sameTypes(f.Results, m.results); err != nil {
			t.Errorf("%s: results: %v", m.name, err)
		}
		if query := len(f.Modes) == 1 && f.Modes[0] == candid.ModeQuery; query != m.query || len(f.Modes) > 1 {
			t.Errorf("%s: a query in the table is %v, the interface says %v", m.name, m.query, f.Modes)
		}
	}
	for name := range described {
		t.Errorf("%s stands in the interface and is not answered", name)
	}
	if err := sameTypes(did.Init, candid.MustCodec[initArg]().Types()); err != nil {
		t.Errorf("install argument: %v", err)
	}
}

func sameTypes(described, answered []*candid.Type) error {
	if len(described) != len(answered) {
		return fmt.Errorf("%d described, %d answered", len(described), len(answered))
	}
	for i := range described {
		if !candid.Equal(described[i], answered[i]) {
			return fmt.Errorf("number %d differs", i+1)
		}
	}
	return nil
}
