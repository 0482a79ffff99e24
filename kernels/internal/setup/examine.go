package setup

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/proc"
	"github.com/go-siamese/lab/kernels/internal/proof"
	"github.com/go-siamese/lab/kernels/plugin"
)

// How long looks may take: at files, and at what starts programs. A machine that is busy with other things takes ten
// times as long as a quiet one.
const (
	shortly = 30 * time.Second
	longer  = 3 * time.Minute
)

// The lines that mend what the user must install.
const (
	mendVenv     = "apt-get install python3 python3-venv (or: dnf install python3, brew install python3)"
	mendCompiler = "apt-get install gcc libc6-dev (or: dnf install gcc, xcode-select --install)"
)

// system looks at what the user has to install, and where the lab writes.
func (e *examiner) system(ctx context.Context) {
	e.goOK = e.look(ctx, "go", true, "install Go "+e.wantedGo()+" or newer, and put it first in PATH", shortly,
		func(ctx context.Context) (state string, err error) {
			e.env, err = ReadGoEnv(ctx, e.lab.Repo)
			return e.env.GOVERSION + " " + e.env.GOOS + "/" + e.env.GOARCH, err
		})
	e.look(ctx, "system", true, "use Linux, macOS, or WSL on Windows", shortly, func(context.Context) (string, error) {
		if runtime.GOOS == "windows" {
			return "", fmt.Errorf("the GoNB kernel does not run on %s", runtime.GOOS)
		}
		return runtime.GOOS, nil
	})
	_, err := VenvPython(e.lab)
	// Python is needed to make the virtual environment; one that is complete has its own.
	e.look(ctx, "python3+venv", err != nil, mendVenv, shortly, func(ctx context.Context) (string, error) {
		path, version, err := FindPython(ctx, "")
		return "Python " + version + " in " + path, err
	})
	// Not needed: without one the pure-Go backend serves.
	e.compilerOK = e.goOK && e.look(ctx, "C compiler", false, mendCompiler, shortly, e.compile)
	for _, f := range []struct{ name, dir, mend string }{
		{"lab's folder", e.lab.Dir, "make it one that you can write, or name another with --dir or " + plugin.DirEnv},
		{"session's folder", filepath.Join(e.lab.State(), "session"), "make it one that you can write, or remove it"},
		{"runs' folder", filepath.Join(e.lab.Notebooks(), "runs"),
			"make it one that you can write, or set the parameter Runs of notebooks"},
	} {
		e.look(ctx, f.name, false, f.mend, shortly, func(context.Context) (string, error) {
			return "can be written: " + f.dir, writable(f.dir)
		})
	}
}

// wantedGo returns the version of Go that the checkout's go.mod asks for.
func (e *examiner) wantedGo() string {
	for line := range strings.Lines(readText(filepath.Join(e.lab.Repo, "go.mod"))) {
		if v, ok := strings.CutPrefix(line, "go "); ok {
			return strings.TrimSpace(v)
		}
	}
	return "1.26"
}

