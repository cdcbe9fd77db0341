package demo

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestChallengeIsGoodOnce(t *testing.T) {
	s := newService()
	a := newApp(t, s)
	request := good(t, a, s)
	if w := a.send(t, request); w.Code != http.StatusOK {
		t.Fatalf("answered %d %s", w.Code, w.Body)
	}
	wantRefusal(t, a.send(t, request), http.StatusUnauthorized, "used or too old")
}

// A challenge that was answered wrongly is used up too: nobody tries twice.
func TestChallengeIsGoodForOneTry(t *testing.T) {
	s := newService()
	a := newApp(t, s)
	request := good(t, a, s)
	right := request.Signature
	request.Signature = prove(newKey(9), request.Challenge)
	wantRefusal(t, a.send(t, request), http.StatusUnauthorized, "did not sign the challenge")
	request.Signature = right
	wantRefusal(t, a.send(t, request), http.StatusUnauthorized, "used or too old")
}

func TestChallengeIsOurs(t *testing.T) {
	s := newService()
	a := newApp(t, s)
	for _, challenge := range []string{"", "00", "zz", "abababababababababababababababababababababababababababababababab"} {
		request := good(t, a, s)
		request.Challenge = challenge
		wantRefusal(t, a.send(t, request), http.StatusUnauthorized, "used or too old")
	}
}

func TestChallengeEnds(t *testing.T) {
	s := newService()
	a := newApp(t, s)
	early, late := good(t, a, s), good(t, a, s)
	a.now = start.Add(challengeLife - time.Nanosecond)
	if w := a.send(t, early); w.Code != http.StatusOK {
		t.Errorf("a moment before its end it is refused: %s", w.Body)
	}
	a.now = start.Add(challengeLife)
	wantRefusal(t, a.send(t, late), http.StatusUnauthorized, "used or too old")
}

func TestChallengesDiffer(t *testing.T) {
	c := newChallenges(time.Now)
	var all []string
	for range 1000 {
		all = append(all, c.issue())
	}
	slices.Sort(all)
	if len(slices.Compact(all)) != 1000 {
		t.Error("a challenge was issued twice")
	}
}

// Strangers may ask for as many as they like: the memory is bounded, and those
// who answer at once still can.
func TestChallengesAreBounded(t *testing.T) {
	c := newChallenges(func() time.Time { return start })
	first := c.issue()
	for range maxChallenges - 1 {
		c.issue()
	}
	if len(c.until) != maxChallenges {
		t.Errorf("%d challenges are kept, want %d", len(c.until), maxChallenges)
	}
	last := c.issue()
	for i := range 3 * maxChallenges {
		challenge := c.issue()
		if i%2 == 0 && !c.take(challenge) {
			t.Fatal("a fresh challenge is not taken")
		}
		if len(c.until) > maxChallenges {
			t.Fatalf("%d challenges are kept, the limit is %d", len(c.until), maxChallenges)
		}
	}
	if c.take(first) || c.take(last) {
		t.Error("the oldest did not give way")
	}
}
