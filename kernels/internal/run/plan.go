package run

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
)

// OutputError is the error of a file that cannot be written.
type OutputError struct {
	Path string // the file
	Kept string // where the executed notebook was kept instead; empty: nothing was executed
	Err  error
}

// Error returns the file, what is wrong, and where the executed notebook is.
func (e *OutputError) Error() string {
	text := fmt.Sprintf("%s cannot be written: %v", e.Path, e.Err)
	if e.Kept != "" {
		text += "\nthe executed notebook is kept in " + e.Kept
	}
	return text
}

// Unwrap returns what is wrong.
func (e *OutputError) Unwrap() error { return e.Err }

// Reasons of an [OutputError].
var (
	ErrTwice   = errors.New("two of the notebooks would write it: run them apart, or with another --out")
	ErrChanged = errors.New("it was changed while it ran")
	errIsFile  = errors.New("it is a file, a directory is wanted")
	errIsDir   = errors.New("it is a directory")
)

// errInplace is the error of options that do not go with writing the notebook itself.
var errInplace = errors.New("--inplace keeps the notebook as it is and where it is: " +
	"it goes with neither -p nor --out nor an HTML page")

// plan is one notebook that was read and can be executed as the options say.
type plan struct {
	path     string
	original []byte             // the file's content
	nb       *notebook.Notebook // with parameters set, without outputs
	target   string             // the file that gets the executed notebook
	inplace  bool               // target is the notebook itself
	page     string             // the HTML page; empty: none
	runs     string             // folder of this run's files, where it is not the notebook's own; else empty
}

// Check reads notebooks and returns what would keep [Notebook] from executing one of them or from writing its result:
// a file that is no notebook, a parameter that it does not have, a directory that cannot be written, two notebooks with
// one result. Nothing is executed; a directory of results that is not there is made. Errors match those of [Notebook].
func Check(paths []string, o Options) error {
	var faults []error
	done := map[string]bool{}
	for _, path := range paths {
		p, err := newPlan(path, o)
		if err == nil && done[p.target] {
			err = &OutputError{Path: p.target, Err: ErrTwice}
		}
		if err == nil {
			done[p.target] = true
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// newPlan returns the plan for the notebook at path, or what is against it.
func newPlan(path string, o Options) (*plan, error) {
	if o.Inplace && (len(o.Sets) > 0 || o.HTML || o.Out != "") {
		return nil, errInplace
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p := &plan{path: path, original: content, inplace: o.Inplace}
	if p.nb, err = notebook.Parse(content); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	// Old outputs would stay in the cells after one that fails.
	p.nb.Reset()
	if p.runs, err = p.nb.Inject(o.Sets); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	p.target, p.page = o.names(path)
	for _, file := range []string{p.target, p.page} {
		if file == "" {
			continue
		}
		if err := writable(file); err != nil {
			return nil, &OutputError{Path: file, Err: err}
		}
	}
	return p, nil
}

// names returns the files that an execution of the notebook at path writes; html is "" where no page is asked for. An
// execution with parameters has them in its files' names, so that it replaces no results of other ones.
func (o Options) names(path string) (nb, html string) {
	if o.Inplace {
		// A link stays one: what it points to is written.
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		return path, ""
	}
	dir := o.Out
	if dir == "" {
		dir = filepath.Dir(path)
	}
	base := filepath.Join(dir, stem(path))
	if len(o.Sets) > 0 {
		base += "." + notebook.FileName(o.Sets)
	}
	if o.HTML {
		html = base + ".executed.html"
	}
	return base + ".executed.ipynb", html
}

// stem is the name of a notebook's file without its ending.
func stem(path string) string { return strings.TrimSuffix(filepath.Base(path), ".ipynb") }

// writable makes a file's directory and returns why the file could not be written into it, or nil. The file itself is
// left as it is.
func writable(path string) error {
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return fmt.Errorf("%s: %w", dir, errIsFile)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return errIsDir
	}
	// As it will be written: into a new file that is renamed.
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	f.Close()
	return os.Remove(f.Name())
}

// keep writes the executed notebook, and returns where it is. Where it cannot be written as planned it is kept in
// another place, under a name that nothing has yet, and the error is an *[OutputError]. others are directories to try.
func (p *plan) keep(content []byte, others ...string) (string, error) {
	why := p.unchanged()
	if why == nil {
		if why = place.WriteFile(p.target, content, 0o644); why == nil {
			return p.target, nil
		}
	}
	for _, dir := range append([]string{filepath.Dir(p.target), filepath.Dir(p.path)}, others...) {
		for n := 1; n < 1000; n++ {
			path := filepath.Join(dir, fmt.Sprintf("%s.kept-%d.executed.ipynb", stem(p.path), n))
			f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
			if errors.Is(err, os.ErrExist) {
				continue
			}
			if err != nil {
				break // not this directory
			}
			_, err = f.Write(content)
			if err = errors.Join(err, f.Close()); err == nil {
				return path, &OutputError{Path: p.target, Kept: path, Err: why}
			}
			os.Remove(path) // half of it
			break
		}
	}
	return "", &OutputError{Path: p.target, Err: why}
}

// unchanged returns [ErrChanged] if the notebook is to be replaced and is no longer what was executed: somebody edited
// it meanwhile.
func (p *plan) unchanged() error {
	if !p.inplace {
		return nil
	}
	// One that was removed is not put back either.
	if now, err := os.ReadFile(p.path); err != nil || !bytes.Equal(now, p.original) {
		return errors.Join(ErrChanged, err)
	}
	return nil
}
