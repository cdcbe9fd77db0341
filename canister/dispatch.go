package canister

import (
	"fmt"

	"internetidentity/candid"
	"internetidentity/identity"
)

// call is one message with what the face needs beside the rules.
type call struct {
	identity.Message
	view        *View
	certificate []byte
}

// method is a row of the table.
type method struct {
	name          string
	query         bool
	args, results []*candid.Type
	run           func(c *call, arg []byte) ([]byte, error)
}

func update[A, R any](name string, handle func(*call, *A) (*R, error)) method {
	args, results := candid.MustCodec[A](), candid.MustCodec[R]()
	return method{
		name: name, args: args.Types(), results: results.Types(),
		run: func(c *call, arg []byte) ([]byte, error) {
			var a A
			if err := args.Decode(arg, &a); err != nil {
				return nil, fmt.Errorf("failed to decode call arguments: %w", err)
			}
			r, err := handle(c, &a)
			if err != nil {
				return nil, err
			}
			return results.Encode(r), nil
		},
	}
}

func query[A, R any](name string, handle func(*call, *A) (*R, error)) method {
	m := update(name, handle)
	m.query = true
	return m
}
