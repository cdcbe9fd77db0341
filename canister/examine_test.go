package canister_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"internetidentity/identity"
)

// healthy wants an examination to find nothing, whatever has happened.
func (s *stage) healthy() {
	s.t.Helper()
	if s.canister == nil {
		return
	}
	if found := identity.Examine(s.table); found.Found > 0 {
		s.t.Errorf("an examination finds:\n%s", strings.Join(found.Problems, "\n"))
	}
}

// TestExaminationFindsDamage: each kind of damage to a state that was in order.
func TestExaminationFindsDamage(t *testing.T) {
	for _, damage := range []struct {
		name   string
		damage func(*stage)
		want   string
	}{
		{"a byte of an identity", func(s *stage) { s.change(0x21, func(v []byte) []byte { return v[:len(v)-1] }) }, "identity 10000 is damaged"},
		{"an identity that is gone", func(s *stage) { s.drop(0x21) }, "does not exist"},
		{"a passkey that leads to another", func(s *stage) {
			s.change(0x22, func(v []byte) []byte { return append(binary.BigEndian.AppendUint64(nil, 10_001), v[8:]...) })
		}, "which does not have it"},
		{"an entry that leads nowhere", func(s *stage) { s.change(0x23, func([]byte) []byte { return nil }) }, "leads nowhere"},
		{"a list of accounts", func(s *stage) { s.change(0x26, func(v []byte) []byte { return v[:2] }) }, "at \"https://a.example\" are damaged"},
		{"the counts of accounts", func(s *stage) { s.drop(0x2a) }, "its counts say 0 and 0"},
		{"an app", func(s *stage) { s.drop(0x27) }, "are listed"},
		{"an entry of a history", func(s *stage) { s.drop(0x25) }, "entries in histories, and the counter says"},
		{"an event", func(s *stage) { s.change(0x2b, func(v []byte) []byte { return v[:1] }) }, "for statistics is damaged"},
		{"a counter", func(s *stage) { s.table.Put(append([]byte{0x20}, "identities"...), make([]byte, 8)) }, "there are 2 identities, and the counter says 0"},
		{"the salt", func(s *stage) { s.table.Put(append([]byte{0x20}, "salt"...), []byte("short")) }, "the salt has 5 bytes"},
	} {
		t.Run(damage.name, func(t *testing.T) {
			s := newStage(t)
			for _, command := range []string{
				"register ada", "register bob",
				`ada: create_account (10000, "https://a.example", "Work")`,
				`ada: prepare_account_delegation (10000, "https://a.example", null, key(app), null, null)`,
			} {
				s.must(command)
			}
			s.healthy()
			damage.damage(s)
			found := identity.Examine(s.table)
			if !slices.ContainsFunc(found.Problems, func(p string) bool { return strings.Contains(p, damage.want) }) {
				t.Errorf("%d problems, none with %q: %q", found.Found, damage.want, found.Problems)
			}
		})
	}
}

// TestUnlistedMethodsAreCounted: an entry that is gone is no damage, and told.
func TestUnlistedMethodsAreCounted(t *testing.T) {
	s := newStage(t)
	s.must("register ada")
	if found := identity.Examine(s.table); found.Unlisted != 0 {
		t.Errorf("%d entries are missing", found.Unlisted)
	}
	s.drop(0x22)
	if found := identity.Examine(s.table); found.Unlisted != 1 || found.Found != 0 {
		t.Errorf("%d entries are missing, %d problems: %q", found.Unlisted, found.Found, found.Problems)
	}
}

// first is the first record of a space.
func (s *stage) first(space byte) (key, value []byte) {
	s.t.Helper()
	for key, value := range s.table.Ascend([]byte{space}, []byte{space + 1}) {
		return slices.Clone(key), slices.Clone(value)
	}
	s.t.Fatalf("space %#x is empty", space)
	return nil, nil
}

func (s *stage) change(space byte, change func([]byte) []byte) {
	key, value := s.first(space)
	s.table.Put(key, change(value))
}

func (s *stage) drop(space byte) {
	key, _ := s.first(space)
	s.table.Delete(key)
}
