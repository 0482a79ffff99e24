//go:build unix

package siamese_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/mod/semver"
)

// TestBare: what makes a bare container ready is sound as far as it can be told without one. The scripts parse, dev
// container and Binder call the same one, and the Go that they bring is new enough.
func TestBare(t *testing.T) {
	t.Parallel()
	read := func(path string) string {
		t.Helper()
		text, err := os.ReadFile("../" + path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, path := range []string{"docker/bare.sh", "docker/smoke.sh", ".binder/postBuild", ".ci/run", ".ci/cross",
		".ci/vulnerabilities"} {
		if out, err := exec.Command("bash", "-n", "../"+path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
		if info, err := os.Stat("../" + path); err != nil || info.Mode()&0o100 == 0 {
			t.Errorf("%s cannot be executed: %v", path, err)
		}
	}
	var container struct{ Image, PostCreateCommand string }
	if err := json.Unmarshal([]byte(read(".devcontainer/devcontainer.json")), &container); err != nil {
		t.Fatal(err)
	}
	if container.PostCreateCommand != "docker/bare.sh" ||
		!strings.Contains(read(".binder/postBuild"), "\ndocker/bare.sh") {
		t.Error("docker/bare.sh is not what they call")
	}
	needed := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(read("go.mod"))[1]
	for what, pattern := range map[string][]string{
		"docker/bare.sh": {read("docker/bare.sh"), `(?m)^go_version=(\S+)$`},
		"dev container":  {container.Image, `golang:([0-9.]+)-`},
	} {
		found := regexp.MustCompile(pattern[1]).FindStringSubmatch(pattern[0])
		if found == nil || semver.Compare("v"+found[1], "v"+needed) < 0 {
			t.Errorf("%s brings Go %q, and go.mod needs %s", what, found, needed)
		}
	}
}

// TestBareRefuses: a Go that is not the pinned one is not unpacked.
func TestBareRefuses(t *testing.T) {
	t.Parallel()
	home, bin := t.TempDir(), t.TempDir()
	for name, script := range map[string]string{
		"gcc": "exit 0", "python3": "exit 0", "go": "echo go1.20", "uname": "echo x86_64",
		"curl": `while [ "$1" != -o ]; do shift; done; echo other >"$2"`,
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("bash", "../docker/bare.sh")
	cmd.Env = append(os.Environ(), "HOME="+home, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || !strings.Contains(string(out), "go.tar.gz") {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(home, ".local")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was put into the home: %v", err)
	}
}
