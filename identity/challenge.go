package identity

import (
	"internetidentity/principal"
)

// The registration of the v1 interface: a captcha first, then everything at
// once.

// Challenge is a captcha and the key under which its solution is kept.
type Challenge struct {
	Key string
	PNG string
}

func challengeKey(name string) []byte { return key(spaceChallenge, []byte(name)) }

// CreateChallenge makes a captcha.
func (m *Message) CreateChallenge() (*Challenge, error) {
	m.pruneChallenges()
	if counter(m.Table, spaceVolatile, nameChallenges) >= m.Config.Captcha.MaxUnsolved {
		return nil, trap("too many inflight captchas")
	}
	name, ok := m.challengeName()
	if !ok {
		return nil, trap("Could not find a new challenge key")
	}
	solution, png := newCaptcha(m.Entropy)
	w := newRecord()
	w.uint(uint64(m.Now))
	w.text(solution)
	m.Table.Put(challengeKey(name), w.b)
	m.Table.Put(key(spaceChallengeAge, u64(uint64(m.Now)), []byte(name)), []byte{})
	adjust(m.Table, spaceVolatile, nameChallenges, 1)
	return &Challenge{name, png}, nil
}

// challengeName draws ten letters from a to y that are not taken.
func (m *Message) challengeName() (string, bool) {
	const tries, length, letters = 10, 10, 25
	for range tries {
		name := make([]byte, length)
		for i := range name {
			name[i] = 'a' + byte(m.Entropy.Below(letters))
		}
		if _, taken := m.Table.Get(challengeKey(string(name))); !taken {
			return string(name), true
		}
	}
	return "", false
}

// pruneChallenges forgets captchas that are too old.
func (m *Message) pruneChallenges() {
	for _, k := range m.expired(challengeQueue, m.ago(challengeLife)+1, maxChallengesPruned) {
		m.takeChallenge(string(k[9:]))
	}
}

// takeChallenge removes a captcha and returns its solution.
func (m *Message) takeChallenge(name string) (solution string, ok bool) {
	b, ok := m.Table.Get(challengeKey(name))
	if !ok {
		return "", false
	}
	r := openRecord(b)
	created := r.uint()
	solution = r.text()
	m.Table.Delete(challengeKey(name))
	m.Table.Delete(key(spaceChallengeAge, u64(created), []byte(name)))
	adjust(m.Table, spaceVolatile, nameChallenges, -1)
	return solution, r.done() == nil && Time(created)+challengeLife > m.Now
}

// RegisterDevice makes an identity. The caller must be the device, or the
// temporary key, which then acts for it. A captcha is used up by one try.
func (m *Message) RegisterDevice(d Device, challenge, chars string, temporary *principal.Principal) (Number, error) {
	if !m.takeToken() {
		return 0, trap("rate limit reached, try again later")
	}
	solution, ok := m.takeChallenge(challenge)
	if m.Config.Captcha.Trigger != CaptchaDisabled && (!ok || !captchaMatches(solution, chars)) {
		return 0, ErrBadChallenge
	}
	device := d.Principal()
	if temporary != nil && *temporary == device {
		return 0, trap("temp_key and device key must not be equal")
	}
	if temporary != nil && temporary.IsAnonymous() {
		return 0, trap("temp_key must not be anonymous")
	}
	if m.Caller != device && (temporary == nil || m.Caller != *temporary) {
		return 0, trap("%s could not be authenticated against %s", m.Caller, device)
	}
	n, err := m.nextNumber()
	if err != nil {
		return 0, err
	}
	if err := m.create(n, d, nil); err != nil {
		return 0, trap("failed to register anchor %d: %v", n, err)
	}
	if temporary != nil {
		m.addTempKey(n, *temporary, d.PublicKey)
	}
	return n, nil
}
