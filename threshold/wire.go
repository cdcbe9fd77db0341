package threshold

import (
	"errors"
	"fmt"
	"slices"

	"go.dedis.ch/kyber/v4"
	dkg "go.dedis.ch/kyber/v4/share/dkg/pedersen"

	"internetidentity/cbor"
	"internetidentity/certificate"
)

// Messages in CBOR. The speaker and the nonce stand outside of them.
type (
	wireDeals struct {
		Public [][]byte   `cbor:"1,keyasint"` // coefficients, 96 bytes each
		Deals  []wireDeal `cbor:"2,keyasint"`
	}
	wireDeal struct {
		Holder uint32 `cbor:"1,keyasint"`
		Sealed []byte `cbor:"2,keyasint"`
	}
	wireResponses struct {
		// Content says of each dealer that was heard whether its share is good.
		Dealers []uint32 `cbor:"1,keyasint"`
		Content []bool   `cbor:"2,keyasint"`
	}
	wireJustifications struct {
		Holders []uint32 `cbor:"1,keyasint"`
		Shares  [][]byte `cbor:"2,keyasint"` // 32 bytes each
	}
	wireGroup struct {
		Coefficients [][]byte `cbor:"1,keyasint"`
		Left         []uint32 `cbor:"2,keyasint"`
	}
)

// maxSealed bytes of a share that is encrypted.
const maxSealed = 512

func encodeDeals(b *dkg.DealBundle) ([]byte, error) {
	var w wireDeals
	for _, point := range b.Public {
		p, err := point.MarshalBinary()
		if err != nil {
			return nil, err
		}
		w.Public = append(w.Public, p)
	}
	for _, deal := range b.Deals {
		w.Deals = append(w.Deals, wireDeal{deal.ShareIndex, deal.EncryptedShare})
	}
	return cbor.Marshal(w)
}

func (r *Run) deals(from int, message []byte) (*dkg.DealBundle, error) {
	var w wireDeals
	if err := cbor.Unmarshal(message, &w); err != nil {
		return nil, err
	}
	if len(w.Public) != r.Threshold || len(w.Deals) > len(r.Members) {
		return nil, fmt.Errorf("%d coefficients and %d deals", len(w.Public), len(w.Deals))
	}
	b := &dkg.DealBundle{DealerIndex: uint32(from), SessionID: r.Nonce[:]}
	for _, p := range w.Public {
		point, err := parsePoint(p)
		if err != nil {
			return nil, err
		}
		b.Public = append(b.Public, point)
	}
	for _, d := range w.Deals {
		if int(d.Holder) >= len(r.Members) || len(d.Sealed) > maxSealed {
			return nil, errors.New("a deal for nobody, or one that is too long")
		}
		b.Deals = append(b.Deals, dkg.Deal{ShareIndex: d.Holder, EncryptedShare: d.Sealed})
	}
	return b, nil
}

// encodeResponses gives nothing for a member that has nothing to say.
func encodeResponses(b *dkg.ResponseBundle) ([]byte, error) {
	if b == nil {
		return nil, nil
	}
	var w wireResponses
	for _, response := range b.Responses {
		w.Dealers = append(w.Dealers, response.DealerIndex)
		w.Content = append(w.Content, response.Status == dkg.Success)
	}
	return cbor.Marshal(w)
}

func (r *Run) responses(from int, message []byte) (*dkg.ResponseBundle, error) {
	if len(message) == 0 {
		return nil, nil
	}
	var w wireResponses
	if err := cbor.Unmarshal(message, &w); err != nil {
		return nil, err
	}
	if len(w.Dealers) != len(w.Content) || len(w.Dealers) > len(r.Speakers(Dealing)) || !sorted(w.Dealers) {
		return nil, errors.New("responses that do not belong together")
	}
	b := &dkg.ResponseBundle{ShareIndex: uint32(from), SessionID: r.Nonce[:]}
	for i, dealer := range w.Dealers {
		if int(dealer) >= len(r.Speakers(Dealing)) {
			return nil, errors.New("a response to nobody")
		}
		status := dkg.Complaint
		if w.Content[i] {
			status = dkg.Success
		}
		b.Responses = append(b.Responses, dkg.Response{DealerIndex: dealer, Status: status})
	}
	return b, nil
}

