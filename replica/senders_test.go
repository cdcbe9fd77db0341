package replica_test

import (
	"testing"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/replica"
)

func TestMemoryOfVerdictsIsBounded(t *testing.T) {
	const size = 100
	r := replica.NewRecent(size)
	for i := range 10 * size {
		r.Put(i, -i)
		if n := r.Len(); n > size {
			t.Fatalf("%d are remembered, limit %d", n, size)
		}
		if got, ok := r.Get(0); !ok || got != 0 {
			t.Fatalf("what is used all the time is forgotten after %d", i)
		}
		if got, ok := r.Get(i); !ok || got != -i {
			t.Fatalf("the youngest is not remembered: %d %v", got, ok)
		}
	}
	if _, ok := r.Get(1); ok {
		t.Error("the oldest is remembered for ever")
	}
}

// TestWhatIsRemembered: only senders who were right, and nothing great.
func TestWhatIsRemembered(t *testing.T) {
	r := newRig(t)
	chained := func(targets int) *ingress.Envelope {
		d := certificate.Delegation{PublicKey: person("session").PublicKey(), Expiration: begin + hour}
		for i := range targets {
			p, err := principal.FromBytes([]byte{byte(i), byte(i >> 8), 1, 1})
			if err != nil {
				t.Fatal(err)
			}
			d.Targets = append(d.Targets, p)
		}
		if targets > 0 {
			d.Targets[0] = self
		}
		signature, _ := person("ada").Sign(d.SignedBytes())
		e, err := ingress.Sign(r.query("ada", "whoami").Content, person("session"), person("ada").PublicKey(), []certificate.SignedDelegation{{Delegation: d, Signature: signature}})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	forged := r.query("ada", "whoami")
	forged.Signature = make([]byte, 64)
	for name, test := range map[string]struct {
		e    *ingress.Envelope
		want bool
	}{
		"a good sender":         {r.query("bob", "whoami"), true},
		"a good chain":          {chained(0), true},
		"a chain of one target": {chained(1), true},
		"a chain of 1000":       {chained(1000), false},
		"a forger":              {forged, false},
		"nobody":                {r.query("", "whoami"), false},
	} {
		_, err := r.Query(t.Context(), test.e)
		if (err == nil) != (name != "a forger") {
			t.Errorf("%s: %v", name, err)
		}
		if got := r.Remembers(test.e); got != test.want {
			t.Errorf("%s is remembered: %v, want %v", name, got, test.want)
		}
	}
}
