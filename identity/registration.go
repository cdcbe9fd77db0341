package identity

import (
	"fmt"

	"internetidentity/principal"
)

// A registration takes three steps of one caller: start, perhaps a captcha,
// finish. Its flow lives five minutes from the start.

// NextStep is what a registration waits for: a captcha when PNG is set, else
// the finish.
type NextStep struct {
	// PNG of the captcha in base64.
	PNG string
}

// flow is what is kept between the steps.
type flow struct {
	start Time
	// solution of the captcha that is waited for; empty behind it.
	solution string
	png      string
}

func (f *flow) next() NextStep { return NextStep{PNG: f.png} }

func flowKey(p principal.Principal) []byte { return key(spaceFlow, p.Bytes()) }

// storedFlow is the caller's flow, also when its time is over.
func (m *Message) storedFlow() *flow {
	b, ok := m.Table.Get(flowKey(m.Caller))
	if !ok {
		return nil
	}
	r := openRecord(b)
	f := &flow{start: Time(r.uint()), solution: r.text(), png: r.text()}
	if r.done() != nil {
		return nil
	}
	return f
}

func (m *Message) flow() *flow {
	f := m.storedFlow()
	if f == nil || m.Now >= f.start+flowLife {
		return nil
	}
	return f
}

func (m *Message) saveFlow(f *flow) {
	w := newRecord()
	w.uint(uint64(f.start))
	w.text(f.solution)
	w.text(f.png)
	m.Table.Put(flowKey(m.Caller), w.b)
	m.Table.Put(key(spaceFlowAge, u64(uint64(f.start)), m.Caller.Bytes()), []byte{})
}

func (m *Message) deleteFlow(p []byte, start []byte) {
	m.Table.Delete(key(spaceFlow, p))
	m.Table.Delete(key(spaceFlowAge, start, p))
}

// pruneFlows forgets flows that have expired.
func (m *Message) pruneFlows() {
	for _, k := range m.expired(flowQueue, m.ago(flowLife)+1, maxFlowsPruned) {
		m.deleteFlow(k[9:], k[1:9])
	}
}

// StartRegistration begins.
func (m *Message) StartRegistration() (NextStep, error) {
	m.pruneFlows()
	if !m.takeToken() {
		return NextStep{}, ErrRateLimitExceeded
	}
	if m.Caller.IsAnonymous() {
		return NextStep{}, ErrInvalidCaller
	}
	if m.flow() != nil {
		return NextStep{}, ErrAlreadyInProgress
	}
	// Pruning is bounded, so a dead flow of the caller may still be there. Its
	// age would end the new one too soon.
	if dead := m.storedFlow(); dead != nil {
		m.deleteFlow(m.Caller.Bytes(), u64(uint64(dead.start)))
	}
	f := &flow{start: m.Now}
	if m.needsCaptcha() {
		f.solution, f.png = newCaptcha(m.Entropy)
	}
	m.saveFlow(f)
	return f.next(), nil
}

// CheckCaptcha takes a solution. A wrong one gives another captcha.
func (m *Message) CheckCaptcha(solution string) (NextStep, error) {
	m.pruneFlows()
	f := m.flow()
	if f == nil {
		return NextStep{}, ErrNoRegistrationFlow
	}
	if f.solution == "" {
		return NextStep{}, &UnexpectedCall{f.next()}
	}
	if !captchaMatches(f.solution, solution) {
		f.solution, f.png = newCaptcha(m.Entropy)
		m.saveFlow(f)
		return NextStep{}, &WrongSolution{f.png}
	}
	f.solution, f.png = "", ""
	m.saveFlow(f)
	return f.next(), nil
}

// FinishRegistration makes the identity. The caller acts as its method for ten
// minutes, so that the person is asked for the passkey only once. malformed is
// why the device cannot be read as one, or nil: what else is wrong comes first.
func (m *Message) FinishRegistration(d Device, malformed error, name *string) (Number, error) {
	m.pruneFlows()
	f := m.flow()
	if f == nil {
		return 0, ErrNoRegistrationFlow
	}
	if f.solution != "" {
		return 0, &UnexpectedCall{f.next()}
	}
	if _, used := m.passkeyOwner(&d); used {
		return 0, &InvalidAuthnMethod{textPasskeyUsed}
	}
	n, err := m.nextNumber()
	if err != nil {
		return 0, err
	}
	if name != nil && len(*name) > maxNameBytes {
		return 0, &StorageError{fmt.Sprintf("Name is too long: length %d, limit %d", len(*name), maxNameBytes)}
	}
	if malformed != nil {
		return 0, &InvalidAuthnMethod{malformed.Error()}
	}
	if err := m.create(n, d, name); err != nil {
		return 0, &InvalidAuthnMethod{err.Error()}
	}
	m.deleteFlow(m.Caller.Bytes(), u64(uint64(f.start)))
	m.addTempKey(n, m.Caller, d.PublicKey)
	return n, nil
}

// nextNumber is the number of the next identity.
func (m *Message) nextNumber() (Number, error) {
	n := m.Config.Lowest + Number(Count(m.Table))
	if n >= m.Config.End {
		return 0, ErrIdentityLimitReached
	}
	return n, nil
}

// create makes an identity with one device, which is used by that.
func (m *Message) create(n Number, d Device, name *string) error {
	now := m.Now
	d.LastUsage = nil
	a := &Identity{Number: n, Name: name, CreatedAt: &now}
	if err := a.add(d); err != nil {
		return err
	}
	adjust(m.Table, spaceMeta, nameIdentities, 1)
	m.stamp(&used{identity: a, device: 0})
	m.audit(n, &Change{Kind: ChangeRegister, Device: redact(&d)})
	m.recordRegistration()
	return nil
}
