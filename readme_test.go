package internetidentity_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// What the README tells people to type must work, and what it tells them to
// write must compile: it stands word for word in files that are compiled.

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// blocks are the fenced blocks of a language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	var found []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(readme(t), -1) {
		found = append(found, m[1])
	}
	if len(found) == 0 {
		t.Fatalf("the README has no block in %s", language)
	}
	return found
}

// words leaves out how lines are broken and indented.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestReadmeCodeIsCompiled(t *testing.T) {
	for language, file := range map[string]string{"go": "client/example_test.go", "ts": "examples/demo/ui/src/readme.ts"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range blocks(t, language) {
			if !strings.Contains(words(string(source)), words(block)) {
				t.Errorf("a block in %s does not stand in %s:\n%s", language, file, block)
			}
		}
	}
}

func TestReadmeCommandsWork(t *testing.T) {
	ii := filepath.Join(t.TempDir(), "ii")
	if out, err := exec.Command("go", "build", "-o", ii, "./cmd/ii").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, block := range blocks(t, "sh") {
		for command := range strings.SplitSeq(strings.TrimSpace(block), "\n") {
			if rest, ok := strings.CutPrefix(command, "make "); ok {
				makeTells(t, rest)
			} else if rest, ok := strings.CutPrefix(command, "go run ./cmd/ii "); ok {
				serves(t, ii, strings.Fields(rest))
			} else {
				t.Errorf("nobody tries %q", command)
			}
		}
	}
	for _, m := range regexp.MustCompile("`make ([a-z-]+)`").FindAllStringSubmatch(readme(t), -1) {
		makeTells(t, m[1])
	}
}

// makeTells checks that there is a target, without running it.
func makeTells(t *testing.T, target string) {
	t.Helper()
	if out, err := exec.Command("make", "-n", target).CombinedOutput(); err != nil {
		t.Errorf("make %s: %v\n%s", target, err, out)
	}
}

// serves starts the program as the README says, on free ports, until it says
// that it runs.
func serves(t *testing.T, ii string, args []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	command := exec.CommandContext(ctx, ii, append(args, "--listen", "127.0.0.1:0", "--demo-listen", "127.0.0.1:0")...)
	command.Env = append(os.Environ(), "XDG_DATA_HOME="+t.TempDir())
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	said := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said += lines.Text() + "\n"
		if strings.HasPrefix(lines.Text(), "Try it:") {
			if err := command.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := command.Wait(); err != nil || !strings.Contains(said, "is running") || !strings.Contains(said, "Stopped") {
		t.Errorf("ii %s: %v\n%s", strings.Join(args, " "), err, said)
	}
}

// Every document and picture that a document names is there.
func TestDocumentsNameWhatExists(t *testing.T) {
	documents, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range append(documents, "README.md") {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\]\(([^):#]+)\)`).FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(document), m[1])); err != nil {
				t.Errorf("%s names %s: %v", document, m[1], err)
			}
		}
		// Files of the code, such as `identity/delegation.go`.
		for _, m := range regexp.MustCompile("`([a-z0-9/.-]+\\.(?:go|ts|js))`").FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(m[1]); err != nil && strings.Contains(m[1], "/") {
				t.Errorf("%s names %s: %v", document, m[1], err)
			}
		}
	}
}
