package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"internetidentity/node"
)

// serve runs the service until the context ends.
func serve(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	config := node.Config{Version: version()}
	var path string
	flags := flag.NewFlagSet("ii serve", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&path, "config", "", "`file` with settings in TOML; flags beside it count more")
	flags.StringVar(&config.DataDir, "data", "", "`folder` with the keys and the database, made when missing (default ~/.local/share/internet-identity)")
	flags.StringVar(&config.Listen, "listen", "127.0.0.1:4943", "`address` of the service; port 0 takes a free one")
	flags.BoolVar(&config.Demo, "demo", false, "also start the demo app")
	flags.StringVar(&config.DemoListen, "demo-listen", "127.0.0.1:4944", "`address` of the demo app")
	flags.StringVar(&config.Origin, "origin", "", "the one `address` under which people reach the service, such as https://id.example.org;\npasskeys belong to its host")
	flags.StringVar(&config.MetricsListen, "metrics-listen", "", "`address` of the metrics of the host (default: none)")
	flags.StringVar((*string)(&config.Captcha), "captcha", "auto", "`when` a registration must solve a captcha: auto, on or off;\nauto is off while only this machine can reach the service")
	flags.Var((*dummyAuth)(&config.DummyAuth), "dummy-auth", "use keys that everybody can compute in place of passkeys, for end-to-end\ntests of apps on this machine; --dummy-auth=prompt asks each time which one")
	level := flags.String("log-level", "warn", "what to log to standard error: debug, info, warn or error")
	flags.Usage = func() {
		fmt.Fprint(stderr, "Usage: ii serve [flags]\n\nRuns Internet Identity: the sign-in page and the Internet Computer's HTTP\ninterface on one port. Stop it with Ctrl-C; it keeps everything.\n\nFlags:\n\n")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	if path != "" {
		if err := node.LoadConfig(path, &config); err != nil {
			return err
		}
		// Once more: flags count more than the file.
		if err := flags.Parse(args); err != nil {
			return errUsage
		}
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "ii serve takes no argument %q; see ii serve -h\n", flags.Arg(0))
		return errUsage
	}
	var logLevel slog.Level
	if err := logLevel.UnmarshalText([]byte(*level)); err != nil {
		return fmt.Errorf("log level %q: want debug, info, warn or error", *level)
	}
	config.Logger = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: logLevel}))

	running, err := node.Start(ctx, config)
	if err != nil {
		return err
	}
	if config.DummyAuth != node.DummyAuthOff {
		fmt.Fprint(stderr, "\n  DUMMY AUTHENTICATION: everybody can be anybody here.\n  For tests of apps, on this machine only.\n\n")
	}
	greet(stdout, running)
	err = running.Wait(ctx)
	if closed := running.Close(); err == nil {
		err = closed
	}
	if err == nil {
		fmt.Fprintln(stdout, "Stopped. Everything is kept.")
	}
	return err
}

// dummyAuth is a flag that may stand alone.
type dummyAuth node.DummyAuth

func (d *dummyAuth) IsBoolFlag() bool { return true }

func (d *dummyAuth) String() string { return string(*d) }

func (d *dummyAuth) Set(text string) error {
	switch text {
	case "true":
		text = string(node.DummyAuthOn)
	case "false":
		text = string(node.DummyAuthOff)
	}
	// What is neither is refused with everything else.
	*d = dummyAuth(text)
	return nil
}

// greet tells a person where everything is and what to try first.
func greet(w io.Writer, n *node.Node) {
	fmt.Fprintf(w, "Internet Identity is running.\n\n")
	fmt.Fprintf(w, "  Sign-in page   %s\n", n.URL())
	if demo := n.DemoURL(); demo != "" {
		fmt.Fprintf(w, "  Demo app       %s\n", demo)
	}
	if metrics := n.MetricsURL(); metrics != "" {
		fmt.Fprintf(w, "  Metrics        %s\n", metrics)
	}
	fmt.Fprintf(w, "  Data folder    %s\n", shorten(n.DataDir()))
	fmt.Fprintf(w, "  Root key       %s\n\n", n.RootFingerprint())
	if demo := n.DemoURL(); demo != "" {
		fmt.Fprintf(w, "Try it: open %s and press \"Sign in\".\n", demo)
	} else {
		fmt.Fprintf(w, "Try it: ii serve --demo starts an app to sign in to.\nPoint your own app's client library at %s.\n", n.URL())
	}
}

// shorten writes a path the way a person would.
func shorten(path string) string {
	home, err := os.UserHomeDir()
	if err != nil || home == "/" {
		return path
	}
	if rest, ok := strings.CutPrefix(path, home+string(filepath.Separator)); ok {
		return "~" + string(filepath.Separator) + rest
	}
	return path
}
