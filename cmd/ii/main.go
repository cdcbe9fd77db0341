// Command ii runs Internet Identity.
//
// It owns flags and what a person reads in the terminal; everything else is in
// package node.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

const usage = `ii - Internet Identity: passkey sign-in that cannot track you

Usage:

  ii serve [--data DIR] [--listen ADDR] [--demo]    run the service
  ii cluster init|status                            lay out a cluster of machines
  ii node --home DIR                                run one machine of a cluster
  ii export --out FILE                              take identities along into a cluster
  ii backup --out FOLDER                            copy the data, also of a running service
  ii restore --from FOLDER                          put a backup into a new data folder
  ii check                                          look the data through
  ii version                                        print the version
  ii help                                           print this text

Run "ii serve -h" for every flag. To try it:

  ii serve --demo      and open http://localhost:4944
`

// errUsage has been explained to the user already.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	default:
		fmt.Fprintf(os.Stderr, "ii: %v\n", err)
		os.Exit(1)
	}
}

// run is the whole program with its surroundings as arguments, for the tests.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	command, rest := "help", []string(nil)
	if len(args) > 0 {
		command, rest = args[0], args[1:]
	}
	switch command {
	case "serve":
		return serve(ctx, rest, stdout, stderr)
	case "cluster":
		return cluster(ctx, rest, stdout, stderr)
	case "export":
		return export(rest, stdout, stderr)
	case "backup":
		return backup(ctx, rest, stdout, stderr)
	case "restore":
		return restore(rest, stdout, stderr)
	case "check":
		return check(rest, stdout, stderr)
	case "node":
		return runNode(ctx, rest, stdout, stderr)
	case "version", "-v", "--version":
		fmt.Fprintf(stdout, "ii %s\n", version())
		return nil
	case "help", "-h", "-help", "--help":
		fmt.Fprint(stdout, usage)
		return nil
	default:
		fmt.Fprintf(stderr, "ii: there is no command %q\n\n%s", command, usage)
		return errUsage
	}
}

// version is what the Go toolchain recorded about this build.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	name := info.Main.Version
	if name == "" || name == "(devel)" {
		name = "development"
	}
	return name
}
