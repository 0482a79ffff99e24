package setup

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/proof"
)

// newInstaller returns an installer for a lab in temporary directories, with the checkout's own pins, that has a C
// compiler and finds no plugin of go-xla. What it says goes to the returned buffer.
func newInstaller(t *testing.T) (*Installer, *bytes.Buffer) {
	t.Helper()
	t.Setenv("GOMLX_BACKEND", "")
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", "")
	lab := place.Lab{Dir: filepath.Join(t.TempDir(), "lab"), Repo: t.TempDir()}
	for _, name := range []string{"requirements.txt", "tools.mod", "tools.sum"} {
		content, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(lab.Repo, "kernels", name), string(content), 0o644)
	}
	write(t, filepath.Join(lab.Repo, "go.mod"), "module "+place.ModulePath+"\n\ngo 1.26.5\n", 0o644)
	cc := filepath.Join(t.TempDir(), "cc")
	write(t, cc, "#!/bin/sh\n", 0o755)
	env := GoEnv{GOROOT: "/go root", GOVERSION: "go1.26.5", GOOS: "linux", GOARCH: "amd64", GOCACHE: "/cache",
		GOMODCACHE: "/modules",
		GOPATH:     "/gopath", GOPROXY: "off", CC: cc + " -m64", CGO: "1"}
	out := &bytes.Buffer{}
	return &Installer{Lab: lab, Go: env, board: &board{out: out}, goxla: []string{}}, out
}

// write writes a file with its directories.
func write(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

// python writes a stand-in for a Python interpreter: version is what it says it is; venv reports whether it has its
// venv module; pip is the exit status of its `-m pip`. An environment it makes holds a copy of itself, to which pip adds
// the package toy, of one file. It answers a probe of a plugin with 0.115, unless the library's text says "broken", and
// imports what is there.
func python(t *testing.T, path, version string, venv bool, pip int) {
	t.Helper()
	fail := ""
	if !venv {
		fail = `echo "No module named ensurepip" >&2; exit 1`
	}
	script := fmt.Sprintf(`#!/bin/sh
[ "$1" = -I ] || { echo "not isolated: $*" >&2; exit 9; }
shift
site="$(dirname "$(dirname "$0")")/lib/python3.12/site-packages"
case "$1 $2" in
"-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo made >> %q; exit ;;
"-m pip") [ %d = 0 ] || { echo "Could not fetch URL: connection refused" >&2; exit %d; }
	[ "$3" = install ] || exit 0
	mkdir -p "$site/toy-1.dist-info" && printf toy > "$site/toy.py" && cat > "$site/toy-1.dist-info/RECORD" <<END
toy.py,sha256=D1MTPOV8qOiTe7SxwVoz75WUcE4cEavVjlmLuDYvc4U,3
toy-1.dist-info/RECORD,,
END
	exit 0 ;;
esac
case "$2" in
*ensurepip*) echo %s; %s ;;
*import_module*) [ -f "$site/toy.py" ] || { echo "toy cannot be imported" >&2; exit 1; }; echo jupyterlab 4 ;;
*GetPjrtApi*) grep -q broken "$3" && { echo "OSError: invalid ELF header" >&2; exit 1; }; echo 0.115 ;;
esac
`, path+".log", pip, pip, version, fail)
	write(t, path, script, 0o755)
}

// dirs returns where the programs of the checkout's kernels are, or are to be.
func dirs(t *testing.T, in *Installer) folders {
	t.Helper()
	f, _, err := programs(in.Lab, in.Go)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// makeTools puts a set of tools in place, each a script with its name in it, as if it had been built.
func makeTools(t *testing.T, in *Installer, set toolset) (dir string) {
	t.Helper()
	sum, _, err := set.digest(in.Lab, in.Go.GOVERSION)
	if err != nil {
		t.Fatal(err)
	}
	dir = set.folder(in.Lab, sum)
	m := marker{Digest: sum, Files: map[string]proof.File{}}
	for _, tool := range set.tools {
		path := filepath.Join(dir, tool.name)
		write(t, path, "#!/bin/sh\n: "+tool.name+"\n", 0o755)
		if m.Files[tool.name], err = proof.Of(path); err != nil {
			t.Fatal(err)
		}
	}
	if err := writeMarker(filepath.Join(dir, toolsMarker), m); err != nil {
		t.Fatal(err)
	}
	return dir
}

// wantError checks that an error has all the words.
func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q", words)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error lacks %q: %v", word, err)
		}
	}
}

// isFile reports whether a path is a file that holds something.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0
}
