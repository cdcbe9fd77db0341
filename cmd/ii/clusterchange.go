//go:build !solo

package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"internetidentity/node"
)

// clusterKeys makes the keys of a machine of a new cluster.
func clusterKeys(args []string, stdout, stderr io.Writer) error {
	flags := newFlags("ii cluster keys", "Makes the keys of one machine of a new cluster, on that machine, and a file to show\nto whoever runs ii cluster init --members.", stderr)
	dir := flags.String("dir", "", "`folder` for the home of the machine")
	name := flags.String("name", "", "`name` of the machine (default: that of the folder)")
	host := flags.String("host", "127.0.0.1", "`address` of the machine, as the others reach it")
	port := flags.Int("port", 4943, "first `port` of the machine; it takes four")
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if *dir == "" {
		fmt.Fprintln(stderr, "ii cluster keys needs --dir; see ii cluster keys -h")
		return errUsage
	}
	public, err := node.MakeKeys(*dir, *name, *host, *port)
	if err == nil {
		fmt.Fprintf(stdout, "The keys are in %s and stay there.\nShow to the others: %s\n", *dir, public)
	}
	return err
}

// clusterJoin makes the home of a machine that is to join.
func clusterJoin(args []string, stdout, stderr io.Writer) error {
	flags := newFlags("ii cluster join", "Makes the home of a machine that is to join a cluster, with keys of its own.", stderr)
	from := flags.String("from", "", "`folder` with node.toml and genesis.json of a machine of the cluster, and trust.json if it has one")
	dir := flags.String("dir", "", "`folder` for the new home")
	name := flags.String("name", "", "`name` of the machine (default: that of the folder)")
	host := flags.String("host", "127.0.0.1", "`address` of the machine")
	port := flags.Int("port", 4943, "first `port` of the machine; it takes four")
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if *from == "" || *dir == "" {
		fmt.Fprintln(stderr, "ii cluster join needs --from and --dir; see ii cluster join -h")
		return errUsage
	}
	public, err := node.Join(*from, *dir, *name, *host, *port)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "The machine is laid out in %s.\n\nStart it:              ii node --home %s\nShow to the members:   %s\nEach of them then runs: ii cluster reshare --home HOME --add %s\n", *dir, *dir, public, public)
	return nil
}

// list is a flag that may be given more than once, or with commas.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(text string) error {
	*l = append(*l, strings.Split(text, ",")...)
	return nil
}

// clusterReshare votes for other members.
func clusterReshare(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := newFlags("ii cluster reshare", "Votes, as one running machine, for handing the keys of the cluster over to other\nmembers. The keys stay the same.", stderr)
	home := flags.String("home", "", "`folder` of the machine that votes")
	var change node.Change
	flags.Var((*list)(&change.Add), "add", "`file` member.json of a machine that joins")
	flags.Var((*list)(&change.Remove), "remove", "`name` of a machine that leaves")
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if *home == "" || len(change.Add)+len(change.Remove) == 0 {
		fmt.Fprintln(stderr, "ii cluster reshare needs --home, and --add or --remove; see ii cluster reshare -h")
		return errUsage
	}
	return voted(stdout)(node.Reshare(ctx, *home, change))
}

// clusterUpgrade votes for this version of the program.
func clusterUpgrade(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := newFlags("ii cluster upgrade", "Votes, as one running machine, for this version of the program to take over with\na block. Run it with the new program while the old one runs the machine. At that\nblock every old machine stops and says so; start it again with the new program.", stderr)
	home := flags.String("home", "", "`folder` of the machine that votes")
	at := flags.Int64("at", 0, "`block` with which the version begins")
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if *home == "" || *at <= 0 {
		fmt.Fprintln(stderr, "ii cluster upgrade needs --home and --at; see ii cluster upgrade -h")
		return errUsage
	}
	return voted(stdout)(node.Upgrade(ctx, *home, *at))
}

func voted(stdout io.Writer) func(int, error) error {
	return func(needed int, err error) error {
		if err == nil {
			fmt.Fprintf(stdout, "The ballot is sent. It takes place when %d members are for it.\n", needed)
		}
		return err
	}
}
