package identity

// Spaces whose keys begin with a time are queues: keys are added at the end and
// removed from the front. A walk that finds nothing still costs as much as
// several look-ups, and a database leaves a mark where each removed key was. So
// the first key that is still there is remembered, and there is a walk only
// when its time has come.

// queue is one reader of a space: events have two, one for each window.
type queue struct{ space, reader byte }

var (
	flowQueue       = queue{space: spaceFlowAge}
	tempKeyQueue    = queue{space: spaceTempKeyAge}
	signatureQueue  = queue{space: spaceSignature}
	modeQueue       = queue{space: spaceModeAge}
	challengeQueue  = queue{space: spaceChallengeAge}
	eventQueue      = queue{space: spaceEvent}
	eventOfDayQueue = queue{space: spaceEvent, reader: 1}
)

// cursorStep is how far the front of an empty queue moves before it is written
// down, so that it is not written with every message.
const cursorStep = second

func (q queue) cursor() []byte { return key(spaceCursor, []byte{q.space, q.reader}) }

// front is where the queue begins: there is nothing before.
func (m *Message) front(q queue) []byte {
	at, _ := m.Table.Get(q.cursor())
	return key(q.space, at)
}

// timeOf a key in a queue; 0 for the beginning of the space.
func timeOf(k []byte) Time {
	if len(k) < 9 {
		return 0
	}
	return Time(uint64FromKey(k[1:]))
}

// expired takes the first keys of a queue whose time is before another, at most
// limit. They are not met again; the caller removes them.
func (m *Message) expired(q queue, before Time, limit int) [][]byte {
	from := m.front(q)
	if timeOf(from) >= before {
		return nil
	}
	var old [][]byte
	var next []byte
	for k := range m.Table.Ascend(from, []byte{q.space + 1}) {
		if len(old) == limit || timeOf(k) >= before {
			next = k
			break
		}
		old = append(old, append([]byte{}, k...))
	}
	if next == nil {
		next = key(q.space, u64(uint64(before)))
		if len(old) == 0 && before < timeOf(from)+cursorStep {
			return nil
		}
	}
	if timeOf(next) >= before {
		// Later calls of the same block may add keys of the same time that
		// sort before this one.
		next = next[:9]
	}
	m.Table.Put(q.cursor(), append([]byte{}, next[1:]...))
	return old
}

// ago is the time so long before now, and never before the beginning.
func (m *Message) ago(d Time) Time { return m.Now - min(d, m.Now) }
