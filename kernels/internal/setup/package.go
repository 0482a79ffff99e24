package setup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data/openfile"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// ownPackage is the lab's own Python package, which papermill finds; the folder kernels/python has it.
const ownPackage = "siamese_lab"

// packageModules returns the Python files of the checkout's own package, sorted; nil for a checkout without it.
func packageModules(lab place.Lab) ([]string, error) {
	return openfile.Glob(lab.Python(), ownPackage+"/*.py")
}

// packageSources returns the files that the checkout's own Python package is made from, sorted; nil for a checkout without it.
func packageSources(lab place.Lab) ([]string, error) {
	sources, err := packageModules(lab)
	if err != nil || len(sources) == 0 {
		return nil, err
	}
	for _, name := range []string{"backend.py", "pyproject.toml"} {
		path := filepath.Join(lab.Python(), name)
		if _, err := os.Stat(path); err == nil {
			sources = append(sources, path)
		}
	}
	return sources, nil
}

// checkOwnPackage returns nil if a virtual environment has the checkout's own Python package as it is now, else what is
// wrong. Files are compared rather than a marker: a file that was lost or changed is found.
func checkOwnPackage(lab place.Lab, venv string) error {
	sources, err := packageModules(lab)
	if err != nil || len(sources) == 0 {
		return err // a checkout without it
	}
	for _, source := range sources {
		want, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		have, err := installed(venv, filepath.Join(ownPackage, filepath.Base(source)))
		if err != nil {
			return err
		}
		if !bytes.Equal(have, want) {
			return fmt.Errorf("%s is not the checkout's", filepath.Base(source))
		}
	}
	_, err = installed(venv, filepath.Join(ownPackage+"-*.dist-info", "entry_points.txt"))
	return err
}

// installed returns the content of a file of a virtual environment's packages; pattern is its path below them.
func installed(venv, pattern string) ([]byte, error) {
	found, err := openfile.Glob(venv, "lib/python3*/site-packages/"+filepath.ToSlash(pattern))
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%s: %w", filepath.Base(pattern), fs.ErrNotExist)
	}
	return os.ReadFile(found[0])
}

// ensurePackage installs the checkout's own Python package into the virtual environment of an interpreter. It needs no
// network: the package is made by the checkout alone. Where it cannot be installed, in a lab that is only for reading
// say, that is told, and is no failure: the lab's own commands do without.
func (in *Installer) ensurePackage(ctx context.Context, python string) {
	switch done, err := in.installPackage(ctx, python); {
	case err != nil && ctx.Err() == nil:
		in.said("python", "not installed: %s, which papermill needs for notebooks in Go: %v", ownPackage, err)
	case done:
		in.said("python", "installed: %s, which papermill needs for notebooks in Go", ownPackage)
	}
}

// installPackage is ensurePackage with its error, and reports whether it installed.
func (in *Installer) installPackage(ctx context.Context, python string) (done bool, err error) {
	venv := filepath.Dir(filepath.Dir(python))
	if checkOwnPackage(in.Lab, venv) == nil {
		return false, nil
	}
	pip := []string{"-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-index",
		"--no-deps", "--no-build-isolation", "--force-reinstall", in.Lab.Python()}
	run := isolated(python, pip...)
	run.Env = append(run.Env, "PYTHONDONTWRITEBYTECODE=1") // the checkout is not to be written, and maybe cannot be
	if _, err := run.Run(ctx); err != nil {
		return false, err
	}
	if err := checkOwnPackage(in.Lab, venv); err != nil {
		return false, errors.Join(err, errDamaged)
	}
	return true, nil
}

// errDamaged says what to do about a virtual environment that does not keep what is put into it.
var errDamaged = errors.New("the virtual environment is damaged: delete it, then run this again")
