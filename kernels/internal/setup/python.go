package setup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

// isolated returns the run of a Python that sees nothing of the user's: no PYTHONPATH, PYTHONHOME or packages of the
// user's own, and no modules of the current directory.
func isolated(python string, args ...string) proc.Cmd {
	return proc.Cmd{Name: python, Args: append([]string{"-I"}, args...), Env: []string{"PYTHONPATH=", "PYTHONHOME="}}
}

// venv returns where the virtual environment for the checkout is, or is to be, and the digest of what is installed in it:
// the lock and the checkout's own package. A virtual environment cannot be moved once made, so its name carries the
// digest: another lock or package makes a new one beside the old, which other checkouts and running kernels may be using.
func venv(lab place.Lab) (dir, sum string, err error) {
	lock, err := os.ReadFile(lab.Requirements())
	if err != nil {
		return "", "", fmt.Errorf("lock of Python packages: %w", err)
	}
	parts := []string{string(lock)}
	sources, err := packageSources(lab)
	if err != nil {
		return "", "", err
	}
	for _, path := range sources {
		content, err := os.ReadFile(path)
		if err != nil {
			return "", "", fmt.Errorf("the checkout's own Python package: %w", err)
		}
		parts = append(parts, filepath.Base(path), string(content))
	}
	sum = digest(parts...)
	return filepath.Join(lab.Dir, "venv-"+sum[:12]), sum, nil
}

// VenvPython returns the interpreter of the complete virtual environment for the checkout, or an error that says
// what is wrong with it. It starts nothing, and looks at the sizes of the packages' files, not at their bytes.
func VenvPython(lab place.Lab) (string, error) {
	dir, sum, err := venv(lab)
	if err != nil {
		return "", err
	}
	python := filepath.Join(dir, "bin", "python")
	// In the order of causes: never made or not completely, made from something else, made and since broken by an
	// update of the system's Python.
	m := readMarker(filepath.Join(dir, venvMarker))
	switch {
	case m.Digest == "":
		if _, err := os.Stat(dir); err == nil {
			return "", errors.New("the virtual environment was left half made")
		}
		return "", errors.New("no virtual environment for this checkout's packages")
	case m.Digest != sum:
		return "", errors.New("the virtual environment is of other packages")
	case !executable(python):
		return "", errors.New("the Python that the virtual environment was made with is gone")
	}
	if len(m.Files) == 0 {
		return python, errors.New("it is not known what was installed in the virtual environment")
	}
	return python, packagesError(checkPackages(dir, m.Files, false))
}

// packagesError returns one error for damaged packages, nil for none: what is wrong with the first by name.
func packagesError(bad map[string]error) error {
	if len(bad) == 0 {
		return nil
	}
	names := slices.Sorted(maps.Keys(bad))
	return fmt.Errorf("of Python's packages %d are damaged: %s: %w", len(bad), names[0], bad[names[0]])
}

// ensureVenv makes the virtual environment if it is not there, and returns its interpreter. pip installs exactly what
// the lock names, by digest. The marker is written last. Packages that are damaged are installed again in place, since
// a JupyterLab may be running from the environment; whatever else is wrong with it, it is made anew.
func (in *Installer) ensureVenv(ctx context.Context) (string, error) {
	dir, sum, err := venv(in.Lab)
	if err != nil {
		return "", err
	}
	python, err := VenvPython(in.Lab)
	files := readMarker(filepath.Join(dir, venvMarker)).Files
	bad := map[string]error{}
	if python != "" {
		bad = checkPackages(dir, files, in.Options.Verify)
	}
	if python != "" && len(bad) == 0 && in.Options.Verify {
		if _, err := tryImports(ctx, python); err != nil && ctx.Err() == nil {
			in.said("python", "to be made anew: %v", err)
			python = ""
		}
	}
	if python != "" && len(files) > 0 && len(bad) == 0 {
		place.Use(dir)
		in.said("python", "already there: JupyterLab in %s", dir)
		return python, nil
	}
	if python != "" {
		if len(bad) > 0 {
			err = packagesError(bad)
		}
		in.said("python", "to be mended: %v", err)
		err := in.timed("python", fmt.Sprintf("installing %d packages again", len(bad)), func(*step) error {
			return in.reinstall(ctx, dir, sum, bad)
		})
		// Where pip runs, it would fail again.
		if _, broken := isolated(python, "-m", "pip", "--version").Run(ctx); err == nil || broken == nil || ctx.Err() != nil {
			return python, err
		}
		in.said("python", "made anew, since pip does not run: %s", oneLine(err))
	}
	base, version, err := FindPython(ctx, in.Options.Python)
	if err != nil {
		return "", err
	}
	if in.Options.Offline != "" && version != in.bundlePython {
		return "", fmt.Errorf("%w: its packages are for Python %s, and %s is %s: name another with --python", ErrBundle,
			in.bundlePython, base, version)
	}
	python = filepath.Join(dir, "bin", "python")
	return python, in.timed("python", "JupyterLab and the notebook runner, with Python "+version, func(*step) error {
		// What is there cannot be mended: it was left half made, or its Python, whose path venv keeps, is gone.
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("removing the old virtual environment: %w", err)
		}
		if _, err := isolated(base, "-m", "venv", dir).Run(ctx); err != nil {
			return fmt.Errorf("making the virtual environment: %w", err)
		}
		place.Use(dir)
		return in.pipInstall(ctx, dir, marker{Digest: sum, Made: base + " " + version})
	})
}

// reinstall installs packages again that are damaged. pip takes what it finds no list of for not installed, and writes
// over what is there. If that fails all is as it was.
func (in *Installer) reinstall(ctx context.Context, dir, sum string, bad map[string]error) error {
	site, err := sitePackages(dir)
	if err != nil {
		return err
	}
	aside := map[string]string{}
	for name := range bad {
		from := filepath.Join(site, name)
		to := strings.TrimSuffix(from, distInfo) + ".damaged"
		if err := errors.Join(os.RemoveAll(to), os.Rename(from, to)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		aside[to] = from
	}
	made := readMarker(filepath.Join(dir, venvMarker)).Made
	err = in.pipInstall(ctx, dir, marker{Digest: sum, Made: made})
	for to, from := range aside {
		if err == nil {
			os.RemoveAll(to)
		} else if _, again := os.Stat(from); again != nil {
			_ = os.Rename(to, from) // what cannot be put back is found missing the next time
		}
	}
	return err
}

// pipInstall has the environment's pip install what it lacks of the lock, and writes the marker with a list of all that
// is there.
func (in *Installer) pipInstall(ctx context.Context, dir string, m marker) (err error) {
	// --require-hashes makes pip refuse whatever the lock does not pin. The lock has all that is needed: --no-deps
	// leaves out the Python side of widgets, which is for kernels in Python.
	pip := append([]string{"-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check",
		"--require-hashes", "--no-deps", "-r", in.Lab.Requirements()}, in.pipSource()...)
	if _, err := isolated(filepath.Join(dir, "bin", "python"), pip...).Run(ctx); err != nil {
		return fmt.Errorf("installing the Python packages: %w", in.mendPip(err))
	}
	if m.Files, err = packageRecords(dir); err != nil {
		return fmt.Errorf("the Python packages: %w", err)
	}
	return writeMarker(filepath.Join(dir, venvMarker), m)
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
		out, err := isolated(path, "-c", pythonCheck).Run(ctx)
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
