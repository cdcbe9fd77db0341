package identity

import (
	"crypto/sha256"

	"internetidentity/hashtree"
	"internetidentity/table"
)

// SignatureMap is the tree of prepared signatures: under the hash of a seed
// the hashes of what is signed with it. Its digest is part of the certified
// data, which is what makes them signatures. The table holds the truth; the
// tree is a cache of it with the digests.
//
// A signature can be fetched for a minute at least. It is forgotten when later
// ones are prepared, so that the map stays small without a timer.
type SignatureMap struct {
	tree hashtree.Map
}

// LoadSignatures builds the tree from the table, after a restart.
func LoadSignatures(r table.Reader) *SignatureMap {
	s := &SignatureMap{}
	for k := range r.Ascend([]byte{spaceSignatureLeaf}, []byte{spaceSignatureLeaf + 1}) {
		s.tree = s.tree.Put(leafPath(k[1:]), nil)
	}
	s.tree.Digest()
	return s
}

// leafPath splits the two hashes of a leaf.
func leafPath(hashes []byte) hashtree.Path {
	hashes = append([]byte{}, hashes...)
	return hashtree.Path{hashes[:sha256.Size], hashes[sha256.Size:]}
}

// Clone is a copy that can be changed and dropped.
func (s *SignatureMap) Clone() *SignatureMap {
	c := *s
	return &c
}

// Map is the tree below the label "sig".
func (s *SignatureMap) Map() hashtree.Map { return s.tree }

// addSignature prepares a signature of a message under a seed.
func (m *Message) addSignature(seed []byte, message []byte) {
	m.pruneSignatures()
	seedHash, messageHash := sha256.Sum256(seed), sha256.Sum256(message)
	hashes := append(seedHash[:], messageHash[:]...)
	m.Table.Put(key(spaceSignature, u64(uint64(m.Now+signatureLife)), u64(nextSequence(m.Table))), hashes)
	m.Table.Put(key(spaceSignatureLeaf, hashes), []byte{})
	m.Signatures.tree = m.Signatures.tree.Put(leafPath(hashes), nil)
	adjust(m.Table, spaceVolatile, nameSignatures, 1)
}

// pruneSignatures forgets signatures whose time is over. What was prepared
// twice is forgotten with its first time.
func (m *Message) pruneSignatures() {
	old := m.expired(signatureQueue, m.Now+1, maxPruned)
	if len(old) == 0 {
		return
	}
	for _, k := range old {
		hashes, _ := m.Table.Get(k)
		m.Table.Delete(k)
		m.Table.Delete(key(spaceSignatureLeaf, hashes))
		m.Signatures.tree = m.Signatures.tree.Delete(leafPath(hashes))
	}
	adjust(m.Table, spaceVolatile, nameSignatures, -len(old))
}

// find tells where a signature stands, if it is prepared.
func (s *SignatureMap) find(seed, message []byte) (hashtree.Path, bool) {
	seedHash, messageHash := sha256.Sum256(seed), sha256.Sum256(message)
	path := hashtree.Path{seedHash[:], messageHash[:]}
	_, ok := s.tree.Get(path)
	return path, ok
}
