package setup

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/plugin"
)

// toyLab installs a whole lab of stand-ins, and returns its installer: Python with a package toy, a go command that
// "builds" scripts, a C compiler that writes what it is asked for, and a plugin that is a text.
func toyLab(t *testing.T) *Installer {
	t.Helper()
	in, _ := newInstaller(t)
	programs := t.TempDir()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("PATH", programs+":/usr/bin:/bin")
	t.Setenv(plugin.DirEnv, in.Lab.Dir)
	python(t, filepath.Join(programs, "python3"), "3.12", true, 0)
	write(t, filepath.Join(programs, "toycc"), `#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" != -o ] || echo built > "$2"; shift; done
`, 0o755)
	root := t.TempDir()
	write(t, filepath.Join(root, "bin", "go"), `#!/bin/sh
echo "$GOPROXY $GOSUMDB $*" >> "$0.log"
[ -z "$GOMODCACHE" ] || { mkdir -p "$GOMODCACHE/cache/download/m" && echo zip > "$GOMODCACHE/cache/download/m/v1.zip"; }
[ "$1" = build ] || exit 0
for last; do :; done
while [ $# -gt 0 ]; do
	[ "$1" != -o ] || out="$2"
	case "$1" in */*/*) [ -z "$out" ] || printf '#!/bin/sh\n: %s\n' "${1##*/}" > "$out/${1##*/}"; chmod +x "$out"/* 2>&- ;; esac
	shift
done
`, 0o755)
	write(t, filepath.Join(programs, "go"), fmt.Sprintf(`#!/bin/sh
cat <<END
{"GOROOT": %q, "GOVERSION": "go1.26.5", "GOOS": "linux", "GOARCH": "amd64", "GOCACHE": "/cache", "GOMODCACHE": "/modules",
"GOPATH": "/gopath", "GOPROXY": "off", "CC": "toycc", "CGO_ENABLED": "1"}
END
`, root), 0o755)
	in.out = &bytes.Buffer{}
	content := good(t, "library")
	in.from = []source{wheelSource(content, sum(content))}
	in.Options.Gopls, in.Options.Retry = true, true
	reinstallBy(t, in)
	if r := toyDoctor(t, in); !r.Healthy() || slices.ContainsFunc(r.Items, func(i Item) bool { return !i.OK }) {
		t.Fatalf("not healthy: %+v", r.Items)
	}
	return in
}

// reinstallBy is what the command install does, with flags: it asks the go command anew, as a new process would.
func reinstallBy(t *testing.T, in *Installer, flags ...string) {
	t.Helper()
	env, err := ReadGoEnv(t.Context(), in.Lab.Repo)
	if err != nil {
		t.Fatal(err)
	}
	again := &Installer{Lab: in.Lab, Go: env, Options: in.Options, board: in.board, goxla: in.goxla, from: in.from}
	again.Options.Verify = slices.Contains(flags, "--verify")
	if _, err := again.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// toyDoctor examines the lab closely, but for cells.
func toyDoctor(t *testing.T, in *Installer) Report {
	t.Helper()
	return Doctor(t.Context(), in.Lab, Examination{})
}

// flip changes a byte of a file in place and puts its times back.
func flip(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)-2] ^= 1
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Close(), os.Chtimes(path, info.ModTime(), info.ModTime())); err != nil {
		t.Fatal(err)
	}
}

