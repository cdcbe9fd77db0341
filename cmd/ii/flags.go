package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

func newFlags(name, about string, stderr io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintf(stderr, "Usage: %s [flags]\n\n%s\n\nFlags:\n\n", name, about)
		flags.PrintDefaults()
	}
	return flags
}

func parse(flags *flag.FlagSet, args []string, stderr io.Writer) error {
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "%s takes no argument %q; see %s -h\n", flags.Name(), flags.Arg(0), flags.Name())
		return errUsage
	}
	return nil
}
