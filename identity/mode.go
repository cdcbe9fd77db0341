package identity

import (
	"internetidentity/principal"
	"internetidentity/table"
)

// An identity that waits for another device is in registration mode: one of
// its devices has said so, and for a quarter of an hour anybody may offer a
// device or a session. The person then types on the old device the code that
// the new one shows, three times at most.
//
// A session that is confirmed may end the mode with a device of its own, which
// is how a new browser makes its passkey.

type modeState uint8

const (
	modeActive           modeState = iota
	modeDevice                     // a device is offered
	modeSession                    // a session is offered
	modeSessionConfirmed           // the session may bring its device
)

// mode is what is kept of an identity in registration mode.
type mode struct {
	expiration Time
	id         string // empty without
	state      modeState
	code       string
	attempts   uint8
	device     *Device
	session    principal.Principal
}

func modeKey(n Number) []byte { return key(spaceMode, u64(uint64(n))) }

// mode is the state of an identity's registration; nil when it is off.
func (m *Message) mode(n Number) *mode {
	o := m.readMode(n)
	if o == nil || m.Now >= o.expiration {
		return nil
	}
	return o
}

func (m *Message) readMode(n Number) *mode {
	b, ok := m.Table.Get(modeKey(n))
	if !ok {
		return nil
	}
	r := openRecord(b)
	o := &mode{expiration: Time(r.uint()), id: r.text(), state: modeState(r.uint()), code: r.text(), attempts: uint8(r.uint())}
	if r.flag() {
		d := r.device()
		o.device = &d
	}
	session, err := principal.FromBytes(r.bytes())
	o.session = session
	if err == nil {
		err = r.done()
	}
	if err != nil {
		panic(&table.Fault{Err: err})
	}
	return o
}

func (m *Message) saveMode(n Number, o *mode) {
	w := newRecord()
	w.uint(uint64(o.expiration))
	w.text(o.id)
	w.uint(uint64(o.state))
	w.text(o.code)
	w.uint(uint64(o.attempts))
	w.flag(o.device != nil)
	if o.device != nil {
		w.device(o.device)
	}
	w.bytes(o.session.Bytes())
	m.Table.Put(modeKey(n), w.b)
}

// openMode switches the mode on.
func (m *Message) openMode(n Number, id string) Time {
	o := &mode{expiration: m.Now + modeLife, id: id}
	m.saveMode(n, o)
	m.Table.Put(key(spaceModeAge, u64(uint64(o.expiration)), u64(uint64(n))), []byte{})
	adjust(m.Table, spaceVolatile, nameModes, 1)
	if id != "" {
		m.Table.Put(key(spaceModeID, []byte(id)), u64(uint64(n)))
		adjust(m.Table, spaceVolatile, nameModesWithID, 1)
	}
	return o.expiration
}

// closeMode switches the mode off, if it is on.
func (m *Message) closeMode(n Number) {
	o := m.readMode(n)
	if o == nil {
		return
	}
	m.Table.Delete(modeKey(n))
	m.Table.Delete(key(spaceModeAge, u64(uint64(o.expiration)), u64(uint64(n))))
	adjust(m.Table, spaceVolatile, nameModes, -1)
	if o.id == "" {
		return
	}
	adjust(m.Table, spaceVolatile, nameModesWithID, -1)
	// Another identity may have taken the id since.
	k := key(spaceModeID, []byte(o.id))
	if owner, ok := m.Table.Get(k); ok && Number(uint64FromKey(owner)) == n {
		m.Table.Delete(k)
	}
}

// pruneModes closes those whose time is over; there are maxModes at most.
func (m *Message) pruneModes() {
	for _, k := range m.expired(modeQueue, m.Now+1, maxModes) {
		m.closeMode(Number(uint64FromKey(k[9:])))
	}
}

// checkModeID refuses what cannot be a registration id.
func checkModeID(id string) error {
	if len(id) != modeIDLength {
		return &InvalidModeID{"RegistrationId must be exactly 5 characters"}
	}
	for _, c := range []byte(id) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return &InvalidModeID{"RegistrationId must only contain characters from base62 encoding (0-9, A-Z, a-z)"}
		}
	}
	return nil
}

// LookupByModeID finds the identity that waits under a registration id.
func (m *Message) LookupByModeID(id string) (Number, bool) {
	if checkModeID(id) != nil {
		return 0, false
	}
	owner, ok := m.Table.Get(key(spaceModeID, []byte(id)))
	if !ok {
		return 0, false
	}
	n := Number(uint64FromKey(owner))
	o := m.mode(n)
	return n, o != nil && o.id == id
}

// Waiting is what an identity knows of a device that waits for its
// confirmation.
type Waiting struct {
	Expiration Time
	// Device or Session is set.
	Device  *Device
	Session *principal.Principal
}

// WaitingFor is what waits for an identity's confirmation; nil is nothing.
func (m *Message) WaitingFor(n Number) *Waiting {
	o := m.mode(n)
	switch {
	case o == nil:
		return nil
	case o.state == modeDevice:
		return &Waiting{Expiration: o.expiration, Device: o.device}
	case o.state == modeSession:
		return &Waiting{Expiration: o.expiration, Session: &o.session}
	}
	return nil
}
