package identity

import (
	"crypto/subtle"
	"encoding/binary"
	"fmt"
)

// The steps by which an identity takes another device in, in their order.

// EnterMode waits for another device, and says until when. The other device
// may find the identity by an id, which is optional. Entering again under the
// same id changes nothing.
func (m *Message) EnterMode(n Number, id *string) (Time, error) {
	if _, err := m.activity(n); err != nil {
		return 0, err
	}
	wanted := ""
	if id != nil {
		if err := checkModeID(*id); err != nil {
			return 0, err
		}
		wanted = *id
	}
	m.pruneModes()
	if counter(m.Table, spaceVolatile, nameModes) >= maxModes {
		return 0, &InternalError{"too many anchors in device registration mode"}
	}
	if o := m.mode(n); o != nil {
		if o.id != wanted {
			return 0, ErrAlreadyInProgress
		}
		return o.expiration, nil
	}
	// Somebody who learns the id must not be able to stand in for the identity
	// that waits under it.
	if _, taken := m.LookupByModeID(wanted); taken {
		return 0, ErrAlreadyInProgress
	}
	return m.openMode(n, wanted), nil
}

// Code is what the new device shows, and how long it counts.
type Code struct {
	Code       string
	Expiration Time
}

// OfferDevice offers a device, as anybody may.
func (m *Message) OfferDevice(n Number, d Device) (*Code, error) {
	return m.offer(n, func(o *mode) error {
		// What is stored must be readable, whoever offers it.
		if err := d.check(); err != nil {
			return err
		}
		if _, used := m.passkeyOwner(&d); used {
			return ErrPasskeyUsed
		}
		o.state, o.device = modeDevice, &d
		return nil
	})
}

// OfferSession offers the caller itself.
func (m *Message) OfferSession(n Number) (*Code, error) {
	if !m.Caller.IsSelfAuthenticating() {
		return nil, ErrNotSelfAuthenticating
	}
	return m.offer(n, func(o *mode) error {
		o.state, o.session = modeSession, m.Caller
		return nil
	})
}

func (m *Message) offer(n Number, fill func(*mode) error) (*Code, error) {
	m.pruneModes()
	o := m.mode(n)
	switch {
	case o == nil:
		return nil, ErrModeOff
	case o.state != modeActive:
		return nil, ErrModeBusy
	}
	if err := fill(o); err != nil {
		return nil, err
	}
	var random [4]byte
	m.Entropy.Read(random[:])
	o.code = fmt.Sprintf("%0*d", codeDigits, binary.BigEndian.Uint32(random[:])%1_000_000)
	o.attempts = codeAttempts
	m.saveMode(n, o)
	return &Code{o.code, o.expiration}, nil
}

// Confirm takes the code that the new device shows. A device is then added; a
// session may bring its device.
func (m *Message) Confirm(n Number, code string) error {
	u, err := m.authorize(n)
	if err != nil {
		return err
	}
	m.pruneModes()
	o := m.mode(n)
	switch {
	case o == nil:
		return ErrModeOff
	case o.state != modeDevice && o.state != modeSession:
		return ErrNothingToConfirm
	}
	if subtle.ConstantTimeCompare([]byte(o.code), []byte(code)) != 1 {
		o.attempts--
		if o.attempts == 0 {
			m.closeMode(n)
		} else {
			m.saveMode(n, o)
		}
		return &WrongCode{o.attempts}
	}
	if o.state == modeSession {
		o.state = modeSessionConfirmed
		m.saveMode(n, o)
		return nil
	}
	m.closeMode(n)
	m.stamp(u)
	if m.usedElsewhere(n, o.device) {
		return trap("failed to add device: %s", textPasskeyUsed)
	}
	return m.addDevice(u.identity, *o.device)
}

// SessionInfo is what a confirmed session may see of the identity that took it
// in; nil for everybody else.
func (m *Message) SessionInfo(n Number) *Identity {
	o := m.mode(n)
	if o == nil || o.state != modeSessionConfirmed || o.session != m.Caller {
		return nil
	}
	return load(m.Table, n)
}

// ExitMode stops waiting, and forgets what waits.
func (m *Message) ExitMode(n Number) error {
	if _, err := m.activity(n); err != nil {
		return err
	}
	m.pruneModes()
	m.closeMode(n)
	return nil
}

// ConfirmedSession reports whether an identity waits for the device of a
// session that it has confirmed.
func (m *Message) ConfirmedSession(n Number) bool {
	o := m.mode(n)
	return o != nil && o.state == modeSessionConfirmed
}

// ExitModeWithDevice is how a confirmed session brings its device, as which it
// then acts for ten minutes. malformed is why the device cannot be read as one,
// or nil.
func (m *Message) ExitModeWithDevice(n Number, d Device, malformed error) error {
	m.pruneModes()
	o := m.mode(n)
	switch {
	case o == nil || o.state != modeSessionConfirmed || o.session != m.Caller:
		return &Unauthorized{m.Caller}
	case malformed != nil:
		return malformed
	}
	if _, used := m.passkeyOwner(&d); used {
		return ErrPasskeyUsed
	}
	a, err := m.mustLoad(n)
	if err != nil {
		return err
	}
	if err := m.addDevice(a, d); err != nil {
		return err
	}
	m.addTempKey(n, m.Caller, d.PublicKey)
	m.closeMode(n)
	return nil
}
