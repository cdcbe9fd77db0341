//go:build !solo

package main

import (
	"fmt"
	"io"

	"internetidentity/node"
)

// export writes the identities of a service on one machine into a file.
func export(args []string, stdout, stderr io.Writer) error {
	flags := newFlags("ii export", "Writes the identities of a stopped ii serve into a file, from which a cluster can be\nfounded (ii cluster init --import). The file is as secret as the data folder.", stderr)
	dir := flags.String("data", "", "`folder` with the keys and the database (default ~/.local/share/internet-identity)")
	out := flags.String("out", "", "`file` to write; it must not exist")
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if *out == "" {
		fmt.Fprintln(stderr, "ii export needs --out; see ii export -h")
		return errUsage
	}
	canister, records, err := node.Export(*dir, *out)
	if err == nil {
		fmt.Fprintf(stdout, "%d records of %s are in %s.\n", records, canister, *out)
	}
	return err
}
