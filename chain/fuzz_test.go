package chain

import (
	"bytes"
	"testing"

	"internetidentity/ingress"
)

// FuzzTransaction: whatever another machine sends is read or refused, and what
// is read has one encoding.
func FuzzTransaction(f *testing.F) {
	e, err := ingress.Sign(ingress.Content{Kind: ingress.Call, Canister: self, Method: "whoami", Arg: []byte("DIDL\x00\x00"), Expiry: 1 << 60},
		simSigner{simKeys(1).Node}, nil, nil)
	if err != nil {
		f.Fatal(err)
	}
	first, err := frame{Time: 7, Beacon: make([]byte, 48)}.tx()
	if err != nil {
		f.Fatal(err)
	}
	message, err := ceremonyMessage{Epoch: 1, Phase: 2, From: 3, Parts: [][]byte{{1}, {2}}}.tx(simKeys(1).Validator)
	if err != nil {
		f.Fatal(err)
	}
	member := NewMember("m", simKeys(1))
	vote, err := BallotTx(Terms{}, Proposal{Epoch: 1, Members: []Member{member}}, simKeys(1).Validator)
	if err != nil {
		f.Fatal(err)
	}
	for _, tx := range [][]byte{callTx(e), tickTx(9), first, message, vote, nil, {txCall}, {txFrame, 0xa0}} {
		f.Add(tx)
	}
	f.Fuzz(func(t *testing.T, tx []byte) {
		if frame, rest, err := parseFrame([][]byte{tx}); err == nil {
			again, err := frame.tx()
			if err != nil || !bytes.Equal(again, tx) || len(rest) != 0 {
				t.Errorf("a frame has two encodings")
			}
		}
		if len(tx) == 0 {
			return
		}
		switch body := tx[1:]; tx[0] {
		case txCall:
			if e, err := parseCall(body); err == nil && !bytes.Equal(callTx(e), tx) {
				t.Error("a call has two encodings")
			}
		case txTick:
			if steps, err := parseTick(body); err == nil && !bytes.Equal(tickTx(steps), tx) {
				t.Error("a tick has two encodings")
			}
		case txCeremony:
			if m, err := parseCeremony(body); err == nil {
				// Nobody has a place in a ceremony that is not going on.
				if (*ceremony)(nil).check(m) == nil {
					t.Error("a message without a ceremony")
				}
			}
		case txBallot:
			if v, err := parseBallot(body); err == nil {
				l := founded(Terms{Members: []Member{member}})
				if v.check(&l) == nil {
					t.Error("a ballot counts while the keys are being made")
				}
			}
		}
	})
}

// FuzzSnapshotPart: a part of a snapshot or an export that a machine gets is
// read to its end or refused.
func FuzzSnapshotPart(f *testing.F) {
	f.Add(appendRecord(nil, []byte("key"), []byte("value")))
	f.Add([]byte(exportFormat + "\x01\x01\x00\x00"))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, part []byte) {
		var again []byte
		for rest := part; len(rest) > 0; {
			key, value, next, err := takeRecord(rest)
			if err != nil {
				again = nil
				break
			}
			if len(next) >= len(rest) {
				t.Fatal("a record takes no room")
			}
			again, rest = appendRecord(again, key, value), next
		}
		if len(again) > len(part) {
			t.Error("the records are longer than what they were read from")
		}
		_, _ = ReadExport(bytes.NewReader(part), func(key, value []byte) {
			if len(key) == 0 {
				t.Error("a record without a key")
			}
		})
	})
}