// compile has the C compiler make a library of a file, as cgo does.
func (e *examiner) compile(ctx context.Context) (string, error) {
	path, err := e.env.Compiler()
	if err != nil || e.how.Quick {
		return path, err
	}
	tmp, err := os.MkdirTemp("", "siamese-doctor-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	file := filepath.Join(tmp, "tried.c")
	if err := os.WriteFile(file, []byte("#include <stdlib.h>\nint tried(void) { return abs(-1); }\n"), 0o600); err != nil {
		return "", err
	}
	words := append(strings.Fields(e.env.CC)[1:], "-shared", "-fPIC", "-o", filepath.Join(tmp, "tried.so"), file)
	if _, err := (proc.Cmd{Name: path, Args: words}).Run(ctx); err != nil {
		return "", fmt.Errorf("it does not compile: %s", strings.ReplaceAll(err.Error(), "\n", " "))
	}
	return path + ", which compiles", nil
}

// writable returns why no file can be made in a directory, or in the first above it that there is; nil if one can.
func writable(dir string) error {
	for ; ; dir = filepath.Dir(dir) {
		f, err := os.CreateTemp(dir, ".tried-*")
		if errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir) {
			continue
		}
		if err != nil {
			return err
		}
		_, err = f.WriteString("tried\n") // a full disk lets files be made
		return errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
}

// imports imports every package of the environment and prints its most important ones.
//
//go:embed imports.py
var imports string

// environment looks at the Python packages.
func (e *examiner) environment(ctx context.Context) {
	mend := e.install("--verify")
	e.pythonOK = e.look(ctx, "environment", true, mend, longer, func(ctx context.Context) (string, error) {
		python, err := VenvPython(e.lab)
		if err != nil {
			return "", err
		}
		e.python = python
		dir := filepath.Dir(filepath.Dir(python))
		if e.how.Quick {
			return "Python's packages in " + dir, nil
		}
		files := readMarker(filepath.Join(dir, venvMarker)).Files
		if err := packagesError(checkPackages(dir, files, true)); err != nil {
			return "", err
		}
		return tryImports(ctx, python)
	})
	if !e.pythonOK {
		e.python = ""
	}
}

// tryImports imports the packages of an environment and returns the most important ones with their versions.
func tryImports(ctx context.Context, python string) (string, error) {
	out, err := isolated(python, "-c", imports).Run(ctx)
	if err != nil {
		return "", fmt.Errorf("%s: %w", strings.TrimSpace(proc.Tail(err.Error(), 1)), proof.ErrDamaged)
	}
	return strings.TrimSpace(out), nil
}

// tools looks at the programs of the kernel.
func (e *examiner) tools(ctx context.Context) {
	e.toolsOK = true
	for _, set := range []toolset{kernelTools, completionTools} {
		bad := set.check(e.lab, e.env.GOVERSION)
		sum, mod, _ := set.digest(e.lab, e.env.GOVERSION) // a fault is said for each tool
		for _, t := range set.tools {
			ok := e.look(ctx, t.name, set.needed, e.install(""), shortly, func(context.Context) (string, error) {
				return strings.TrimSpace(t.version(mod) + " in " + set.folder(e.lab, sum)), bad[t.name]
			})
			e.toolsOK = e.toolsOK && (ok || !set.needed)
		}
	}
}

// plugin looks at XLA's.
func (e *examiner) plugin(ctx context.Context) {
	e.pluginOK = e.look(ctx, "xla plugin", false, e.install(""), longer, func(ctx context.Context) (state string, err error) {
		if e.library, err = plugin.Find(e.lab.Dir); err != nil {
			return "", err
		}
		if e.how.Quick {
			return e.library.Path + " (" + e.library.Why + ")", plugin.Check(e.library.Path)
		}
		return describe(ctx, e.python, e.library)
	})
}

// kernels looks at the kernelspecs, and runs a cell through each kernel that is there.
func (e *examiner) kernels(ctx context.Context) {
	for _, name := range kernelNames {
		library, mend, lacks := "", e.install(""), error(nil)
		switch name {
		case KernelXLA:
			library = e.library.Path
			if have, err := ReadSpec(e.lab, name); library == "" && err == nil { // what is wrong with the plugin is said
				library = strings.TrimPrefix(have.Env[plugin.BackendEnv], xlaPrefix)
			}
		case KernelCUDA:
			skip := false
			if library, mend, skip, lacks = e.cuda(ctx, &Installer{Lab: e.lab, Go: e.env, gpu: e.gpu}); skip {
				continue
			}
		}
		ok := e.look(ctx, name, name == KernelGo, mend, shortly, func(context.Context) (string, error) {
			if lacks != nil {
				return "", lacks
			}
			return checkSpec(e.lab, e.env, name, library)
		})
		if name == KernelXLA {
			e.xlaOK = ok
		}
		if !ok || e.how.Quick || e.how.Cell == nil || !e.pythonOK || !e.toolsOK || name == KernelXLA && !e.pluginOK {
			continue
		}
		mend = e.install("--verify")
		if name == KernelCUDA { // the lab does without
			mend = mendGPU
		}
		ok = e.look(ctx, "cell", name != KernelCUDA, mend, longer, func(ctx context.Context) (string, error) {
			return e.how.Cell(ctx, e.python, name)
		})
		if name == KernelXLA {
			e.xlaOK = ok
		}
	}
}

// checkSpec looks at an installed kernelspec, whether it is the one that would be written for this checkout now, and
// returns what it does in words. library is the path of the XLA plugin, "" for the Go kernel. A difference is an error:
// an older checkout, another directory, another Go.
func checkSpec(lab place.Lab, env GoEnv, name, library string) (string, error) {
	have, err := ReadSpec(lab, name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", errors.New("not installed")
	}
	if err != nil {
		return "", err
	}
	f, shims, err := programs(lab, env)
	if err != nil {
		return "", err
	}
	want := newSpec(name, lab, env, f, library)
	if have.Checkout() != lab.Repo {
		return "", fmt.Errorf("it builds cells in %q, another checkout", have.Checkout())
	}
	if strings.Join(have.Argv, " ") != strings.Join(want.Argv, " ") {
		return "", fmt.Errorf("it is of an earlier state of the checkout: %s", have.Argv[0])
	}
	for key, value := range want.Env {
		if key != "PATH" && have.Env[key] != value { // PATH differs between terminals, and does not matter
			return "", fmt.Errorf("its %s is %q, not %q", key, have.Env[key], value)
		}
	}
	if err := checkShims(f.shims, shims); err != nil {
		return "", err
	}
	return "builds cells in " + lab.Repo, nil
}
