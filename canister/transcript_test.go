package canister_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The behaviour of the service as transcripts: commands, four dashes, and what
// the service said. Each section begins with a new service. A change of
// behaviour is a change of a transcript, which a person reads:
//
//	go test ./canister -run Transcripts -rewrite
//
// rewrites what the service says; keep only the differences that you
// understand.
//
//	== name            begins a section
//	ada: method (args) an update call by ada, whose keys follow from the name
//	ada? method (args) a query
//	install (arg)      installs the service; without this command it is
//	                   installed without captchas
//	register ada       makes an identity with ada's passkey
//	upgrade (arg)      upgrades it; all that is volatile is forgotten
//	restart            reads the service back from its table
//	wait 10m           moves the clock
//	metrics a b        shows some of the metrics
//	repeat 3 command   shows only the last answer
//
// In arguments key(ada) is ada's public key, principal(ada) her principal,
// T+30m a time, text(9) and bytes(9) something of that length, captcha(ada)
// what the picture that ada was shown says, challenge(ada) the solved captcha
// of the first version, code(ada) the last code that was shown, passkey(ada),
// recovery(ada), plain(ada) and phrase(ada) authentication methods with her
// key, and device(ada), plaindevice(ada) and seed(ada) those of the first
// version. Answers use the same words.
var rewrite = flag.Bool("rewrite", false, "rewrite the transcripts")

func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			after := runTranscript(t, string(before))
			if *rewrite && after != string(before) {
				if err := os.WriteFile(file, []byte(after), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// runTranscript runs every section and returns the transcript as it should be.
func runTranscript(t *testing.T, text string) string {
	var out strings.Builder
	head, rest, found := strings.Cut("\n"+text, "\n== ")
	out.WriteString(strings.TrimPrefix(head, "\n"))
	for found {
		var section string
		section, rest, found = strings.Cut(rest, "\n== ")
		name, body, _ := strings.Cut(section, "\n")
		if out.Len() > 0 {
			out.WriteString("\n")
		}
		t.Run(name, func(t *testing.T) {
			out.WriteString("== " + name + "\n" + runSection(t, body))
		})
	}
	return strings.TrimRight(out.String(), "\n") + "\n"
}

// runSection runs the blocks of a section: commands up to the dashes, answers
// up to the next empty line.
func runSection(t *testing.T, body string) string {
	s := newStage(t)
	var out strings.Builder
	lines := strings.Split(strings.TrimRight(body, "\n"), "\n")
	for len(lines) > 0 {
		var commands []string
		for len(lines) > 0 && lines[0] != "----" {
			commands = append(commands, lines[0])
			lines = lines[1:]
		}
		for _, line := range commands {
			out.WriteString(line + "\n")
		}
		got := s.run(strings.Join(commands, "\n"))
		if len(lines) == 0 {
			if got != "" {
				t.Errorf("the last commands have an answer and no dashes: %s", got)
			}
			break
		}
		lines = lines[1:]
		want := ""
		for len(lines) > 0 && lines[0] != "" {
			want += lines[0] + "\n"
			lines = lines[1:]
		}
		if got != want && !*rewrite {
			t.Errorf("%s\n---- want\n%s---- got\n%s", strings.Join(commands, "\n"), want, got)
		}
		out.WriteString("----\n" + got)
	}
	s.healthy()
	return out.String()
}

// run runs commands, one after the other. A command goes on until its brackets
// are closed.
func (s *stage) run(text string) string {
	var out bytes.Buffer
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		for strings.Count(line, "(") > strings.Count(line, ")") && text != "" {
			var more string
			more, text, _ = strings.Cut(text, "\n")
			line += "\n" + more
		}
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		answer, err := s.command(line)
		if err != nil {
			s.t.Errorf("%s: %v", line, err)
		}
		if answer != "" {
			fmt.Fprintln(&out, strings.TrimRight(answer, "\n"))
		}
	}
	return out.String()
}
