package setup

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// goCommand writes a stand-in for the go command that notes its proxy and arguments, and fails when they hold a word.
func goCommand(t *testing.T, in *Installer, failsAt string) (notes string) {
	t.Helper()
	in.Go.GOROOT = t.TempDir()
	notes = filepath.Join(in.Go.GOROOT, "notes")
	write(t, in.Go.Go(), fmt.Sprintf(`#!/bin/sh
echo "$GOPROXY|$GOWORK|$*" >> %q
case "$*" in *%s*) echo 'no such host' >&2; exit 1 ;; esac
case "$*" in
"list -deps "*) echo one; echo; echo two/pkg ;;
"list "*) echo example.com/a; echo example.com/b ;;
"build "*) echo one >&2; echo "go: a message" >&2; echo two/pkg >&2 ;;
esac
`, notes, failsAt), 0o755)
	return notes
}

func TestEnsureWarm(t *testing.T) {
	in, out := newInstaller(t)
	in.Go.GOPROXY = "direct"
	notes := goCommand(t, in, "nothing-at-all")
	for range 2 {
		if err := in.ensureWarm(t.Context(), KernelGo); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(notes)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	want := []string{"direct||mod init", "direct||work init", "direct||work use . " + in.Lab.Repo,
		"direct||list -f {{if not",
		"direct||list -deps -f {{if .Stale}}{{.ImportPath}}{{end}} example.com/a example.com/b",
		"off||build -v example.com/a example.com/b"}
	if len(lines) != len(want) {
		t.Fatalf("ran %q", lines)
	}
	for i := range want {
		if !strings.HasPrefix(lines[i], want[i]) {
			t.Errorf("ran %q, want %q", lines[i], want[i])
		}
	}
	if !strings.Contains(out.String(), "already there: compiled for siamese-go") {
		t.Errorf("said %s", out)
	}
}

func TestEnsureWarmFails(t *testing.T) {
	in, out := newInstaller(t)
	goCommand(t, in, "list")
	wantError(t, in.ensureWarm(t.Context(), KernelGo), "no such host", "GOPROXY", "mend:")
	goCommand(t, in, "build") // the checkout does not compile: said, and tried again the next time
	if err := in.ensureWarm(t.Context(), KernelGo); err != nil || !strings.Contains(out.String(), "does not compile") {
		t.Errorf("%v, said %s", err, out)
	}
	if readMarker(filepath.Join(in.Lab.Checkout(), ".warm-"+KernelGo+".json")).Digest != "" {
		t.Error("counts as done")
	}
}