// TestBreaks breaks each piece: doctor finds it, and the line that it says mends it. Where only the user can, the test
// does what the line says.
func TestBreaks(t *testing.T) {
	remove := func(t *testing.T, path string) {
		t.Helper()
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
	tool := func(t *testing.T, in *Installer, set toolset, name string) string {
		t.Helper()
		dir, err := set.dir(in.Lab, "go1.26.5")
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, name)
	}
	library := func(t *testing.T, in *Installer) string {
		t.Helper()
		p, err := plugin.Recorded(in.Lab.Dir)
		if err != nil {
			t.Fatal(err)
		}
		return p.Path
	}
	env := func(t *testing.T, in *Installer, path ...string) string {
		t.Helper()
		dir, _, err := venv(in.Lab)
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Join(append([]string{dir}, path...)...)
	}
	shim := func(t *testing.T, in *Installer, name string) string {
		t.Helper()
		e, err := ReadGoEnv(t.Context(), in.Lab.Repo)
		if err != nil {
			t.Fatal(err)
		}
		f, _, err := programs(in.Lab, e)
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Join(f.shims, name)
	}
	site := "lib/python3.12/site-packages"
	onPath := func(name string) string { return filepath.Join(filepath.SplitList(os.Getenv("PATH"))[0], name) }
	tests := []struct {
		name   string
		damage func(t *testing.T, in *Installer)
		item   string // the first that is not in order
		mark   string
		said   string
		mend   string                            // begins the line
		user   func(t *testing.T, in *Installer) // does what the line says; nil = it is run
	}{
		{"gonb missing", func(t *testing.T, in *Installer) { remove(t, tool(t, in, kernelTools, "gonb")) },
			"gonb", "MISSING", "no such file", mendInstall, nil},
		{"gonb cut", func(t *testing.T, in *Installer) { write(t, tool(t, in, kernelTools, "gonb"), "#!", 0o755) },
			"gonb", "DAMAGED", "2 bytes", mendInstall, nil},
		{"goimports flipped", func(t *testing.T, in *Installer) { flip(t, tool(t, in, kernelTools, "goimports")) },
			"goimports", "DAMAGED", "other bytes", mendInstall, nil},
		{"siamese-kernel missing", func(t *testing.T, in *Installer) { remove(t, tool(t, in, kernelTools, "siamese-kernel")) },
			"siamese-kernel", "MISSING", "no such file", mendInstall, nil},
		{"guard not to be executed", func(t *testing.T, in *Installer) {
			if err := os.Chmod(tool(t, in, kernelTools, "guard"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, "guard", "MISSING", "may not be executed", mendInstall, nil},
		{"tools half made", func(t *testing.T, in *Installer) { remove(t, tool(t, in, kernelTools, toolsMarker)) },
			"gonb", "MISSING", "half made", mendInstall, nil},
		{"gopls missing", func(t *testing.T, in *Installer) { remove(t, tool(t, in, completionTools, "gopls")) },
			"gopls", "lacking", "no such file", mendInstall, nil},
		{"plugin missing", func(t *testing.T, in *Installer) { remove(t, library(t, in)) },
			"xla plugin", "lacking", "no such file", mendInstall, nil},
		{"plugin cut", func(t *testing.T, in *Installer) { write(t, library(t, in), "lib", 0o755) },
			"xla plugin", "DAMAGED", "3 bytes, 7 were installed", mendInstall, nil},
		{"plugin flipped", func(t *testing.T, in *Installer) { flip(t, library(t, in)) },
			"xla plugin", "DAMAGED", "other bytes", mendInstall, nil},
		{"all of the plugin gone", func(t *testing.T, in *Installer) { remove(t, in.plugins()) },
			"xla plugin", "lacking", "not installed", mendInstall, nil},
		{"the environment's Python gone", func(t *testing.T, in *Installer) { remove(t, env(t, in, "bin", "python")) },
			"environment", "MISSING", "is gone", mendInstall, nil},
		{"a package's file missing", func(t *testing.T, in *Installer) { remove(t, env(t, in, site, "toy.py")) },
			"environment", "DAMAGED", "toy.py is missing", mendInstall, nil},
		{"a package's file cut", func(t *testing.T, in *Installer) { write(t, env(t, in, site, "toy.py"), "t", 0o644) },
			"environment", "DAMAGED", "1 bytes, 3 were installed", mendInstall, nil},
		{"a package's file flipped", func(t *testing.T, in *Installer) { flip(t, env(t, in, site, "toy.py")) },
			"environment", "DAMAGED", "other bytes", mendInstall, nil},
		{"a package gone", func(t *testing.T, in *Installer) {
			remove(t, env(t, in, site, "toy.py"))
			remove(t, env(t, in, site, "toy-1.dist-info"))
		}, "environment", "MISSING", "no such file", mendInstall, nil},
		{"a package's list changed", func(t *testing.T, in *Installer) {
			write(t, env(t, in, site, "toy-1.dist-info", record), "", 0o644)
		}, "environment", "DAMAGED", "other bytes", mendInstall, nil},
		{"the environment half made", func(t *testing.T, in *Installer) { remove(t, env(t, in, venvMarker)) },
			"environment", "MISSING", "half made", mendInstall, nil},
		{"the environment gone", func(t *testing.T, in *Installer) { remove(t, env(t, in)) },
			"environment", "MISSING", "no virtual environment", mendInstall, nil},
		{"kernelspec of another checkout", func(t *testing.T, in *Installer) {
			path := filepath.Join(in.Lab.Kernels(), KernelGo, "kernel.json")
			write(t, path, strings.ReplaceAll(readText(path), in.Lab.Repo, "/elsewhere"), 0o644)
		}, KernelGo, "MISSING", `"/elsewhere", another checkout`, mendInstall, nil},
		{"kernelspec torn", func(t *testing.T, in *Installer) {
			write(t, filepath.Join(in.Lab.Kernels(), KernelXLA, "kernel.json"), "{", 0o644)
		}, KernelXLA, "lacking", "unexpected end", mendInstall, nil},
		{"kernelspecs gone", func(t *testing.T, in *Installer) { remove(t, in.Lab.Checkout()) },
			KernelGo, "MISSING", "not installed", mendInstall, nil},
		{"a shim gone", func(t *testing.T, in *Installer) { remove(t, shim(t, in, "goimports")) },
			KernelGo, "MISSING", "no such file", mendInstall, nil},
		{"a shim cut", func(t *testing.T, in *Installer) { write(t, shim(t, in, "go"), "#!/bin/sh\n", 0o755) },
			KernelGo, "DAMAGED", "not what was installed", mendInstall, nil},
		{"a shim not to be executed", func(t *testing.T, in *Installer) {
			if err := os.Chmod(shim(t, in, "go"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, KernelGo, "DAMAGED", "may not be executed", mendInstall, nil},
		{"no Go", func(t *testing.T, _ *Installer) {
			write(t, onPath("go"), "#!/bin/sh\necho 'go: go.mod requires go >= 1.26.5 (running go 1.25.1)' >&2; exit 1\n", 0o755)
		}, "go", "MISSING", "exit status 1", "install Go 1.26.5 or newer", func(*testing.T, *Installer) {
			// The test puts Go's stand-in back.
		}},
		{"no C compiler", func(t *testing.T, _ *Installer) {
			if err := os.Rename(onPath("toycc"), onPath("toycc-gone")); err != nil {
				t.Fatal(err)
			}
		}, "C compiler", "lacking", "toycc is not in PATH", "apt-get install gcc", func(t *testing.T, _ *Installer) {
			if err := os.Rename(onPath("toycc-gone"), onPath("toycc")); err != nil {
				t.Fatal(err)
			}
		}},
		{"a C compiler without its headers", func(t *testing.T, _ *Installer) {
			write(t, onPath("toycc"), "#!/bin/sh\necho 'stdlib.h: No such file' >&2; exit 1\n", 0o755)
		}, "C compiler", "lacking", "stdlib.h: No such file", "apt-get install gcc libc6-dev", func(t *testing.T, _ *Installer) {
			write(t, onPath("toycc"), "#!/bin/sh\n", 0o755)
		}},
		{"the session's folder is a file", func(t *testing.T, in *Installer) {
			write(t, filepath.Join(in.Lab.State(), "session"), "", 0o644)
		}, "session's folder", "lacking", "not a directory", "make it one that you can write, or remove it",
			func(t *testing.T, in *Installer) { remove(t, filepath.Join(in.Lab.State(), "session")) }},
		{"the runs' folder is a file", func(t *testing.T, in *Installer) {
			write(t, filepath.Join(in.Lab.Notebooks(), "runs"), "", 0o644)
		}, "runs' folder", "lacking", "not a directory", "make it one that you can write", func(t *testing.T, in *Installer) {
			remove(t, filepath.Join(in.Lab.Notebooks(), "runs"))
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := toyLab(t)
			goCommand := readText(onPath("go"))
			test.damage(t, in)
			r := toyDoctor(t, in)
			i := slices.IndexFunc(r.Items, func(i Item) bool { return !i.OK })
			if i < 0 {
				t.Fatal("not found")
			}
			item := r.Items[i]
			mark := map[bool]string{true: "MISSING", false: "lacking"}[item.Needed]
			if item.Damaged {
				mark = "DAMAGED"
			}
			if item.Name != test.item || mark != test.mark || !strings.Contains(item.State, test.said) ||
				!strings.HasPrefix(item.Mend, test.mend) || r.Healthy() != (test.mark == "lacking") {
				t.Errorf("%s %+v, healthy %v; want %s of %s with %q, and %q", mark, item, r.Healthy(), test.mark, test.item,
					test.said, test.mend)
			}
			flags, installs := strings.CutPrefix(item.Mend, mendInstall)
			switch {
			case test.user != nil:
				write(t, onPath("go"), goCommand, 0o755)
				test.user(t, in)
			case installs:
				place.Free()
				reinstallBy(t, in, strings.Fields(flags)...)
			}
			for _, item := range toyDoctor(t, in).Items {
				if !item.OK {
					t.Errorf("not mended: %+v", item)
				}
			}
		})
	}
}
