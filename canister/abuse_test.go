package canister_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// nested is metadata of a depth, in the words of a version's interface.
func nested(depth int, asMap, asText string) string {
	v := fmt.Sprintf(`variant { %s = "x" }`, asText)
	for range depth {
		v = fmt.Sprintf(`variant { %s = vec { record { "k"; %s } } }`, asMap, v)
	}
	return v
}

// TestOfferedDeviceIsReadAgain: what a stranger offers is stored, and read by
// everybody who comes later. A record that cannot be read stops the service.
func TestOfferedDeviceIsReadAgain(t *testing.T) {
	offers := map[string]func(depth int) string{
		"first version": func(depth int) string {
			return fmt.Sprintf(`stranger: add_tentative_device (10000, record { pubkey = blob "x"; alias = ""; purpose = variant { authentication };
				key_type = variant { unknown }; protection = variant { unprotected }; metadata = opt vec { record { "k"; %s } } })`,
				nested(depth, "map", "string"))
		},
		"second version": func(depth int) string {
			return fmt.Sprintf(`stranger: authn_method_register (10000, record { authn_method = variant { PubKey = record { pubkey = blob "x" } };
				security_settings = record { protection = variant { Unprotected }; purpose = variant { Authentication } };
				metadata = vec { record { "k"; %s } } })`, nested(depth, "Map", "String"))
		},
	}
	for version, offer := range offers {
		for depth := range 24 {
			s := newStage(t)
			s.must("register ada")
			s.must("ada: authn_method_registration_mode_enter (10000, null)")
			answer := s.must(strings.ReplaceAll(offer(depth), "\n", " "))
			if depth < 2 && strings.HasPrefix(answer, "trap") {
				t.Errorf("%s: harmless metadata was refused: %s", version, answer)
			}
			if depth > 20 && !strings.HasPrefix(answer, "trap") {
				t.Errorf("%s: metadata %d deep was taken: %s", version, depth, answer)
			}
			// Both read the mode: who asks about it, and who closes old ones.
			s.must("ada: identity_info (10000)")
			s.now += uint64(16 * time.Minute)
			s.must("other: authn_method_session_register (10001)")
		}
	}
}

// TestModesOfOneBlockAllEnd: calls of one block have one time, and their modes
// any order. All of them end, or the limit is reached for ever.
func TestModesOfOneBlockAllEnd(t *testing.T) {
	s := newStage(t)
	s.must("register ada")
	s.must("register bob")
	// This walks over the queue before it has anything of this time.
	s.must("other: authn_method_session_register (10001)")
	s.now += uint64(500 * time.Millisecond)
	s.must(`bob: authn_method_registration_mode_enter (10001, opt "bbbbb")`)
	s.must(`ada: authn_method_registration_mode_enter (10000, opt "aaaaa")`)
	s.now += uint64(2 * time.Hour)
	s.must("other: authn_method_session_register (10001)")
	const gauges = "metrics users_in_registration_mode"
	empty := newStage(t)
	empty.must("register ada")
	if got, want := s.must(gauges), empty.must(gauges); got != want {
		t.Errorf("long after two modes ended: %s, want %s", got, want)
	}
}

// TestRefusalsDoNotRepeatAllThatWasSent: their text is written out before
// anybody looks at its length, and kept in the state.
func TestRefusalsDoNotRepeatAllThatWasSent(t *testing.T) {
	s := newStage(t)
	s.must("register ada")
	for call, want := range map[string]string{
		`ada: remove (10000, bytes(60000))`:                             "trap: failed to remove device: Device with key 7878",
		`ada: replace (10000, bytes(60000), device(bob))`:               "trap: failed to replace device: Device with key 7878",
		`ada: authn_method_add (10000, method(bytes(60000)))`:           "Invalid metadata type for key 'alias': expected string, got value Bytes([120, 120, ",
		`stranger: authn_method_register (10000, method(bytes(60000)))`: "Invalid metadata type for key 'alias': expected string, got value Bytes([120, 120, ",
	} {
		call = strings.NewReplacer("method(", `record { authn_method = variant { PubKey = record { pubkey = blob "x" } };
			security_settings = record { protection = variant { Unprotected }; purpose = variant { Authentication } };
			metadata = vec { record { "alias"; variant { Bytes = `, "000)))", "000) } } } })", "\n", " ").Replace(call)
		answer := s.must(call)
		if !strings.Contains(answer, want) || len(answer) > 1000 {
			t.Errorf("%.40s: %d bytes, %.200s", call, len(answer), answer)
		}
	}
}
