package identity

import (
	"encoding/binary"

	"internetidentity/principal"
)

// A temporary key is a principal that acts as one device for ten minutes: the
// session that registered it, so that a registration needs one prompt only.

func (m *Message) addTempKey(n Number, p principal.Principal, publicKey []byte) {
	m.pruneTempKeys()
	k := key(spaceTempKey, u64(uint64(n)), p.Bytes())
	if old, ok := m.Table.Get(k); ok {
		m.deleteTempKey(k, old)
	}
	expiry := u64(uint64(m.Now + tempKeyLife))
	m.Table.Put(k, append(expiry[:8:8], publicKey...))
	m.Table.Put(key(spaceTempKeyAge, expiry, k[1:]), []byte{})
	adjust(m.Table, spaceVolatile, nameTempKeys, 1)
}

// deleteTempKey removes a temporary key from both spaces.
func (m *Message) deleteTempKey(k, value []byte) {
	m.Table.Delete(k)
	m.Table.Delete(key(spaceTempKeyAge, value[:8], k[1:]))
	adjust(m.Table, spaceVolatile, nameTempKeys, -1)
}

// tempKeyDevice is the public key of the device that the caller acts for.
func (m *Message) tempKeyDevice(n Number) []byte {
	value, ok := m.Table.Get(key(spaceTempKey, u64(uint64(n)), m.Caller.Bytes()))
	if !ok || Time(binary.BigEndian.Uint64(value)) <= m.Now {
		return nil
	}
	return value[8:]
}

// dropTempKeys removes those of a device that is gone.
func (m *Message) dropTempKeys(n Number, publicKey []byte) {
	prefix := key(spaceTempKey, u64(uint64(n)))
	type entry struct{ key, value []byte }
	var gone []entry
	for k, value := range m.Table.Ascend(prefix, key(spaceTempKey, u64(uint64(n)+1))) {
		if string(value[8:]) == string(publicKey) {
			gone = append(gone, entry{append([]byte{}, k...), append([]byte{}, value...)})
		}
	}
	for _, e := range gone {
		m.deleteTempKey(e.key, e.value)
	}
}

func (m *Message) pruneTempKeys() {
	for _, k := range m.expired(tempKeyQueue, m.Now+1, maxPruned) {
		m.deleteTempKey(key(spaceTempKey, k[9:]), k[1:9])
	}
}
