package subnet

import (
	"internetidentity/canister"
	"internetidentity/hashtree"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/table"
)

// State is the subnet after a block. It never changes, and any number of
// goroutines may read it. What is not in memory is read from the table as the
// block left it, which each method is given.
type State struct {
	Height uint64
	// Time of the block.
	Time uint64

	config *Config
	tree   hashtree.Map
	view   *canister.View
	full   bool // no room to remember more calls
}

// state completes all hashes, so that readers only read.
func (s *Subnet) state() *State {
	s.tree.Digest()
	s.canister.CertifiedData()
	return &State{Height: s.height, Time: s.time, config: &s.config, tree: s.tree, view: s.canister.View(), full: s.full()}
}

// Root is the digest that the subnet key signs.
func (st *State) Root() hashtree.Digest { return st.tree.Digest() }

// Witness reveals the time and the paths, and proves of those that are missing
// that they are.
func (st *State) Witness(paths ...hashtree.Path) hashtree.Tree {
	return st.tree.Witness(append(paths, hashtree.P(labelTime))...)
}

// StatusPath is where the outcome of a call stands.
func StatusPath(id ingress.RequestID) hashtree.Path { return path(labelRequestStatus, id[:]) }

// CertifiedDataPath is where the canister's certified data stands.
func (st *State) CertifiedDataPath() hashtree.Path {
	return path(labelCanister, st.config.Canister.Bytes(), labelCertified)
}

// Known reports whether a call has been executed lately.
func (st *State) Known(id ingress.RequestID) bool { return known(st.tree, id) }

func known(tree hashtree.Map, id ingress.RequestID) bool {
	_, found := tree.Get(path(labelRequestStatus, id[:], labelStatus))
	return found
}

// Induct refuses a call that need not be in a block: *ingress.Rejection or
// *ingress.Refusal.
func (st *State) Induct(e *ingress.Envelope) error {
	return induct(st.config, st.view, st.full, e)
}

// Query is a question to the canister.
type Query struct {
	Caller   principal.Principal
	Canister principal.Principal
	Method   string
	Arg      []byte
	// Now in nanoseconds since 1970.
	Now uint64
	// Certificate of the canister's certified data in this state.
	Certificate []byte
}

// Query asks the canister; nothing that it writes is kept.
func (st *State) Query(base table.Reader, q Query) ingress.Outcome {
	if o := misdirected(st.config, "query ", q.Canister, q.Method); o != nil {
		return *o
	}
	reply := st.view.Query(canister.QueryEnv{
		Table:       table.PrefixReader(base, canisterSpace),
		Caller:      q.Caller,
		Now:         max(q.Now, st.Time),
		Certificate: q.Certificate,
	}, q.Method, q.Arg)
	return bounded(st.config.Canister, outcome(reply), maxQueryBytes)
}
