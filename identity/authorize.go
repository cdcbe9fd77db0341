package identity

import "internetidentity/principal"

// Who may act for an identity: the holder of one of its devices, or a
// temporary key that stands for one. A weaker check lets the session of a
// browser read the list of accounts.

// used is the device that a caller acted with.
type used struct {
	identity *Identity
	device   int
}

// authorize finds the device that the caller is, or acts for, and fails when
// there is none. An identity that does not exist ends the message.
func (m *Message) authorize(n Number) (*used, error) {
	a, err := m.mustLoad(n)
	if err != nil {
		return nil, err
	}
	temporary := m.tempKeyDevice(n)
	for i := range a.Devices {
		d := &a.Devices[i]
		if d.Principal() == m.Caller || temporary != nil && string(temporary) == string(d.PublicKey) {
			return &used{a, i}, nil
		}
	}
	return nil, &Unauthorized{m.Caller}
}

func (m *Message) mustLoad(n Number) (*Identity, error) {
	if n < m.Config.Lowest || n >= m.Config.End {
		return nil, trap("failed to read device data of user %d: Identity Anchor %d is out of range [%d, %d)", n, n, m.Config.Lowest, m.Config.End)
	}
	a := load(m.Table, n)
	if a == nil {
		return nil, trap("failed to read device data of user %d: bad Identity Anchor %d", n, n)
	}
	return a, nil
}

// authorizeReader lets the session of a browser in too.
func (m *Message) authorizeReader(n Number) error {
	_, err := m.authorize(n)
	if _, refused := err.(*Unauthorized); refused && m.Caller == m.sessionPrincipal(n) {
		return nil
	}
	return err
}

// activity authorizes the caller, counts the identity as active, and stamps
// the device that was used.
func (m *Message) activity(n Number) (*Identity, error) {
	u, err := m.authorize(n)
	if err != nil {
		return nil, err
	}
	m.stamp(u)
	return u.identity, nil
}

// stamp counts an activity, for which the last one must still be seen, and
// then writes the new one down.
func (m *Message) stamp(u *used) {
	m.countActivity(u)
	now := m.Now
	u.identity.Devices[u.device].LastUsage = &now
	m.save(u.identity)
}

// sessionPrincipal is who a browser's session of an identity is; while there is
// no salt, the management canister, which calls nobody.
func (m *Message) sessionPrincipal(n Number) principal.Principal {
	s, ok := salt(m.Table)
	if !ok {
		return principal.Management()
	}
	return m.canisterKey(sessionSeed(s, n)).Principal()
}
