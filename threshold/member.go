package threshold

import (
	"errors"
	"fmt"

	"go.dedis.ch/kyber/v4/share"
	dkg "go.dedis.ch/kyber/v4/share/dkg/pedersen"

	"internetidentity/certificate"
)

// Member is somebody who takes part in a run.
type Member struct {
	Secret Secret
	// Held is the member's share of a key that is handed over; nil for who has
	// none.
	Held *Share
}

// index of a key in a list; -1 when it is not there.
func index(list []certificate.BLSPublicKey, key certificate.BLSPublicKey) int {
	for i := range list {
		if list[i] == key {
			return i
		}
	}
	return -1
}

// Message is what the member has to say in a phase, and false when it is not
// among the speakers.
func (m Member) Message(r *Run, p Phase, t Transcript) ([]byte, bool, error) {
	if index(r.Speakers(p), m.Secret.Public()) < 0 || p == Dealing && r.Old != nil && m.Held == nil {
		return nil, false, nil
	}
	a, err := m.replay(r, p, t)
	if err != nil {
		return nil, true, err
	}
	var message []byte
	switch p {
	case Dealing:
		message, err = encodeDeals(a.deals)
	case Responding:
		message, err = encodeResponses(a.responses)
	case Justifying:
		message, err = encodeJustifications(a.justifications)
	case Reporting:
		if a.result == nil {
			return nil, true, nil // was left out, or found too few that are honest
		}
		var g *Group
		if g, err = r.group(a.result); err == nil {
			message, err = g.Encode()
		}
	}
	return message, true, err
}

// Share is the member's share of the key of a group, out of the transcript that
// made it.
func (m Member) Share(r *Run, t Transcript, g *Group) (Share, error) {
	self := index(r.Members, m.Secret.Public())
	if self < 0 || g.Left[self] {
		return Share{}, errors.New("the member has no share of the key")
	}
	a, err := m.replay(r, Reporting, t)
	if err != nil {
		return Share{}, err
	}
	if a.result == nil {
		return Share{}, errors.New("the transcript does not give the member a share")
	}
	b, err := a.result.Key.Share.V.MarshalBinary()
	if err != nil {
		return Share{}, err
	}
	key, err := certificate.ParseSigningKey(b)
	if err != nil {
		return Share{}, err
	}
	if key.Public() != g.Holder(self) {
		return Share{}, errors.New("the share does not belong to the key that was reported")
	}
	return Share{key}, nil
}

// account is how far a member has come.
type account struct {
	deals          *dkg.DealBundle
	responses      *dkg.ResponseBundle
	justifications *dkg.JustificationBundle
	result         *dkg.Result
}

// replay goes through a transcript up to what the member says in a phase.
func (m Member) replay(r *Run, p Phase, t Transcript) (a account, err error) {
	config, err := m.config(r)
	if err != nil {
		return a, err
	}
	h, err := dkg.NewDistKeyHandler(config)
	if err != nil {
		return a, err
	}
	if r.Old == nil || m.Held != nil {
		if a.deals, err = h.Deals(); err != nil || p == Dealing {
			return a, err
		}
	}
	if a.responses, err = h.ProcessDeals(said(r, Dealing, t, r.deals)); err != nil || p == Responding {
		return a, err
	}
	a.result, a.justifications, err = h.ProcessResponses(said(r, Responding, t, r.responses))
	if err == nil && p != Justifying && a.result == nil {
		a.result, err = h.ProcessJustifications(said(r, Justifying, t, r.justifications))
	}
	if err != nil {
		// Not an error of this program: the others were not honest enough, or
		// find that this member was not.
		a.result, a.justifications = nil, nil
	}
	return a, nil
}

// said are the messages of a phase, in the order of those who spoke. What is
// not right counts as not said; whoever collects lets none of it in.
func said[Bundle any](r *Run, p Phase, t Transcript, parse func(int, []byte) (*Bundle, error)) []*Bundle {
	var list []*Bundle
	for from := range r.Speakers(p) {
		message, ok := t[p][from]
		if !ok {
			continue
		}
		if bundle, err := parse(from, message); err == nil && bundle != nil {
			list = append(list, bundle)
		}
	}
	return list
}

func nodes(keys []certificate.BLSPublicKey) ([]dkg.Node, error) {
	list := make([]dkg.Node, len(keys))
	for i := range keys {
		point, err := parsePoint(keys[i][:])
		if err != nil {
			return nil, fmt.Errorf("the key of member %d: %w", i, err)
		}
		list[i] = dkg.Node{Index: uint32(i), Public: point}
	}
	return list, nil
}

func (m Member) config(r *Run) (*dkg.Config, error) {
	long, err := parseScalar(m.Secret.key.Bytes())
	if err != nil {
		return nil, err
	}
	members, err := nodes(r.Members)
	if err != nil {
		return nil, err
	}
	c := &dkg.Config{
		Suite: &suite{seed: r.seed(m.Secret, "coefficients")}, Longterm: long, NewNodes: members,
		Threshold: uint32(r.Threshold), FastSync: true, Nonce: r.Nonce[:], Auth: unsigned{},
		Reader: reader{stream(r.seed(m.Secret, "secret"))}, UserReaderOnly: true,
	}
	if r.Old == nil {
		return c, nil
	}
	if c.OldNodes, err = nodes(r.Old.Members); err != nil {
		return nil, err
	}
	c.OldThreshold = uint32(r.Old.Group.Threshold())
	for _, coefficient := range r.Old.Group.Coefficients() {
		point, err := parsePoint(coefficient[:])
		if err != nil {
			return nil, err
		}
		c.PublicCoeffs = append(c.PublicCoeffs, point)
	}
	if m.Held == nil {
		return c, nil
	}
	held, err := parseScalar(m.Held.key.Bytes())
	if err != nil {
		return nil, err
	}
	c.Share = &dkg.DistKeyShare{Commits: c.PublicCoeffs, Share: &share.PriShare{
		I: uint32(index(r.Old.Members, m.Secret.Public())), V: held,
	}}
	return c, nil
}

// group is the public half of a result.
func (r *Run) group(result *dkg.Result) (*Group, error) {
	coefficients := make([]certificate.BLSPublicKey, len(result.Key.Commits))
	for i, point := range result.Key.Commits {
		b, err := point.MarshalBinary()
		if err != nil || len(b) != len(coefficients[i]) {
			return nil, errors.New("a coefficient is damaged")
		}
		copy(coefficients[i][:], b)
	}
	shared, err := certificate.NewSharedKey(coefficients, len(r.Members))
	if err != nil {
		return nil, err
	}
	g := &Group{SharedKey: shared, Left: make([]bool, len(r.Members))}
	for i := range g.Left {
		g.Left[i] = true
	}
	for _, node := range result.QUAL {
		g.Left[node.Index] = false
	}
	return g, nil
}
