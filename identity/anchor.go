package identity

import (
	"encoding/binary"
	"slices"

	"internetidentity/principal"
	"internetidentity/table"
)

// Identity is what is kept of one identity.
type Identity struct {
	Number    Number
	Name      *string
	CreatedAt *Time
	Devices   []Device
	Metadata  Metadata
}

// check holds the rules of all devices together.
func (a *Identity) check() error {
	if len(a.Devices) > maxDevices {
		return trap("Anchor device limit exceeded: num devices %d, limit %d", len(a.Devices), maxDevices)
	}
	bytes, phrases := a.Metadata.size(), 0
	for i := range a.Devices {
		bytes += a.Devices[i].variableBytes()
		if a.Devices[i].KeyType == KeySeedPhrase {
			phrases++
		}
	}
	if bytes > maxVariableBytes {
		return trap("Cumulative size of variable sized fields exceeds limit: length %d, limit %d.", bytes, maxVariableBytes)
	}
	if phrases > 1 {
		return trap("There is already a recovery phrase and only one is allowed.")
	}
	return nil
}

func (a *Identity) encode() []byte {
	w := newRecord()
	w.optText(a.Name)
	w.optTime(a.CreatedAt)
	w.uint(uint64(len(a.Devices)))
	for i := range a.Devices {
		w.device(&a.Devices[i])
	}
	w.metadata(a.Metadata)
	return w.b
}

func decodeIdentity(n Number, b []byte) (*Identity, error) {
	r := openRecord(b)
	a := &Identity{Number: n, Name: r.optText(), CreatedAt: r.optTime()}
	for range r.count() {
		a.Devices = append(a.Devices, r.device())
		if r.err != nil {
			break
		}
	}
	a.Metadata = r.metadata(0)
	return a, r.done()
}

// load reads an identity; nil when there is none with that number.
func load(r table.Reader, n Number) *Identity {
	b, ok := r.Get(key(spaceIdentity, u64(uint64(n))))
	if !ok {
		return nil
	}
	a, err := decodeIdentity(n, b)
	if err != nil {
		// Our own record does not decode: the state is not what we wrote.
		panic(&table.Fault{Err: err})
	}
	return a
}

// save writes an identity and brings the indices up to date.
func (m *Message) save(a *Identity) {
	var before []Device
	if old := load(m.Table, a.Number); old != nil {
		before = old.Devices
	}
	m.Table.Put(key(spaceIdentity, u64(uint64(a.Number))), a.encode())
	m.updateIndices(a.Number, before, a.Devices)
}

// updateIndices keeps three indices: credential ids, principals of passkeys,
// and principals of recovery keys. The first owner of an entry keeps it.
func (m *Message) updateIndices(n Number, before, after []Device) {
	same := func(d Device) func(Device) bool {
		return func(e Device) bool {
			return string(d.PublicKey) == string(e.PublicKey) && string(d.CredentialID) == string(e.CredentialID) && (d.CredentialID == nil) == (e.CredentialID == nil)
		}
	}
	for _, d := range before {
		if slices.ContainsFunc(after, same(d)) {
			continue
		}
		for _, k := range indexKeys(&d) {
			if owner, ok := m.Table.Get(k); ok && Number(binary.BigEndian.Uint64(owner)) == n {
				m.Table.Delete(k)
			}
		}
	}
	for _, d := range after {
		if slices.ContainsFunc(before, same(d)) {
			continue
		}
		for _, k := range indexKeys(&d) {
			if _, taken := m.Table.Get(k); taken {
				continue
			}
			m.Table.Put(k, append(u64(uint64(n)), d.PublicKey...))
		}
	}
}

// indexKeys are the entries of a device. Every entry begins with the number.
func indexKeys(d *Device) [][]byte {
	id := d.Principal().Bytes()
	if d.CredentialID == nil {
		return [][]byte{key(spaceRecovery, id)}
	}
	return [][]byte{key(spaceCredential, d.CredentialID), key(spacePasskey, id)}
}

