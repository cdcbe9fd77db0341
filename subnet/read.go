package subnet

import (
	"fmt"

	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/ingress"
	"internetidentity/principal"
	"internetidentity/table"
)

// Read is a request to read the state.
type Read struct {
	// Scope is the canister or subnet in the address.
	Scope     ingress.Scope
	Sender    principal.Principal
	Authority ingress.Authority
	Paths     [][][]byte
	// Layout in which the reader expects canister ranges.
	Layout certificate.Layout
}

// Readable turns the paths of a request into those that it may see (IC
// interface spec, Request: Read state). The error is a *ingress.Refusal.
func (st *State) Readable(base table.Reader, r Read) ([]hashtree.Path, error) {
	if err := st.inScope(r.Scope); err != nil {
		return nil, err
	}
	paths := make([]hashtree.Path, 0, len(r.Paths)+4)
	var call *ingress.RequestID
	for _, p := range r.Paths {
		if len(p) == 0 {
			return nil, invalidPath()
		}
		switch string(p[0]) {
		case labelTime:
			if len(p) != 1 {
				return nil, invalidPath()
			}
		case labelBoundaryNodes:
			paths = append(paths, p)
		case labelSubnet:
			paths = append(paths, st.readSubnet(r.Layout, p)...)
		case labelRanges:
			if !r.Scope.Subnet || len(p) < 2 {
				return nil, invalidPath()
			}
			paths = append(paths, p)
		case labelCanister:
			if err := readableCanister(r.Scope, p); err != nil {
				return nil, err
			}
			paths = append(paths, p)
		case labelRequestStatus:
			if len(p) < 2 || len(p) > 3 || len(p[1]) != len(ingress.RequestID{}) {
				return nil, invalidPath()
			}
			id := ingress.RequestID(p[1])
			if call != nil && *call != id {
				return nil, &ingress.Refusal{Status: 400, Text: "Can only request a single request ID in request_status paths."}
			}
			call = &id
			paths = append(paths, p)
		default:
			return nil, invalidPath()
		}
	}
	if call != nil {
		if err := readableCall(base, r, *call); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

func (st *State) inScope(s ingress.Scope) error {
	switch {
	case s.Subnet && s.ID != st.config.ID():
		return &ingress.Refusal{Status: 404, Text: fmt.Sprintf("Subnet %s is not here.", s.ID)}
	case !s.Subnet && !s.ID.IsManagement() && !st.config.Contains(s.ID):
		return &ingress.Refusal{Status: 404, Text: fmt.Sprintf("Canister %s is not on this subnet.", s.ID)}
	}
	return nil
}

// readSubnet leaves the flat ranges out for readers of the sharded layout, who
// get them in the delegation.
func (st *State) readSubnet(layout certificate.Layout, p hashtree.Path) []hashtree.Path {
	if layout == certificate.Flat {
		return []hashtree.Path{p}
	}
	own := st.config.ID().Bytes()
	switch {
	case len(p) >= 2 && string(p[1]) != string(own):
		return []hashtree.Path{p}
	case len(p) <= 2:
		return []hashtree.Path{
			path(labelSubnet, own, labelPublicKey),
			path(labelSubnet, own, labelType),
			path(labelSubnet, own, labelNode),
		}
	case string(p[2]) == labelRanges:
		return nil
	}
	return []hashtree.Path{p}
}

// readableCanister lets through what is public of the canister in the address.
func readableCanister(scope ingress.Scope, p hashtree.Path) error {
	if len(p) < 3 {
		return invalidPath()
	}
	id, err := principal.FromBytes(p[1])
	if err != nil {
		return &ingress.Refusal{Status: 400, Text: fmt.Sprintf("Could not parse the canister id in a path: %v", err)}
	}
	if scope.Subnet || id != scope.ID {
		return &ingress.Refusal{Status: 400, Text: fmt.Sprintf("Effective canister id in URL %s does not match canister id in paths %s.", scope.ID, id)}
	}
	switch string(p[2]) {
	case labelModuleHash, labelControllers, labelCreated, labelInstalled:
		if len(p) == 3 {
			return nil
		}
	case labelMetadata:
		if len(p) == 4 {
			return nil
		}
	}
	return invalidPath()
}

// readableCall shows the outcome of a call to its sender only. Of a call that
// is not known there is nothing to hide.
func readableCall(base table.Reader, r Read, id ingress.RequestID) error {
	kept, known := getStatus(base, id)
	if !known {
		return nil
	}
	receiver, err := principal.FromBytes(kept.Receiver)
	if err != nil {
		panic(&table.Fault{Err: err})
	}
	switch {
	case !kept.sentBy(r.Sender):
		return &ingress.Refusal{Status: 403, Text: "The user tries to access Request ID not signed by the caller."}
	case r.Scope.Subnet || r.Scope.ID != receiver:
		return &ingress.Refusal{Status: 403, Text: "The user tries to access request IDs for a different effective canister ID."}
	case !r.Authority.Allows(receiver):
		return &ingress.Refusal{Status: 403, Text: "The user tries to access request IDs that are not among the delegation targets."}
	}
	return nil
}

func invalidPath() error { return &ingress.Refusal{Status: 404, Text: "Invalid path requested."} }
