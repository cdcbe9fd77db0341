package identity

import (
	"encoding/binary"

	"internetidentity/principal"
)

// What an identity does with its devices. Each change is authorized, stamps
// the device that was used, and is recorded. It runs before the change, so a
// device may remove itself.

// textPasskeyUsed is the error of a passkey that another identity has.
const textPasskeyUsed = "passkey with this public key is already used"

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

// usedElsewhere reports whether another identity has the passkey. One that
// this identity has is found by its own rule.
func (m *Message) usedElsewhere(n Number, d *Device) bool {
	owner, used := m.passkeyOwner(d)
	return used && owner != n
}

// AddDevice adds a device, which has not been used yet.
func (m *Message) AddDevice(n Number, d Device) error {
	a, err := m.activity(n)
	if err != nil {
		return err
	}
	if m.usedElsewhere(n, &d) {
		return trap("failed to add device: %s", textPasskeyUsed)
	}
	return m.addDevice(a, d)
}

func (m *Message) addDevice(a *Identity, d Device) error {
	d.LastUsage = nil
	if err := a.add(d); err != nil {
		return trap("failed to add device: %v", err)
	}
	m.save(a)
	m.audit(a.Number, &Change{Kind: ChangeAddDevice, Device: redact(&d)})
	return nil
}

// UpdateDevice overwrites all fields of a device but its key and its stamp.
func (m *Message) UpdateDevice(n Number, publicKey []byte, d Device) error {
	a, err := m.activity(n)
	if err != nil {
		return err
	}
	i := a.find(publicKey)
	if i < 0 {
		return trap("Could not find device to update, check device key")
	}
	before := a.Devices[i]
	d.LastUsage = before.LastUsage
	if err := a.modify(i, d, m.Caller); err != nil {
		return trap("failed to modify device: %v", err)
	}
	m.save(a)
	m.audit(n, &Change{Kind: ChangeUpdateDevice, Key: publicKey, Fields: difference(&before, &d)})
	return nil
}

// ReplaceDevice puts a new device in the place of an old one.
func (m *Message) ReplaceDevice(n Number, publicKey []byte, d Device) error {
	a, err := m.activity(n)
	if err != nil {
		return err
	}
	if m.usedElsewhere(n, &d) {
		return trap("failed to replace device: %s", textPasskeyUsed)
	}
	if _, err := a.remove(publicKey, m.Caller); err != nil {
		return trap("failed to replace device: %v", err)
	}
	d.LastUsage = nil
	if err := a.add(d); err != nil {
		return trap("failed to replace device: %v", err)
	}
	m.save(a)
	m.dropTempKeys(n, publicKey)
	m.audit(n, &Change{Kind: ChangeReplaceDevice, Key: publicKey, Device: redact(&d)})
	return nil
}

// RemoveDevice removes a device, the last one too.
func (m *Message) RemoveDevice(n Number, publicKey []byte) error {
	a, err := m.activity(n)
	if err != nil {
		return err
	}
	if _, err := a.remove(publicKey, m.Caller); err != nil {
		return trap("failed to remove device: %v", err)
	}
	m.save(a)
	m.dropTempKeys(n, publicKey)
	m.audit(n, &Change{Kind: ChangeRemoveDevice, Key: publicKey})
	return nil
}

// Info is all of an identity, for itself. The device that asks is stamped.
func (m *Message) Info(n Number) (*Identity, error) { return m.activity(n) }

// Devices are what anybody may know of an identity; none when there is no such
// identity.
func (m *Message) Devices(n Number) []Device {
	a := load(m.Table, n)
	if a == nil {
		return nil
	}
	return a.Devices
}

// LookupDeviceKey finds the identity and the public key of a credential.
func (m *Message) LookupDeviceKey(credentialID []byte) (Number, []byte, bool) {
	entry, ok := m.Table.Get(key(spaceCredential, credentialID))
	if !ok {
		return 0, nil, false
	}
	return Number(binary.BigEndian.Uint64(entry)), entry[8:], true
}

// LookupByRecoveryKey finds the identity that has a caller's plain key.
func (m *Message) LookupByRecoveryKey(p principal.Principal) (Number, bool) {
	entry, ok := m.Table.Get(key(spaceRecovery, p.Bytes()))
	if !ok {
		return 0, false
	}
	return Number(binary.BigEndian.Uint64(entry)), true
}
