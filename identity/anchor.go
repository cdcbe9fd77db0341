package identity

import (
	"encoding/binary"
	"slices"

	"internetidentity/table"
)

// Identity is what is kept of one identity.
type Identity struct {
	Number    Number
	Name      *string
	CreatedAt *Time
	Devices   []Device
	Metadata  Metadata

	// stored are the devices as they stand in the table.
	stored []Device
}

// check holds the rules of all devices together.
func (a *Identity) check() error {
	if len(a.Devices) > maxDevices {
		return trap("Anchor device limit exceeded: num devices %d, limit %d", len(a.Devices), maxDevices)
	}
	if bytes := a.variableBytes(); bytes > maxVariableBytes {
		return trap("Cumulative size of variable sized fields exceeds limit: length %d, limit %d.", bytes, maxVariableBytes)
	}
	phrases := 0
	for i := range a.Devices {
		if a.Devices[i].KeyType == KeySeedPhrase {
			phrases++
		}
	}
	if phrases > 1 {
		return trap("There is already a recovery phrase and only one is allowed.")
	}
	return nil
}

// variableBytes is the length of everything that people choose.
func (a *Identity) variableBytes() int {
	bytes := a.Metadata.size()
	for i := range a.Devices {
		bytes += a.Devices[i].variableBytes()
	}
	return bytes
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
	a.stored = slices.Clone(a.Devices)
	return a
}

// save writes an identity and brings the indices up to date.
func (m *Message) save(a *Identity) {
	m.Table.Put(key(spaceIdentity, u64(uint64(a.Number))), a.encode())
	m.updateIndices(a.Number, a.stored, a.Devices)
	a.stored = slices.Clone(a.Devices)
}

// updateIndices keeps three indices: credential ids, principals of passkeys,
// and principals of recovery keys. The first owner of an entry keeps it.
func (m *Message) updateIndices(n Number, before, after []Device) {
	same := func(d Device) func(Device) bool {
		return func(e Device) bool {
			return string(d.PublicKey) == string(e.PublicKey) && string(d.CredentialID) == string(e.CredentialID) && (d.CredentialID == nil) == (e.CredentialID == nil)
		}
	}
	// Two devices of one identity may share a credential id, and so an entry:
	// when the one that it names is gone, it is the other's.
	freed := map[string]bool{}
	for _, d := range before {
		if slices.ContainsFunc(after, same(d)) {
			continue
		}
		for _, k := range indexKeys(&d) {
			if owner, ok := m.Table.Get(k); ok && Number(binary.BigEndian.Uint64(owner)) == n {
				m.Table.Delete(k)
				freed[string(k)] = true
			}
		}
	}
	for _, d := range after {
		known := slices.ContainsFunc(before, same(d))
		for _, k := range indexKeys(&d) {
			if known && !freed[string(k)] {
				continue
			}
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

// Count is the number of identities.
func Count(r table.Reader) uint64 { return counter(r, spaceMeta, nameIdentities) }
