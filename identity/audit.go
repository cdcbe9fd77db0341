package identity

import "encoding/binary"

// The record of what was changed: append-only, numbered without gaps, with
// names and secrets left out. Each identity's entries stand together.

// AuditKind is what was done.
type AuditKind uint64

const (
	auditRegister AuditKind = iota + 1
	auditAddDevice
	auditRemoveDevice
)

// AuditEntry is one change.
type AuditEntry struct {
	Sequence uint64
	Number   Number
	Time     Time
	Caller   []byte
	Kind     AuditKind
	Payload  []byte
}

// audit records a change.
func (m *Message) audit(n Number, kind AuditKind, payload func(*writer)) {
	sequence := counter(m.Table, spaceMeta, nameAudit)
	setCounter(m.Table, spaceMeta, nameAudit, sequence+1)
	w := newRecord()
	w.uint(uint64(m.Now))
	w.bytes(m.Caller.Bytes())
	w.uint(uint64(kind))
	details := &writer{}
	payload(details)
	w.bytes(details.b)
	m.Table.Put(key(spaceAudit, u64(uint64(n)), u64(sequence)), w.b)
	setCounter(m.Table, spaceVolatile, nameOperations, counter(m.Table, spaceVolatile, nameOperations)+1)
}

// auditDevice writes a device without its name.
func (w *writer) auditDevice(d *Device) {
	redacted := *d
	redacted.Alias = ""
	redacted.AAGUID = nil
	redacted.LastUsage = nil
	redacted.Metadata = nil
	for _, e := range d.Metadata {
		empty := ""
		redacted.Metadata = append(redacted.Metadata, MetadataEntry{Key: e.Key, String: &empty})
	}
	w.device(&redacted)
}

// Audit are the newest entries of an identity, newest first.
func (m *Message) Audit(n Number, limit int) []AuditEntry {
	var entries []AuditEntry
	for k, value := range m.Table.Descend(key(spaceAudit, u64(uint64(n))), key(spaceAudit, u64(uint64(n)+1))) {
		if len(entries) == limit {
			break
		}
		r := openRecord(value)
		e := AuditEntry{Sequence: binary.BigEndian.Uint64(k[9:]), Number: n, Time: Time(r.uint()), Caller: r.bytes(), Kind: AuditKind(r.uint()), Payload: r.bytes()}
		entries = append(entries, e)
	}
	return entries
}
