package client

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"errors"
	"fmt"

	"internetidentity/ingress"
	"internetidentity/principal"
)

// Query runs a method that changes nothing. The answer is signed by a node of
// the subnet and not certified. The error of a reject is a *RejectError.
func (c *Client) Query(ctx context.Context, i Identity, canister principal.Principal, method string, arg []byte) ([]byte, error) {
	e, err := i.envelope(ingress.Content{
		Kind: ingress.Query, Expiry: c.now() + requestTime, Canister: canister, Method: method, Arg: arg,
	})
	if err != nil {
		return nil, err
	}
	_, body, err := c.post(ctx, "/api/v3/canister/"+canister.String()+"/query", e)
	if err != nil {
		return nil, err
	}
	response, err := ingress.ParseQueryResponse(body)
	if err != nil {
		return nil, err
	}
	if err := c.verifyNode(ctx, canister, e.ID, response); err != nil {
		return nil, err
	}
	if o := response.Outcome; !o.Replied {
		return nil, &RejectError{Code: o.RejectCode, Message: o.RejectMessage, ErrorCode: o.ErrorCode}
	}
	return response.Outcome.Arg, nil
}

// verifyNode checks that nodes of the subnet have signed an answer lately. When
// they have not, the keys may have changed: they are asked for once more.
func (c *Client) verifyNode(ctx context.Context, canister principal.Principal, id ingress.RequestID, response *ingress.QueryResponse) error {
	nodes, fetched, err := c.nodeKeys(ctx, canister, false)
	if err != nil {
		return err
	}
	err = c.verifySignatures(nodes, id, response)
	if err == nil || fetched {
		return err
	}
	if nodes, _, err = c.nodeKeys(ctx, canister, true); err != nil {
		return err
	}
	return c.verifySignatures(nodes, id, response)
}

func (c *Client) verifySignatures(nodes map[principal.Principal][]byte, id ingress.RequestID, response *ingress.QueryResponse) error {
	switch n := len(response.Signatures); {
	case n == 0:
		return errors.New("the answer is not signed")
	case n > len(nodes):
		return fmt.Errorf("the answer has %d signatures, and the subnet %d nodes", n, len(nodes))
	}
	for _, s := range response.Signatures {
		der, known := nodes[s.Node]
		if !known {
			return fmt.Errorf("the answer is signed by %s, which is no node of the subnet", s.Node)
		}
		parsed, err := x509.ParsePKIXPublicKey(der)
		key, ok := parsed.(ed25519.PublicKey)
		if err != nil || !ok {
			return fmt.Errorf("the key of node %s is malformed", s.Node)
		}
		if !ed25519.Verify(key, ingress.QueryResponsePayload(response.Outcome, id, s.Timestamp), s.Signature) {
			return errors.New("the signature of the answer does not verify")
		}
		if !near(s.Timestamp, c.now()) {
			return errors.New("the answer is too old, or one of the clocks is wrong")
		}
	}
	return nil
}

// nodeKeysTime is how long node keys are believed, in nanoseconds: five
// minutes, as other clients have it.
const nodeKeysTime = 5 * 60 * 1_000_000_000

// nodeSet are the certified keys of the nodes that answer for a canister.
type nodeSet struct {
	keys  map[principal.Principal][]byte // Ed25519 in DER
	until uint64
}

// nodeKeys are the keys of the nodes that answer for a canister, and whether
// they were fetched just now.
func (c *Client) nodeKeys(ctx context.Context, canister principal.Principal, anew bool) (map[principal.Principal][]byte, bool, error) {
	c.mu.Lock()
	known, ok := c.nodes[canister]
	c.mu.Unlock()
	if ok && !anew && c.now() < known.until {
		return known.keys, false, nil
	}
	proof, err := c.ReadState(ctx, Identity{}, canister, [][][]byte{{[]byte("subnet")}})
	if err != nil {
		return nil, false, err
	}
	root := c.verifier().Root
	subnet := root.SubnetID()
	if proof.Delegation != nil {
		subnet = proof.Delegation.SubnetID
	}
	all, _ := proof.Tree.Subtree([]byte("subnet"), subnet.Bytes(), []byte("node"))
	keys := map[principal.Principal][]byte{}
	for _, label := range all.Labels() {
		id, err := principal.FromBytes(label)
		if err != nil {
			return nil, false, err
		}
		key, _ := all.Lookup(label, []byte("public_key"))
		keys[id] = key
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.nodes) >= maxNodeSets {
		clear(c.nodes)
	}
	c.nodes[canister] = nodeSet{keys, c.now() + nodeKeysTime}
	return keys, true, nil
}

// maxNodeSets that a client remembers, one for each canister.
const maxNodeSets = 64

func near(a, b uint64) bool { return a <= b+maxAge && b <= a+maxAge }
