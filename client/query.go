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

// verifyNode checks that a node of the subnet has signed an answer lately.
func (c *Client) verifyNode(ctx context.Context, canister principal.Principal, id ingress.RequestID, response *ingress.QueryResponse) error {
	if len(response.Signatures) == 0 {
		return errors.New("the answer is not signed")
	}
	nodes, err := c.nodeKeys(ctx, canister)
	if err != nil {
		return err
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

// nodeKeys are certified once for a client.
func (c *Client) nodeKeys(ctx context.Context, canister principal.Principal) (map[principal.Principal][]byte, error) {
	c.mu.Lock()
	known := c.nodes
	c.mu.Unlock()
	if known != nil {
		return known, nil
	}
	proof, err := c.ReadState(ctx, Identity{}, canister, [][][]byte{{[]byte("subnet")}})
	if err != nil {
		return nil, err
	}
	root := c.verifier().Root
	subnet := root.SubnetID()
	if proof.Delegation != nil {
		subnet = proof.Delegation.SubnetID
	}
	all, _ := proof.Tree.Subtree([]byte("subnet"), subnet.Bytes(), []byte("node"))
	nodes := map[principal.Principal][]byte{}
	for _, label := range all.Labels() {
		id, err := principal.FromBytes(label)
		if err != nil {
			return nil, err
		}
		key, _ := all.Lookup(label, []byte("public_key"))
		nodes[id] = key
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nodes = nodes
	return nodes, nil
}

func near(a, b uint64) bool { return a <= b+maxAge && b <= a+maxAge }
