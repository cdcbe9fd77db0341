package ingress

import (
	"encoding/hex"
	"errors"
	"testing"

	"internetidentity/principal"
)

// TestSpecificationsRequestID is the example of the interface specification,
// Request ids.
func TestSpecificationsRequestID(t *testing.T) {
	receiver, err := principal.FromBytes([]byte{0, 0, 0, 0, 0, 0, 4, 0xd2})
	if err != nil {
		t.Fatal(err)
	}
	c := Content{
		Kind: Call, Sender: principal.Anonymous(), Expiry: 1_685_570_400_000_000_000,
		Canister: receiver, Method: "hello", Arg: []byte("DIDL\x00\xfd*"),
	}
	const want = "1d1091364d6bb8a6c16b203ee75467d59ead468f523eb058880ae8ec80e2b101"
	if got := c.ID(); hex.EncodeToString(got[:]) != want {
		t.Errorf("request id %x, want %s", got, want)
	}
}

func TestKindNames(t *testing.T) {
	for kind, want := range map[Kind]string{Call: "call", Query: "query", ReadState: "read_state", 0: "kind 0", 9: "kind 9"} {
		if kind.String() != want {
			t.Errorf("%d is %q, want %q", kind, kind, want)
		}
	}
}

func TestRefusalsAreErrors(t *testing.T) {
	var err error = refuse("no %d", 1)
	if refusal := (*Refusal)(nil); !errors.As(err, &refusal) || refusal.Status != 400 || err.Error() != "no 1" {
		t.Errorf("%#v", err)
	}
	err = &Rejection{Code: CanisterReject, Message: "not now"}
	if err.Error() != "not now" {
		t.Errorf("%v", err)
	}
}
