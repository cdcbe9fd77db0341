package subnet

import (
	"encoding/binary"

	"internetidentity/canister"
	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/ingress"
	"internetidentity/table"
)

// Labels of the state tree (IC interface spec, The system state tree).
const (
	labelTime          = "time"
	labelSubnet        = "subnet"
	labelNode          = "node"
	labelPublicKey     = "public_key"
	labelType          = "type"
	labelRanges        = "canister_ranges"
	labelCanister      = "canister"
	labelCertified     = "certified_data"
	labelModuleHash    = "module_hash"
	labelControllers   = "controllers"
	labelMetadata      = "metadata"
	labelCreated       = "canister_creation_timestamp"
	labelInstalled     = "last_install_timestamp"
	labelRequestStatus = "request_status"
	labelBoundaryNodes = "api_boundary_nodes"

	labelStatus        = "status"
	labelReply         = "reply"
	labelRejectCode    = "reject_code"
	labelRejectMessage = "reject_message"
	labelErrorCode     = "error_code"
)

const subnetType = "application"

// path mixes names and raw labels.
func path(labels ...any) hashtree.Path {
	p := make(hashtree.Path, len(labels))
	for i, label := range labels {
		switch l := label.(type) {
		case string:
			p[i] = []byte(l)
		case []byte:
			p[i] = l
		}
	}
	return p
}

// plant makes the tree from what is stored. The tree is a cache: its shape
// follows from its content, so a machine that restarts has the same root.
func (s *Subnet) plant(t table.Reader) {
	id, self := s.config.ID().Bytes(), s.config.Canister.Bytes()
	module := s.config.moduleHash()
	m := hashtree.Map{}.
		Put(path(labelSubnet, id, labelPublicKey), s.config.Key.DER()).
		Put(path(labelSubnet, id, labelType), []byte(subnetType)).
		Put(path(labelSubnet, id, labelRanges), certificate.EncodeRanges(s.config.Ranges)).
		Put(path(labelRanges, id, s.config.Ranges[0].First.Bytes()), certificate.EncodeRanges(s.config.Ranges)).
		Put(path(labelCanister, self, labelModuleHash), module[:]).
		Put(path(labelCanister, self, labelControllers), cbor.AppendArray(cbor.AppendTag(nil), 0)).
		Put(path(labelCanister, self, labelCreated), certificate.EncodeTime(s.genesis.Created)).
		Put(path(labelCanister, self, labelInstalled), certificate.EncodeTime(s.genesis.Installed))
	for _, node := range s.config.Nodes {
		m = m.Put(path(labelSubnet, id, labelNode, node.ID.Bytes(), labelPublicKey), node.PublicKey)
	}
	for _, section := range canister.PublicMetadata() {
		m = m.Put(path(labelCanister, self, labelMetadata, section.Name), []byte(section.Value))
	}
	s.tree = m
	s.replied, s.rejected = shared("replied"), shared("rejected")
	for id, status := range statuses(t) {
		s.plantStatus(id, &status.Outcome)
	}
	s.grow()
}

// grow brings what each block changes.
func (s *Subnet) grow() {
	certified := s.canister.CertifiedData()
	s.tree = s.tree.
		Put(path(labelTime), certificate.EncodeTime(s.time)).
		Put(path(labelCanister, s.config.Canister.Bytes(), labelCertified), certified[:])
}

// shared is the part of the tree that all outcomes of a kind have in common.
func shared(status string) hashtree.Map {
	m := hashtree.Map{}.Put(path(labelStatus), []byte(status))
	m.Digest()
	return m
}

// plantStatus shows how a call ended.
func (s *Subnet) plantStatus(id ingress.RequestID, o *ingress.Outcome) {
	m := s.replied.Put(path(labelReply), o.Arg)
	if !o.Replied {
		m = s.rejected.
			Put(path(labelRejectCode), binary.AppendUvarint(nil, o.RejectCode)).
			Put(path(labelRejectMessage), []byte(o.RejectMessage)).
			Put(path(labelErrorCode), []byte(o.ErrorCode))
	}
	all, _ := s.tree.Sub([]byte(labelRequestStatus))
	s.tree = s.tree.Graft([]byte(labelRequestStatus), all.Graft(id[:], m))
	s.kept += keptBytes(m)
}

func (s *Subnet) uproot(id ingress.RequestID) {
	all, _ := s.tree.Sub([]byte(labelRequestStatus))
	if m, ok := all.Sub(id[:]); ok {
		s.kept -= keptBytes(m)
		s.tree = s.tree.Delete(path(labelRequestStatus, id[:]))
	}
}

// keptBytes is what the outcome of a call takes in memory.
func keptBytes(m hashtree.Map) int {
	reply, _ := m.Get(path(labelReply))
	message, _ := m.Get(path(labelRejectMessage))
	return statusOverhead + len(reply) + len(message)
}
