package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	agent "github.com/aviate-labs/agent-go"
	"github.com/aviate-labs/agent-go/certification"
	"github.com/aviate-labs/agent-go/certification/hashtree"
	"github.com/aviate-labs/agent-go/certification/ii"
	"github.com/aviate-labs/agent-go/principal"
)

type pair = certification.KeyValuePair

// notation writes a value so that every language can read it.
func notation(v any) any {
	switch v := v.(type) {
	case string:
		return known{"text": v}
	case []byte:
		return known{"blob": hex.EncodeToString(v)}
	case uint64:
		return known{"nat": strconv.FormatUint(v, 10)}
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = notation(v[i])
		}
		return known{"array": list}
	case []pair:
		list := make([]any, len(v))
		for i := range v {
			list[i] = known{"name": v[i].Key, "value": notation(v[i].Value)}
		}
		return known{"map": list}
	}
	panic(fmt.Sprintf("no notation for %T", v))
}

func rihAnswers() map[string][]known {
	canister := principal.MustDecode("rdmx6-jaaaa-aaaaa-aaadq-cai").Raw
	sender := principal.NewSelfAuthenticating(seed("sender")).Raw
	maps := []struct {
		name   string
		fields []pair
	}{
		{"a name twice", []pair{{Key: "set-cookie", Value: "a"}, {Key: "set-cookie", Value: "b"}, {Key: "content-type", Value: "c"}}},
		{"a name twice, the other way", []pair{{Key: "set-cookie", Value: "b"}, {Key: "content-type", Value: "c"}, {Key: "set-cookie", Value: "a"}}},
		{"a field twice", []pair{{Key: "a", Value: uint64(1)}, {Key: "a", Value: uint64(1)}}},
		{"every kind", []pair{{Key: "n", Value: uint64(300)}, {Key: "b", Value: seed("b")}, {Key: "l", Value: []any{"x", []any{}, uint64(0)}}, {Key: "", Value: ""}}},
	}
	var out, values, ids []known
	for _, m := range maps {
		hash := must(certification.RepresentationIndependentHash(m.fields))
		out = append(out, known{"name": m.name, "value": notation(m.fields), "hash": hex.EncodeToString(hash[:])})
		for _, f := range m.fields {
			hash := must(certification.HashAny(f.Value))
			values = append(values, known{"name": m.name + ": " + f.Key, "value": notation(f.Value), "hash": hex.EncodeToString(hash[:])})
		}
	}
	const expiry = uint64(1_700_000_240_000_000_000)
	for _, r := range []agent.Request{
		{Type: agent.RequestTypeCall, Sender: principal.Principal{Raw: sender}, Nonce: seed("nonce")[:10], IngressExpiry: expiry, CanisterID: principal.Principal{Raw: canister}, MethodName: "prepare_delegation", Arguments: seed("arg")},
		{Type: agent.RequestTypeReadState, Sender: principal.AnonymousID, IngressExpiry: expiry, Paths: [][]hashtree.Label{{hashtree.Label("time")}, {hashtree.Label("request_status"), seed("id")}}},
	} {
		fields := []pair{{Key: "request_type", Value: r.Type}, {Key: "sender", Value: r.Sender.Raw}, {Key: "ingress_expiry", Value: r.IngressExpiry}}
		if r.Type == agent.RequestTypeCall {
			fields = append(fields, pair{Key: "nonce", Value: r.Nonce}, pair{Key: "canister_id", Value: r.CanisterID.Raw}, pair{Key: "method_name", Value: r.MethodName}, pair{Key: "arg", Value: r.Arguments})
		} else {
			var paths []any
			for _, path := range r.Paths {
				var labels []any
				for _, label := range path {
					labels = append(labels, []byte(label))
				}
				paths = append(paths, labels)
			}
			fields = append(fields, pair{Key: "paths", Value: paths})
		}
		id := agent.NewRequestID(r)
		ids = append(ids, known{"name": "a " + r.Type, "value": notation(fields), "hash": hex.EncodeToString(id[:])})
	}
	return map[string][]known{"map": out, "value": values, "requestId": ids}
}

