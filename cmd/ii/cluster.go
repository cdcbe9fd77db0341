//go:build !solo

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"internetidentity/node"
)

const clusterUsage = `Usage: ii cluster COMMAND [flags]

A cluster is several machines that are one Internet Identity together: up to a
third of them may fail or lie, and no single one holds its keys.

  ii cluster init --validators 4 --dir DIR   make a home for every machine
  ii node --home DIR/node0                   run one of them
  ii cluster keys --dir HOME --host ADDRESS  make the keys of one machine, on it;
                                             then: ii cluster init --members a.json,b.json,...
  ii cluster status --dir DIR                ask every machine how it is

Members vote for changes, each with its own home while it runs; when enough of
them are for the same change it takes place:

  ii cluster join --from DIR/node0 --dir DIR/node4   make a home for a machine that joins
  ii cluster reshare --home DIR/node0 --add DIR/node4/member.json --remove node1
  ii cluster upgrade --home DIR/node0 --at BLOCK     go over to this version of the program
`

// cluster runs the commands about whole clusters.
func cluster(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		fmt.Fprint(stderr, clusterUsage)
		return errUsage
	}
	switch args[0] {
	case "init":
		return clusterInit(args[1:], stdout, stderr)
	case "keys":
		return clusterKeys(args[1:], stdout, stderr)
	case "status":
		return clusterStatus(ctx, args[1:], stdout, stderr)
	case "join":
		return clusterJoin(args[1:], stdout, stderr)
	case "reshare":
		return clusterReshare(ctx, args[1:], stdout, stderr)
	case "upgrade":
		return clusterUpgrade(ctx, args[1:], stdout, stderr)
	case "help", "-h", "-help", "--help":
		fmt.Fprint(stdout, clusterUsage)
		return nil
	}
	fmt.Fprintf(stderr, "ii: there is no command %q\n\n%s", "cluster "+args[0], clusterUsage)
	return errUsage
}

// clusterInit makes the homes of the machines.
func clusterInit(args []string, stdout, stderr io.Writer) error {
	flags := newFlags("ii cluster init", "Makes a home for every machine of a new cluster. The keys of the cluster are made\nby the machines together, when they first meet.", stderr)
	c := node.Cluster{}
	flags.StringVar(&c.Dir, "dir", "cluster", "`folder` that gets the homes")
	flags.StringVar(&c.Name, "name", "internet-identity", "`name` of the cluster")
	flags.IntVar(&c.Port, "port", 4943, "first `port`; every machine takes four")
	validators := flags.Int("validators", 4, "`number` of machines, all on this one")
	flags.Var((*list)(&c.Members), "members", "`files` member.json of machines whose keys were made on them, in place of --validators;\neach home gets node.toml and genesis.json, which its operator puts beside its keys")
	flags.StringVar(&c.Export, "import", "", "`file` of ii export, with whose identities the cluster goes on")
	flags.StringVar(&c.Config.Origin, "origin", "", "the one `address` under which people reach the service, such as https://id.example.org")
	flags.StringVar((*string)(&c.Config.Captcha), "captcha", "auto", "`when` a registration must solve a captcha: auto, on or off")
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if len(c.Members) > 0 {
		// Only a service for one machine does without captchas by itself.
		c.Config.Listen = "0.0.0.0:4943"
	} else {
		for range *validators {
			c.Hosts = append(c.Hosts, "127.0.0.1")
		}
	}
	homes, err := c.Make()
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "A cluster of %d machines is laid out.\n\n", len(homes))
	for _, h := range homes {
		fmt.Fprintf(stdout, "  %-24s %s\n", h.Dir, h.URL)
	}
	fmt.Fprintf(stdout, "\nStart each: ii node --home %s\n", homes[0].Dir)
	return nil
}

// runNode runs one machine until the context ends.
func runNode(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := newFlags("ii node", "Runs one machine of a cluster.", stderr)
	config := node.MemberConfig{Version: version()}
	flags.StringVar(&config.Home, "home", "", "`folder` of the machine, as ii cluster init made it")
	level := flags.String("log-level", "warn", "what to log to standard error: debug, info, warn or error")
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if config.Home == "" {
		fmt.Fprintln(stderr, "ii node needs --home; see ii node -h")
		return errUsage
	}
	var logLevel slog.Level
	if err := logLevel.UnmarshalText([]byte(*level)); err != nil {
		return fmt.Errorf("log level %q: want debug, info, warn or error", *level)
	}
	config.Logger = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: logLevel}))
	running, err := node.StartMember(config)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "This machine of the cluster is running.\n\n  Sign-in page   %s\n", running.URL())
	if demo := running.DemoURL(); demo != "" {
		fmt.Fprintf(stdout, "  Demo app       %s\n", demo)
	}
	fmt.Fprintf(stdout, "  Home           %s\n", shorten(config.Home))
	err = running.Wait(ctx)
	if closed := running.Close(); err == nil {
		err = closed
	}
	if err == nil {
		fmt.Fprintln(stdout, "Stopped. Everything is kept.")
	}
	return err
}
