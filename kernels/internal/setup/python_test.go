package setup

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestFindPython(t *testing.T) {
	type candidate struct {
		name, version string
		venv          bool
	}
	tests := []struct {
		name string
		have []candidate
		want string   // name of the one that is taken
		err  []string // or words of the error
	}{
		{"good", []candidate{{"python3", "3.11", true}}, "python3", nil},
		{"later name", []candidate{{"python3", "3.9", true}, {"python3.12", "3.12", true}}, "python3.12", nil},
		{"none", nil, "", []string{"no python3 in PATH", "apt-get install python3 python3-venv"}},
		{"too old", []candidate{{"python3", "3.9", true}}, "", []string{"Python 3.9, 3.10 is needed", "mend:"}},
		{"two", []candidate{{"python", "2.7", false}}, "", []string{"Python 2.7, 3.10 is needed"}},
		{"Debian without venv", []candidate{{"python3", "3.13", false}}, "",
			[]string{"(Python 3.13) lacks its venv module", "python3-venv"}},
		{"does not run", []candidate{{"python3", "", true}}, "", []string{"python3 does not run"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, c := range test.have {
				python(t, filepath.Join(dir, c.name), c.version, c.venv, 0)
			}
			t.Setenv("PATH", dir)
			path, _, err := FindPython(t.Context(), "")
			if test.err != nil {
				wantError(t, err, test.err...)
				if !errors.Is(err, ErrPrerequisite) {
					t.Errorf("%v does not match ErrPrerequisite", err)
				}
				return
			}
			if err != nil || filepath.Base(path) != test.want {
				t.Errorf("got %s, %v; want %s", path, err, test.want)
			}
		})
	}
}

// usePython makes a stand-in the python3 of PATH, beside the real tools it uses itself.
func usePython(t *testing.T, pip int) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "python3")
	python(t, path, "3.12", true, pip)
	t.Setenv("PATH", filepath.Dir(path)+string(os.PathListSeparator)+os.Getenv("PATH"))
	return path
}

func TestEnsureVenv(t *testing.T) {
	in, out := newInstaller(t)
	usePython(t, 0)
	old := filepath.Join(in.Lab.Dir, "venv-000000000000")
	if err := os.MkdirAll(old, 0o755); err != nil {
		t.Fatal(err)
	}
	first, err := in.ensureVenv(t.Context())
	if err != nil || !executable(first) {
		t.Fatalf("got %s, %v", first, err)
	}
	if _, err := os.Stat(old); err != nil {
		t.Errorf("the environment of another checkout's lock: %v", err)
	}
	t.Setenv("PATH", "/nowhere") // the second time nothing is run
	second, err := in.ensureVenv(t.Context())
	if err != nil || second != first || !strings.Contains(out.String(), "already there") {
		t.Errorf("second time: %s, %v, said %s", second, err, out)
	}
}

func TestEnsureVenvAgain(t *testing.T) {
	tests := map[string]func(t *testing.T, dir string){
		"killed in the middle": func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, venvMarker)); err != nil {
				t.Fatal(err)
			}
		},
		"marker torn": func(t *testing.T, dir string) { write(t, filepath.Join(dir, venvMarker), `{"dig`, 0o644) },
		"another lock": func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, venvMarker), `{"digest":"other"}`,
				0o644)
		},
		"its Python is gone": func(t *testing.T, dir string) {
			path := filepath.Join(dir, "bin", "python")
			if err := errors.Join(os.Remove(path), os.Symlink("/no/such/python3.12", path)); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, damage := range tests {
		t.Run(name, func(t *testing.T) {
			in, _ := newInstaller(t)
			usePython(t, 0)
			path, err := in.ensureVenv(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Dir(filepath.Dir(path))
			write(t, filepath.Join(dir, "rubbish"), "", 0o644)
			damage(t, dir)
			if _, err := VenvPython(in.Lab); err == nil {
				t.Error("the damage was not seen")
			}
			if _, err := in.ensureVenv(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := VenvPython(in.Lab); err != nil {
				t.Errorf("not mended: %v", err)
			}
			if isFile(filepath.Join(dir, "rubbish")) {
				t.Error("it was not made anew")
			}
		})
	}
}

func TestEnsureVenvNoNetwork(t *testing.T) {
	in, _ := newInstaller(t)
	usePython(t, 1)
	old := filepath.Join(in.Lab.Dir, "venv-000000000000", "bin", "python")
	write(t, old, "x", 0o755)
	_, err := in.ensureVenv(t.Context())
	wantError(t, err, "connection refused", "mend:", "network")
	if _, err := VenvPython(in.Lab); err == nil {
		t.Error("an environment without its packages counts as complete")
	}
	if !executable(old) {
		t.Error("the environment of an older lock was lost")
	}
}

// TestLock reads the lock of Python packages: every package is pinned by version and digest, and no host is named.
func TestLock(t *testing.T) {
	in, _ := newInstaller(t)
	content, err := os.ReadFile(in.Lab.Requirements())
	if err != nil {
		t.Fatal(err)
	}
	pin := regexp.MustCompile(`^[a-z0-9-]+==[0-9][A-Za-z0-9.+!]*( ; .*)? \\$`)
	hash := regexp.MustCompile(`^    --hash=sha256:[0-9a-f]{64}( \\)?$`)
	packages, afterPin := 0, false
	for line := range strings.Lines(string(content)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "#"):
		case pin.MatchString(line) && !afterPin:
			packages, afterPin = packages+1, true
			continue
		case hash.MatchString(line):
		default:
			t.Errorf("neither a pin nor its digest: %q", line)
		}
		afterPin = false
	}
	if packages < 50 || strings.Contains(string(content), "://") {
		t.Errorf("%d packages; want the full lock, without addresses", packages)
	}
	for _, want := range []string{"jupyterlab==", "nbclient==", "nbconvert=="} {
		if !strings.Contains(string(content), "\n"+want) {
			t.Errorf("lacks %s", want)
		}
	}
}
