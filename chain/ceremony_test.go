package chain

import "testing"

// TestCeremonyGoesOnWithoutOne: a machine that never speaks is left out after
// the time of each phase, and the others have their keys and their service.
func TestCeremonyGoesOnWithoutOne(t *testing.T) {
	s := newSim(t, 4)
	silent := s.list[3]
	for range 40 {
		if s.list[0].machine.team != nil {
			break
		}
		voice := silent.config.keys.Dealing
		silent.config.keys.Dealing = simKeys(77).Dealing // nobody's, so it has nothing to say
		s.now += phaseTime / 2
		s.block(int(s.height))
		silent.config.keys.Dealing = voice
	}
	team := s.list[0].machine.team
	if team == nil {
		t.Fatal("the ceremony does not end")
	}
	for i := range team.Members {
		if holds := team.keys.holds(i); holds != (i < 3) {
			t.Errorf("member %d holds shares: %v", i, holds)
		}
	}
	for range 6 {
		s.block(int(s.height))
	}
	e, tx := s.call(1, "whoami")
	s.pool = [][]byte{tx}
	s.block(3) // also the silent one may propose
	s.block(0)
	for _, m := range s.list {
		if got := s.outcome(m, e, 1); got != "replied" {
			t.Errorf("%s: the call ended with %q", m.name, got)
		}
	}
}