func encodeJustifications(b *dkg.JustificationBundle) ([]byte, error) {
	if b == nil {
		return nil, nil
	}
	slices.SortFunc(b.Justifications, func(x, y dkg.Justification) int { return int(x.ShareIndex) - int(y.ShareIndex) })
	var w wireJustifications
	for _, j := range b.Justifications {
		share, err := j.Share.MarshalBinary()
		if err != nil {
			return nil, err
		}
		w.Holders, w.Shares = append(w.Holders, j.ShareIndex), append(w.Shares, share)
	}
	return cbor.Marshal(w)
}

func (r *Run) justifications(from int, message []byte) (*dkg.JustificationBundle, error) {
	if len(message) == 0 {
		return nil, nil
	}
	var w wireJustifications
	if err := cbor.Unmarshal(message, &w); err != nil {
		return nil, err
	}
	if len(w.Holders) != len(w.Shares) || len(w.Holders) > len(r.Members) || !sorted(w.Holders) {
		return nil, errors.New("justifications that do not belong together")
	}
	b := &dkg.JustificationBundle{DealerIndex: uint32(from), SessionID: r.Nonce[:]}
	for i, holder := range w.Holders {
		share, err := parseScalar(w.Shares[i])
		if err != nil || int(holder) >= len(r.Members) {
			return nil, errors.New("a justification for nobody, or of nothing")
		}
		b.Justifications = append(b.Justifications, dkg.Justification{ShareIndex: holder, Share: share})
	}
	return b, nil
}

func sorted(list []uint32) bool {
	for i := 1; i < len(list); i++ {
		if list[i-1] >= list[i] {
			return false
		}
	}
	return true
}

// Encode writes a group, one way only.
func (g *Group) Encode() ([]byte, error) {
	var w wireGroup
	for _, c := range g.Coefficients() {
		w.Coefficients = append(w.Coefficients, c[:])
	}
	for i, left := range g.Left {
		if left {
			w.Left = append(w.Left, uint32(i))
		}
	}
	return cbor.Marshal(w)
}

// ParseGroup reads the group of so many members.
func ParseGroup(b []byte, members int) (*Group, error) {
	var w wireGroup
	if err := cbor.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	keys := make([]certificate.BLSPublicKey, len(w.Coefficients))
	for i, c := range w.Coefficients {
		if len(c) != len(keys[i]) {
			return nil, errors.New("a coefficient has the wrong length")
		}
		copy(keys[i][:], c)
	}
	shared, err := certificate.NewSharedKey(keys, members)
	if err != nil {
		return nil, err
	}
	g := &Group{SharedKey: shared, Left: make([]bool, members)}
	for _, index := range w.Left {
		if int(index) >= members {
			return nil, errors.New("a member that is not there was left out")
		}
		g.Left[index] = true
	}
	return g, nil
}

func parsePoint(b []byte) (kyber.Point, error) {
	point := (&suite{}).Point()
	if len(b) != len(certificate.BLSPublicKey{}) {
		return nil, errors.New("a point has the wrong length")
	}
	if err := point.UnmarshalBinary(b); err != nil || point.Equal((&suite{}).Point().Null()) {
		return nil, errors.New("a point is not valid")
	}
	return point, nil
}

func parseScalar(b []byte) (kyber.Scalar, error) {
	scalar := (&suite{}).Scalar()
	if len(b) != 32 {
		return nil, errors.New("a scalar has the wrong length")
	}
	return scalar, scalar.UnmarshalBinary(b)
}