func hashtreeAnswers() map[string][]known {
	leaf := func(s string) hashtree.Node { return hashtree.Leaf(s) }
	labeled := func(label string, sub hashtree.Node) hashtree.Node {
		return hashtree.Labeled{Label: hashtree.Label(label), Tree: sub}
	}
	fork := func(l, r hashtree.Node) hashtree.Node { return hashtree.Fork{LeftTree: l, RightTree: r} }
	prune := func(n hashtree.Node) hashtree.Node { return hashtree.Pruned(n.Reconstruct()) }
	whole := fork(fork(labeled("a", fork(labeled("x", leaf("1")), labeled("y", leaf("2")))), labeled("aa", leaf("3"))), fork(labeled("b", hashtree.Empty{}), labeled("c", leaf(""))))
	trees := []struct {
		name string
		node hashtree.Node
	}{
		{"nothing", hashtree.Empty{}},
		{"whole", whole},
		{"its second half pruned", fork(fork(labeled("a", fork(labeled("x", leaf("1")), labeled("y", leaf("2")))), labeled("aa", leaf("3"))), prune(fork(labeled("b", hashtree.Empty{}), labeled("c", leaf("")))))},
		{"its first half pruned", fork(prune(fork(labeled("a", fork(labeled("x", leaf("1")), labeled("y", leaf("2")))), labeled("aa", leaf("3")))), fork(labeled("b", hashtree.Empty{}), labeled("c", leaf(""))))},
	}
	paths := [][]string{{"a"}, {"a", "x"}, {"a", "xx"}, {"a", "z"}, {"aa"}, {"aaa"}, {"ab"}, {"b"}, {"bb"}, {"c"}, {"c", "x"}, {""}}
	var out []known
	for _, t := range trees {
		digest := t.node.Reconstruct()
		var values, subtrees []known
		for _, p := range paths {
			var path []hashtree.Label
			shown := []string{}
			for _, label := range p {
				path = append(path, hashtree.Label(label))
				shown = append(shown, hex.EncodeToString([]byte(label)))
			}
			value, err := hashtree.Lookup(t.node, path...)
			found := known{"path": shown, "status": status(err)}
			if err == nil {
				found["value"] = hex.EncodeToString(value)
			}
			values = append(values, found)
			sub, err := hashtree.LookupSubTree(t.node, path...)
			found = known{"path": shown, "status": status(err)}
			if err == nil {
				digest := sub.Reconstruct()
				found["digest"] = hex.EncodeToString(digest[:])
			}
			subtrees = append(subtrees, found)
		}
		out = append(out, known{"name": t.name, "tree": hex.EncodeToString(must(hashtree.Serialize(t.node))), "digest": hex.EncodeToString(digest[:]), "values": values, "subtrees": subtrees})
	}
	return map[string][]known{"tree": out}
}

func status(err error) string {
	var lookup hashtree.LookupError
	if !errors.As(err, &lookup) {
		return "found"
	}
	return map[hashtree.LookupResultType]string{
		hashtree.LookupResultAbsent: "absent", hashtree.LookupResultUnknown: "unknown", hashtree.LookupResultError: "error",
	}[lookup.Type]
}

func certificateAnswers() map[string][]known {
	var delegations, keys []known
	for _, targets := range [][]ii.HexString{nil, {"\x00\x01", ii.HexString(seed("target")[:10])}} {
		d := ii.Delegation{PublicKey: ii.HexString(seed("session")), Expiration: 1_700_000_000_123_456_789, Targets: targets}
		signed := must(d.SignatureMessage())
		c := known{
			"name": fmt.Sprintf("%d targets", len(targets)), "publicKey": hex.EncodeToString([]byte(d.PublicKey)), "expiration": strconv.FormatUint(uint64(d.Expiration), 10),
			"hash": hex.EncodeToString(signed[len(signed)-32:]), "signedBytes": hex.EncodeToString(signed),
		}
		if targets != nil {
			list := []string{}
			for _, t := range targets {
				list = append(list, hex.EncodeToString([]byte(t)))
			}
			c["targets"] = list
		}
		delegations = append(delegations, c)
	}
	for _, length := range []int{0, 3, 32} {
		k := ii.CanisterSigPublicKey{CanisterID: principal.MustDecode("rdmx6-jaaaa-aaaaa-aaadq-cai"), Seed: seed("canister seed")[:length]}
		keys = append(keys, known{"name": fmt.Sprintf("a seed of %d bytes", length), "canister": k.CanisterID.Encode(), "seed": hex.EncodeToString(k.Seed), "der": hex.EncodeToString(k.DER())})
	}
	return map[string][]known{"delegation": delegations, "canisterKey": keys}
}
