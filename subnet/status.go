package subnet

import (
	"encoding/binary"
	"fmt"
	"iter"

	"internetidentity/cbor"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/table"
)

const (
	spaceStatus = 0x02
	spaceEnd    = 0x03
)

// status is what is kept of a call.
type status struct {
	Sender   []byte
	Receiver []byte
	// End is when it may be forgotten, in nanoseconds since 1970.
	End     uint64
	Outcome ingress.Outcome
}

type wireStatus struct {
	Sender    []byte `cbor:"1,keyasint"`
	Receiver  []byte `cbor:"2,keyasint"`
	End       uint64 `cbor:"3,keyasint"`
	Replied   bool   `cbor:"4,keyasint"`
	Arg       []byte `cbor:"5,keyasint"`
	Code      uint64 `cbor:"6,keyasint"`
	Message   string `cbor:"7,keyasint"`
	ErrorCode string `cbor:"8,keyasint"`
}

func statusKey(id ingress.RequestID) []byte { return append([]byte{spaceStatus}, id[:]...) }

func endKey(end uint64, id ingress.RequestID) []byte {
	return append(binary.BigEndian.AppendUint64([]byte{spaceEnd}, end), id[:]...)
}

func putStatus(t table.Table, id ingress.RequestID, s *status) {
	o := &s.Outcome
	b, err := cbor.Marshal(wireStatus{s.Sender, s.Receiver, s.End, o.Replied, o.Arg, o.RejectCode, o.RejectMessage, o.ErrorCode})
	if err != nil {
		panic(&table.Fault{Err: err})
	}
	t.Put(statusKey(id), b)
	t.Put(endKey(s.End, id), []byte{})
}

func getStatus(t table.Reader, id ingress.RequestID) (*status, bool) {
	b, ok := t.Get(statusKey(id))
	if !ok {
		return nil, false
	}
	return decodeStatus(b), true
}

func decodeStatus(b []byte) *status {
	var w wireStatus
	if err := cbor.Unmarshal(b, &w); err != nil {
		panic(&table.Fault{Err: fmt.Errorf("a stored request status is damaged: %w", err)})
	}
	return &status{
		Sender: w.Sender, Receiver: w.Receiver, End: w.End,
		Outcome: ingress.Outcome{Replied: w.Replied, Arg: w.Arg, RejectCode: w.Code, RejectMessage: w.Message, ErrorCode: w.ErrorCode},
	}
}

// statuses walks all of them by request id.
func statuses(t table.Reader) iter.Seq2[ingress.RequestID, *status] {
	return func(yield func(ingress.RequestID, *status) bool) {
		for key, value := range t.Ascend([]byte{spaceStatus}, []byte{spaceStatus + 1}) {
			if !yield(ingress.RequestID(key[1:]), decodeStatus(value)) {
				return
			}
		}
	}
}

// remember keeps the outcome of a call.
func (s *Subnet) remember(t table.Table, e *ingress.Envelope, o ingress.Outcome) {
	kept := &status{
		Sender: e.Content.Sender.Bytes(), Receiver: e.Content.Canister.Bytes(),
		End: max(e.Content.Expiry, s.time+keepTime), Outcome: o,
	}
	putStatus(t, e.ID, kept)
	s.plantStatus(e.ID, &kept.Outcome)
}

// forget drops outcomes whose time is over. A call whose status is forgotten
// has expired, so it cannot run again.
func (s *Subnet) forget(t table.Table) {
	forgotten := 0
	// The database leaves a mark where a key was; the walk begins behind them.
	from, end := s.ended, endKey(s.time, ingress.RequestID{})
	for key := range t.Ascend(from, end) {
		id := ingress.RequestID(key[9:])
		s.uproot(id)
		t.Delete(statusKey(id))
		t.Delete(key)
		s.ended = key
		if forgotten++; forgotten == maxForgotten {
			return
		}
	}
	s.ended = end
}

// full reports whether there is no room to remember more calls.
func (s *Subnet) full() bool { return s.kept > s.maxKept }

func (s *status) sentBy(p principal.Principal) bool { return string(s.Sender) == string(p.Bytes()) }
