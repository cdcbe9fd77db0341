package identity

// Spaces whose keys begin with a time are queues: keys are added at the end and
// removed from the front. A database leaves a mark where a key was, and walking
// over marks costs as much as walking over keys. So the time before which
// everything is gone is remembered, and the next walk begins there.

// cursorStep is how far that time moves before it is written down, so that it
// is not written with every message.
const cursorStep = second

func cursorKey(space byte) []byte { return key(spaceCursor, []byte{space}) }

// queueStart is the first key of a queue that may be there, and the time in it.
func (m *Message) queueStart(space byte) ([]byte, Time) {
	at, ok := m.Table.Get(cursorKey(space))
	if !ok {
		return []byte{space}, 0
	}
	return key(space, at), Time(uint64FromKey(at))
}

// expired are the first keys of a queue, at most limit, whose time is before
// another. The caller removes them.
func (m *Message) expired(space byte, before Time, limit int) [][]byte {
	from, start := m.queueStart(space)
	if start >= before {
		return nil
	}
	var old [][]byte
	for k := range m.Table.Ascend(from, key(space, u64(uint64(before)))) {
		if len(old) == limit {
			break
		}
		old = append(old, append([]byte{}, k...))
	}
	reached := before
	if len(old) == limit {
		reached = Time(uint64FromKey(old[limit-1][1:]))
	}
	if reached >= start+cursorStep {
		m.Table.Put(cursorKey(space), u64(uint64(reached)))
	}
	return old
}

// ago is the time so long before now, and never before the beginning.
func (m *Message) ago(d Time) Time { return m.Now - min(d, m.Now) }
