//go:build !solo

package main

import (
	"context"
	"fmt"
	"io"

	"internetidentity/node"
)

// clusterStatus shows how every machine is.
func clusterStatus(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := newFlags("ii cluster status", "Asks every machine of a cluster how it is.", stderr)
	dir := flags.String("dir", "cluster", "`folder` with the homes")
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	list, err := node.ClusterStatus(ctx, *dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%-8s %-28s %-10s %8s %6s  %s\n", "MACHINE", "URL", "STATE", "HEIGHT", "PEERS", "ROOT KEY")
	for _, s := range list {
		fmt.Fprintf(stdout, "%-8s %-28s %-10s %8d %6d  %s\n", s.Name, s.URL, s.State, s.Height, s.Peers, s.RootFingerprint)
	}
	return nil
}
