package setup

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/cpu"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/proc"
	"github.com/go-siamese/lab/kernels/plugin"
)

// The lines that mend what the user must install.
const (
	mendVenv     = "apt-get install python3 python3-venv (or: dnf install python3, brew install python3)"
	mendCompiler = "apt-get install gcc libc6-dev (or: dnf install gcc, xcode-select --install)"
)

// mendInstall is the line that mends whatever the installer can install.
const mendInstall = "go run ./kernels install"

// Item is one line of a doctor's report.
type Item struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Needed = the lab does not work without it. What is not needed makes it faster (XLA) or more comfortable (gopls).
	Needed bool `json:"needed"`
	// State is what is there, or what is wrong.
	State string `json:"state"`
	// Mend is the one command that mends it; "" if all is well.
	Mend string `json:"mend,omitempty"`
}

// Report is what the doctor found, in the order of an installation, which is also that of mending.
type Report struct {
	Items []Item `json:"items"`
	// Backend is which backend notebooks will use, and why, in a sentence.
	Backend string `json:"backend"`
}

// Doctor looks at everything that the lab needs and changes nothing. It starts Python, loads the plugin and hashes it,
// so that it takes longer than [plugin.Find]. What goes wrong is an item of the report, not an error: one look shows
// everything.
func Doctor(ctx context.Context, lab place.Lab) Report {
	var r Report
	// add appends an item and reports whether it is in order; mend is the line that would mend it.
	add := func(name string, needed bool, mend string, check func() (string, error)) bool {
		state, err := check()
		item := Item{Name: name, OK: err == nil, Needed: needed, State: state}
		if err != nil {
			item.State, item.Mend = oneLine(err), mend
		}
		r.Items = append(r.Items, item)
		return item.OK
	}
	// Without a go command env stays empty, and the items that need it say so in their own words.
	var env GoEnv
	// The order is that of mending: what comes later needs what comes before.
	goOK := add("go", true, "install Go 1.26 or newer", func() (state string, err error) {
		env, err = ReadGoEnv(ctx, lab.Repo)
		return env.GOVERSION + " " + env.GOOS + "/" + env.GOARCH, err
	})
	add("system", true, "use Linux, macOS, or WSL on Windows", func() (string, error) {
		if runtime.GOOS == "windows" {
			return "", fmt.Errorf("the GoNB kernel does not run on %s", runtime.GOOS)
		}
		return runtime.GOOS, nil
	})
	python, pythonErr := VenvPython(lab)
	// Python is needed to make the virtual environment; one that is complete has its own.
	add("python3+venv", pythonErr != nil, mendVenv, func() (string, error) {
		path, version, err := FindPython(ctx, "")
		return "Python " + version + " in " + path, err
	})
	// Not needed: without one the pure-Go backend serves.
	compiler := goOK && add("C compiler", false, mendCompiler, env.Compiler)
	add("environment", true, mendInstall, func() (string, error) {
		if pythonErr != nil {
			return "", pythonErr
		}
		out, err := proc.Cmd{Name: python, Args: []string{"-c", versions}}.Run(ctx)
		return strings.TrimSpace(out), err
	})
	_, mod, _ := kernelTools.digest(lab, env.GOVERSION) // a fault is said for each tool
	for _, set := range []toolset{kernelTools, completionTools} {
		for _, t := range set.tools {
			add(t.name, set.needed, mendInstall, func() (string, error) {
				return strings.TrimSpace(t.version(mod) + " in " + set.path(lab, t)), set.check(lab, env.GOVERSION)
			})
		}
	}
	p, findErr := plugin.Find(lab.Dir)
	pluginOK := add("xla plugin", false, mendInstall, func() (string, error) {
		if findErr != nil {
			return "", findErr
		}
		return describe(ctx, python, p)
	})
	add(KernelGo, true, mendInstall, func() (string, error) { return checkSpec(lab, env, KernelGo, "") })
	xlaOK := add(KernelXLA, false, mendInstall,
		func() (string, error) { return checkSpec(lab, env, KernelXLA, p.Path) })
	switch {
	// A kernel's spec fixes its backend (GOMLX_BACKEND), so that which kernel there is decides.
	case compiler && pluginOK && xlaOK:
		r.Backend = "XLA (" + KernelXLA + "), since a C compiler and its plugin are there: " + origin(p)
		if cpu.X86.HasAMXBF16 {
			r.Backend += `; the processor has AMX: Precision "bfloat16" trains faster`
		}
	case !compiler:
		r.Backend = "pure Go with SIMD (" + KernelGo + "), since there is no C compiler for XLA"
	default:
		r.Backend = "pure Go with SIMD (" + KernelGo + "), since the XLA plugin or its kernel is not in place"
	}
	return r
}

// versions prints what the virtual environment holds.
const versions = `from importlib.metadata import version
print(", ".join(n + " " + version(n) for n in ("jupyterlab", "nbclient", "nbconvert")))`

// checkSpec looks at an installed kernelspec, whether it is the one that would be written for this checkout now, and
// returns what it does in words. plugin is the path of the XLA plugin, "" for the Go kernel. A difference is an error:
// an older checkout, another directory, another Go.
func checkSpec(lab place.Lab, env GoEnv, name, plugin string) (string, error) {
	have, err := ReadSpec(lab, name)
	if os.IsNotExist(err) {
		return "", fmt.Errorf("not installed")
	}
	if err != nil {
		return "", err
	}
	want := NewSpec(name, lab, env, plugin)
	if strings.Join(have.Argv, " ") != strings.Join(want.Argv, " ") {
		return "", fmt.Errorf("it is of another checkout or directory: %s", strings.Join(have.Argv, " "))
	}
	for key, value := range want.Env {
		if key != "PATH" && have.Env[key] != value { // PATH differs between terminals, and does not matter
			return "", fmt.Errorf("its %s is %q, not %q", key, have.Env[key], value)
		}
	}
	return "builds cells in " + lab.Repo, nil
}

// oneLine returns an error's first line; programs' output follows in others.
func oneLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// Healthy reports whether everything that is needed is there.
func (r Report) Healthy() bool {
	for _, item := range r.Items {
		if item.Needed && !item.OK {
			return false
		}
	}
	return true
}

// JSON writes the report as JSON, for scripts, with "healthy" besides.
func (r Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Report
		Healthy bool `json:"healthy"`
	}{r, r.Healthy()})
}

// Text writes the report as a table: a line for each thing ("ok", "MISSING" where it is needed, else "lacking"), and
// below it what mends it. The last line is the backend.
func (r Report) Text(w io.Writer) error {
	var b strings.Builder
	for _, item := range r.Items {
		mark := "ok     "
		if !item.OK && item.Needed {
			mark = "MISSING"
		} else if !item.OK {
			mark = "lacking"
		}
		fmt.Fprintf(&b, "%s  %-13s %s\n", mark, item.Name, item.State)
		if item.Mend != "" {
			fmt.Fprintf(&b, "%24s mend: %s\n", "", item.Mend)
		}
	}
	fmt.Fprintf(&b, "backend: %s\n", r.Backend)
	_, err := io.WriteString(w, b.String())
	return err
}