// passkeyOwner is the identity that has a passkey.
func (m *Message) passkeyOwner(d *Device) (Number, bool) {
	if d.CredentialID == nil {
		return 0, false
	}
	owner, ok := m.Table.Get(key(spacePasskey, d.Principal().Bytes()))
	if !ok {
		return 0, false
	}
	return Number(binary.BigEndian.Uint64(owner)), true
}

// textPasskeyUsed is the error of a passkey that another identity has.
const textPasskeyUsed = "passkey with this public key is already used"

// authorize finds the device that the caller is, or acts for, and fails when
// there is none.
func (m *Message) authorize(n Number) (*Identity, int, error) {
	if n < m.Config.Lowest || n >= m.Config.End {
		return nil, 0, trap("failed to read device data of user %d: Identity Anchor %d is out of range [%d, %d)", n, n, m.Config.Lowest, m.Config.End)
	}
	a := load(m.Table, n)
	if a == nil {
		return nil, 0, trap("failed to read device data of user %d: bad Identity Anchor %d", n, n)
	}
	temporary := m.tempKeyDevice(n)
	for i := range a.Devices {
		d := &a.Devices[i]
		if d.Principal() == m.Caller || temporary != nil && string(temporary) == string(d.PublicKey) {
			return a, i, nil
		}
	}
	return nil, 0, &Unauthorized{m.Caller}
}

// activity authorizes the caller and stamps the device that was used.
func (m *Message) activity(n Number) (*Identity, error) {
	a, i, err := m.authorize(n)
	if err != nil {
		return nil, err
	}
	now := m.Now
	a.Devices[i].LastUsage = &now
	m.save(a)
	return a, nil
}

// Count is the number of identities.
func Count(r table.Reader) uint64 { return counter(r, spaceMeta, nameIdentities) }

// AuthnInfo is what anybody may know of an identity: its devices, or none.
func (m *Message) AuthnInfo(n Number) []Device {
	a := load(m.Table, n)
	if a == nil {
		return nil
	}
	return a.Devices
}

// Info is all of an identity, for itself. The device that asks is stamped.
func (m *Message) Info(n Number) (*Identity, error) { return m.activity(n) }

// LookupDeviceKey finds the identity of a credential.
func (m *Message) LookupDeviceKey(credentialID []byte) (Number, []byte, bool) {
	entry, ok := m.Table.Get(key(spaceCredential, credentialID))
	if !ok {
		return 0, nil, false
	}
	return Number(binary.BigEndian.Uint64(entry)), entry[8:], true
}

// AddDevice adds an authentication method.
func (m *Message) AddDevice(n Number, d Device) error {
	a, err := m.activity(n)
	if err != nil {
		return err
	}
	if owner, used := m.passkeyOwner(&d); used && owner != n {
		return trap("failed to add device: %s", textPasskeyUsed)
	}
	d.LastUsage = nil
	if err := a.add(d); err != nil {
		return trap("failed to add device: %v", err)
	}
	m.save(a)
	m.audit(n, auditAddDevice, func(w *writer) { w.auditDevice(&d) })
	return nil
}

// RemoveDevice removes an authentication method, the last one too.
func (m *Message) RemoveDevice(n Number, publicKey []byte) error {
	a, err := m.activity(n)
	if err != nil {
		return err
	}
	d, err := a.remove(publicKey, m.Caller)
	if err != nil {
		return trap("failed to remove device: %v", err)
	}
	m.save(a)
	m.dropTempKeys(n, d.PublicKey)
	m.audit(n, auditRemoveDevice, func(w *writer) { w.bytes(publicKey) })
	return nil
}

// LookupByRecoveryKey finds the identity that has a caller's plain key.
func (m *Message) LookupByRecoveryKey(p principal.Principal) (Number, bool) {
	entry, ok := m.Table.Get(key(spaceRecovery, p.Bytes()))
	if !ok {
		return 0, false
	}
	return Number(binary.BigEndian.Uint64(entry)), true
}
