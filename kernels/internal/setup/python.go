package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/proc"
)

// venvMarker is the file in a virtual environment that says it is complete.
const venvMarker = ".siamese-lab.json"

// mendPython is what to do about a missing or unsuitable Python.
const mendPython = "install Python 3.10 or newer with its venv module: " +
	"Debian and Ubuntu `apt-get install python3 python3-venv`, Fedora `dnf install python3`, " +
	"macOS `brew install python3`; or name one with --python"

// mendPip is what to do when pip could not fetch something.
const mendPip = "check the network or pip's index and proxy settings, then run this again"

// venv returns where the virtual environment for the checkout's lock is, or is to be, and the digest of the lock. A
// virtual environment cannot be moved once made, so its name carries the digest: a new lock makes a new one beside the
// old, which running kernels may be using.
func venv(lab place.Lab) (dir, sum string, err error) {
	lock, err := os.ReadFile(lab.Requirements())
	if err != nil {
		return "", "", fmt.Errorf("lock of Python packages: %w", err)
	}
	sum = digest(string(lock))
	return filepath.Join(lab.Dir, "venv-"+sum[:12]), sum, nil
}

// VenvPython returns the interpreter of the complete virtual environment for the checkout's lock, or an error that says
// what is wrong with it. It starts nothing: whether the packages import is not tried.
func VenvPython(lab place.Lab) (string, error) {
	dir, sum, err := venv(lab)
	if err != nil {
		return "", err
	}
	python := filepath.Join(dir, "bin", "python")
	// In the order of causes: never made or not completely, made from something else, made and since broken by an
	// update of the system's Python.
	switch m := readMarker(filepath.Join(dir, venvMarker)); {
	case m.Digest == "":
		if _, err := os.Stat(dir); err == nil {
			return "", errors.New("the virtual environment was left half made")
		}
		return "", errors.New("no virtual environment for this checkout's lock")
	case m.Digest != sum:
		return "", errors.New("the virtual environment is of another lock")
	case !executable(python):
		return "", errors.New("the Python that the virtual environment was made with is gone")
	}
	return python, nil
}

// ensureVenv makes the virtual environment if it is not there, and returns its interpreter. pip installs exactly what
// the lock names, by digest. The marker is written last; then environments of other locks are removed.
func (in *Installer) ensureVenv(ctx context.Context) (string, error) {
	python, err := VenvPython(in.Lab)
	if err == nil {
		in.said("python", "already there: JupyterLab in %s", filepath.Dir(filepath.Dir(python)))
		return python, nil
	}
	dir, sum, err := venv(in.Lab)
	if err != nil {
		return "", err
	}
	base, version, err := FindPython(ctx, in.Options.Python)
	if err != nil {
		return "", err
	}
	python = filepath.Join(dir, "bin", "python")
	return python, in.timed("python", "JupyterLab and the notebook runner, with Python "+version, func(*step) error {
		// What is there cannot be mended: venv keeps the path of the Python it was made with.
		if err := os.RemoveAll(dir); err != nil { // half made, or its Python is gone
			return fmt.Errorf("removing the old virtual environment: %w", err)
		}
		if _, err := (proc.Cmd{Name: base, Args: []string{"-m", "venv", dir}}).Run(ctx); err != nil {
			return fmt.Errorf("making the virtual environment: %w", err)
		}
		// --require-hashes makes pip refuse whatever the lock does not pin. The lock has all that is needed: --no-deps
		// leaves out the Python side of widgets, which is for kernels in Python.
		pip := []string{"-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check",
			"--require-hashes", "--no-deps", "-r", in.Lab.Requirements()}
		if _, err := (proc.Cmd{Name: python, Args: pip}).Run(ctx); err != nil {
			return fmt.Errorf("installing the Python packages: %w\n  mend: %s", err, mendPip)
		}
		made := marker{Digest: sum, Made: base + " " + version}
		if err := writeMarker(filepath.Join(dir, venvMarker), made); err != nil {
			return err
		}
		removeOthers(in.Lab.Dir, "venv-*", dir)
		return nil
	})
}

// pythonCheck prints the version and fails where venv, or the wheel of pip that it needs, is left out, as Debian does.
const pythonCheck = `import sys
print("%d.%d" % sys.version_info[:2])
import venv, ensurepip`

// FindPython returns the path of a Python interpreter that can make the virtual environment, and its version ("3.11").
// name is the one to use; "" means the first suitable one of the usual names in PATH. The error says what each
// candidate lacks and how to mend it; it matches [ErrPrerequisite].
func FindPython(ctx context.Context, name string) (path, version string, err error) {
	names := []string{name}
	// python3 first, which is the system's; then the newest by name, for systems whose python3 is too old.
	if name == "" {
		names = []string{"python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"}
	}
	var lacks []string
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		// The version is printed before venv is imported, so that a Python without venv can still be named with its
		// version.
		out, err := proc.Cmd{Name: path, Args: []string{"-c", pythonCheck}}.Run(ctx)
		version, _, _ := strings.Cut(strings.TrimSpace(out), "\n")
		var major, minor int
		if n, _ := fmt.Sscanf(version, "%d.%d", &major, &minor); n != 2 {
			lacks = append(lacks, fmt.Sprintf("%s does not run", path))
			continue
		}
		if major != 3 || minor < 10 {
			lacks = append(lacks, fmt.Sprintf("%s is Python %s, 3.10 is needed", path, version))
			continue
		}
		if err != nil {
			lacks = append(lacks, fmt.Sprintf("%s (Python %s) lacks its venv module", path, version))
			continue
		}
		return path, version, nil
	}
	if len(lacks) == 0 {
		lacks = []string{"there is no " + names[0] + " in PATH"}
	}
	return "", "", fmt.Errorf("%w: Python: %s\n  mend: %s", ErrPrerequisite, strings.Join(lacks, "; "), mendPython)
}
