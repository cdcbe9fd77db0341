package main

import (
	"context"
	"fmt"
	"io"

	"internetidentity/node"
)

const aboutData = "`folder` with the keys and the database (default ~/.local/share/internet-identity)"

// backup copies the data of a service, which may run meanwhile.
func backup(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := newFlags("ii backup", "Writes a consistent copy of a service's data into a new folder, also while the\nservice runs. The copy holds the keys: keep it as secret as the service itself.", stderr)
	dir := flags.String("data", "", aboutData)
	out := flags.String("out", "", "`folder` to make; it must not exist")
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if *out == "" {
		fmt.Fprintln(stderr, "ii backup needs --out; see ii backup -h")
		return errUsage
	}
	if err := node.Backup(ctx, *dir, *out); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "The backup is in %s. Look it through with: ii check --data %s\n", *out, *out)
	return nil
}

// restore puts a backup into a new data folder.
func restore(args []string, stdout, stderr io.Writer) error {
	flags := newFlags("ii restore", "Puts a backup into a new data folder, and looks it through. Never run two services\non copies of one folder: they would give the same numbers to different people.", stderr)
	from := flags.String("from", "", "`folder` that ii backup has made")
	dir := flags.String("data", "", "new "+aboutData)
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if *from == "" {
		fmt.Fprintln(stderr, "ii restore needs --from; see ii restore -h")
		return errUsage
	}
	report, err := node.Restore(*from, *dir)
	tell(stdout, report)
	if err == nil {
		fmt.Fprintln(stdout, "Restored. Start it with: ii serve")
	}
	return err
}

// check looks the data of a stopped service through.
func check(args []string, stdout, stderr io.Writer) error {
	flags := newFlags("ii check", "Looks everything through that a stopped service or a backup keeps: its keys, and\nevery record with all that refers to it. It changes nothing.", stderr)
	dir := flags.String("data", "", aboutData)
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	report, err := node.Check(*dir)
	tell(stdout, report)
	if err == nil {
		fmt.Fprintln(stdout, "Everything is in order.")
	}
	return err
}

func tell(stdout io.Writer, report *node.Report) {
	if report == nil {
		return
	}
	fmt.Fprintf(stdout, "Canister %s: %d identities with %d methods and %d named accounts, %d entries in their histories.\n",
		report.Canister, report.Identities, report.Methods, report.Accounts, report.Entries)
	if report.Unlisted > 0 {
		fmt.Fprintf(stdout, "  %d entries of indices are missing, without which a passkey may not be found by itself\n", report.Unlisted)
	}
	for _, problem := range report.Problems {
		fmt.Fprintf(stdout, "  %s\n", problem)
	}
	if more := report.Found - len(report.Problems); more > 0 {
		fmt.Fprintf(stdout, "  and %d more\n", more)
	}
}
