package identity

import (
	"encoding/binary"
	"slices"

	"internetidentity/principal"
	"internetidentity/table"
)

// The record of what was changed: append-only, numbered without gaps, with
// names left out. Each identity's entries stand together, and only the
// identity itself reads them.

// ChangeKind is what was done. The numbers are stored and never reused.
type ChangeKind uint8

// The kinds, in the order of their numbers.
const (
	ChangeRegister ChangeKind = iota + 1
	ChangeAddDevice
	ChangeRemoveDevice
	ChangeUpdateDevice
	ChangeReplaceDevice
	ChangeMetadata
	ChangeAddName
	ChangeUpdateName
	ChangeRemoveName
	ChangeCreateAccount
	ChangeUpdateAccount
	ChangeSetDefaultAccount
	lastChange = ChangeSetDefaultAccount
)

// Change is one entry without its circumstances. Which fields are set follows
// from the kind.
type Change struct {
	Kind ChangeKind
	// Key of the device that was changed, replaced or removed.
	Key []byte
	// Device that was added, without its alias and the values of its metadata.
	Device *Device
	// Fields are those of a device that were changed.
	Fields *DeviceChange
	// Keys of metadata.
	Keys []string
	// Named: an account was given another name.
	Named bool
}

// DeviceChange tells what was changed of a device; nil is what was not.
type DeviceChange struct {
	Alias        bool
	CredentialID *[]byte
	Purpose      *Purpose
	KeyType      *KeyType
	Protected    *bool
	Origin       *string
	Metadata     *[]string // keys
}

// Entry is one change with its circumstances.
type Entry struct {
	// Sequence counts the changes of all identities, from 0.
	Sequence uint64
	Time     Time
	// Caller is who did it; it may have been a temporary key.
	Caller principal.Principal
	Change Change
}

// audit records a change.
func (m *Message) audit(n Number, c *Change) {
	sequence := counter(m.Table, spaceMeta, nameAudit)
	setCounter(m.Table, spaceMeta, nameAudit, sequence+1)
	w := newRecord()
	w.uint(uint64(m.Now))
	w.bytes(m.Caller.Bytes())
	w.change(c)
	m.Table.Put(key(spaceAudit, u64(uint64(n)), u64(sequence)), w.b)
	adjust(m.Table, spaceVolatile, nameOperations, 1)
}

// Activity are entries of an identity, newest first: those before a sequence
// number, or the newest ones when it is nil. more says that there are older
// ones.
func (m *Message) Activity(n Number, before *uint64, limit int) (entries []Entry, more bool, err error) {
	if _, err := m.authorize(n); err != nil {
		return nil, false, err
	}
	end := key(spaceAudit, u64(uint64(n)+1))
	if before != nil {
		end = key(spaceAudit, u64(uint64(n)), u64(*before))
	}
	limit = min(max(limit, 1), maxActivityEntries)
	for k, value := range m.Table.Descend(key(spaceAudit, u64(uint64(n))), end) {
		if len(entries) == limit {
			return entries, true, nil
		}
		e, err := decodeEntry(value)
		if err != nil {
			panic(&table.Fault{Err: err})
		}
		e.Sequence = binary.BigEndian.Uint64(k[9:])
		entries = append(entries, e)
	}
	return entries, false, nil
}

func decodeEntry(b []byte) (Entry, error) {
	r := openRecord(b)
	e := Entry{Time: Time(r.uint())}
	caller, err := principal.FromBytes(r.bytes())
	if err != nil {
		return e, err
	}
	e.Caller = caller
	e.Change = r.change()
	return e, r.done()
}

// redact is a device as it may be recorded: without its name and without the
// values of its metadata.
func redact(d *Device) *Device {
	redacted := *d
	redacted.Alias, redacted.AAGUID, redacted.LastUsage, redacted.Metadata = "", nil, nil, nil
	if d.Metadata != nil {
		redacted.Metadata = Metadata{}
	}
	for _, e := range d.Metadata {
		empty := ""
		redacted.Metadata = append(redacted.Metadata, MetadataEntry{Key: e.Key, String: &empty})
	}
	return &redacted
}

func metadataKeys(metadata Metadata) []string {
	keys := make([]string, len(metadata))
	for i, e := range metadata {
		keys[i] = e.Key
	}
	slices.Sort(keys)
	return keys
}

// difference tells which fields of a device were changed.
func difference(before, after *Device) *DeviceChange {
	c := &DeviceChange{Alias: before.Alias != after.Alias}
	if string(before.CredentialID) != string(after.CredentialID) || (before.CredentialID == nil) != (after.CredentialID == nil) {
		id := append([]byte{}, after.CredentialID...)
		c.CredentialID = &id
	}
	if before.Purpose != after.Purpose {
		c.Purpose = &after.Purpose
	}
	if before.KeyType != after.KeyType {
		c.KeyType = &after.KeyType
	}
	if before.Protected != after.Protected {
		c.Protected = &after.Protected
	}
	if text(before.Origin) != text(after.Origin) {
		origin := text(after.Origin)
		c.Origin = &origin
	}
	was, is := newRecord(), newRecord()
	was.metadata(before.Metadata)
	is.metadata(after.Metadata)
	if string(was.b) != string(is.b) {
		keys := metadataKeys(after.Metadata)
		c.Metadata = &keys
	}
	return c
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
