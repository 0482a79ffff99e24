package run

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/data/openfile"
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
	ErrShared  = errors.New("two of the runs would keep their files there: without -p Runs each has a folder of its own")
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
	base     string             // what names of this run's files begin with: a path
	runs     string             // folder of this run's files, where it is not the notebook's own; else empty
	folder   string             // the folder that the run's files go to, as a path; empty: there is none that is known
	digest   string             // see code; empty: nobody has asked
}

// Job is one execution of a notebook.
type Job struct {
	Path string
	Sets []notebook.Set // parameters to set
}

// Jobs reads notebooks and returns the executions that are asked for: of each one, or one for each combination of
// values where parameters have several, see [notebook.Notebook.Expand]. o.Sets is not used. The error is what would
// keep [Notebook] from executing one of them or from writing its result: a file that is no notebook, a parameter that
// it does not have, a directory that cannot be written, two notebooks with one result. Nothing is executed; a directory
// of results that is not there is made. Errors match those of [Notebook].
func Jobs(paths []string, asked []notebook.Asked, o Options) ([]Job, error) {
	var jobs []Job
	var faults []error
	done := map[string]bool{}
	for _, path := range paths {
		runs, err := expand(path, asked)
		for _, sets := range runs {
			o.Sets = sets
			var p *plan
			p, err = newPlan(path, o)
			switch {
			case err != nil:
			case done[p.target]:
				err = &OutputError{Path: p.target, Err: ErrTwice}
			case p.folder != "" && done[p.folder]: // -p Runs=FOLDER
				err = &OutputError{Path: p.folder, Err: ErrShared}
			}
			if err != nil {
				break // the others are like it
			}
			done[p.target], done[p.folder] = true, true
			jobs = append(jobs, Job{path, sets})
		}
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return jobs, nil
}

// expand returns the parameters of each run of the notebook at path.
func expand(path string, asked []notebook.Asked) ([][]notebook.Set, error) {
	nb, err := notebook.Read(path)
	if err != nil {
		return nil, err
	}
	runs, err := nb.Expand(asked)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return runs, nil
}

// newPlan returns the plan for the notebook at path, or what is against it.
func newPlan(path string, o Options) (*plan, error) {
	if o.Inplace && (len(o.Sets) > 0 || o.HTML || o.Out != "") {
		return nil, errInplace
	}
	content, err := openfile.ReadPart(path)
	if err != nil {
		return nil, err
	}
	p := &plan{path: path, original: content, inplace: o.Inplace}
	if p.nb, err = notebook.Parse(content); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	// Old outputs would stay in the cells after one that fails.
	p.nb.Reset()
	p.base = o.base(path)
	p.target, p.page = p.base+executedEnd, ""
	if o.HTML {
		p.page = p.base + pageEnd
	}
	own, _ := p.nb.Runs()
	switch {
	case o.Inplace:
		p.target = real(path)
		p.folder = own
	// A run has its files apart, so that neither another one nor JupyterLab reads or replaces them.
	case len(o.Sets) > 0:
		p.runs, err = p.nb.InjectFor(filepath.Base(p.base), o.Sets)
	default:
		p.runs, err = p.nb.InjectFor(filepath.Base(p.base)+".executed", nil)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if p.runs != "" {
		p.folder = p.runs
	}
	for _, set := range o.Sets {
		if set.Name == notebook.ParameterRuns {
			p.folder = set.Value
		}
	}
	if p.folder != "" && !filepath.IsAbs(p.folder) {
		p.folder = filepath.Join(filepath.Dir(path), p.folder)
	}
	for _, file := range []string{p.target, p.page} {
		if file == "" {
			continue
		}
		if err := writable(file); err != nil {
			if !o.Inplace {
				err = fmt.Errorf("%w; --out names another folder", err)
			}
			return nil, &OutputError{Path: file, Err: err}
		}
	}
	return p, nil
}

// base returns what the names of the files of an execution begin with, as a path. An execution with parameters has them
// in its files' names, so that it replaces no results of other ones.
func (o Options) base(path string) string {
	if o.Inplace {
		path = real(path)
	}
	dir := o.Out
	if dir == "" {
		dir = filepath.Dir(path)
	}
	base := filepath.Join(dir, stem(path))
	if len(o.Sets) > 0 {
		base += "." + notebook.FileName(o.Sets)
	}
	return base
}

// real returns what a link points to: it stays one.
func real(path string) string {
	if to, err := filepath.EvalSymlinks(path); err == nil {
		return to
	}
	return path
}

// stem is the name of a notebook's file without its ending.
func stem(path string) string { return strings.TrimSuffix(filepath.Base(path), ".ipynb") }

// Writable makes a file's directory and returns why the file could not be written, an *[OutputError], or nil.
func Writable(path string) error {
	if err := writable(path); err != nil {
		return &OutputError{Path: path, Err: err}
	}
	return nil
}

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

// fail changes the files to those of an execution that failed.
func (p *plan) fail() {
	p.inplace, p.target = false, p.base+".failed"+executedEnd
	if p.page != "" {
		p.page = p.base + ".failed" + pageEnd
	}
}

// Ends of the names of files that an execution writes.
const (
	executedEnd, pageEnd = ".executed.ipynb", ".executed.html"
	runningEnd           = ".running" + executedEnd // what was executed so far
)

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
		path, f, err := numbered(filepath.Join(dir, filepath.Base(p.base)), "kept")
		if err != nil {
			continue // not this directory
		}
		_, err = f.Write(content)
		if err = errors.Join(err, f.Close()); err == nil {
			return path, &OutputError{Path: p.target, Kept: path, Err: why}
		}
		os.Remove(path) // half of it
	}
	return "", &OutputError{Path: p.target, Err: why}
}

// numbered makes the first file BASE.WORD-N.executed.ipynb that is not there.
func numbered(base, word string) (string, *os.File, error) {
	for n := 1; ; n++ {
		path := fmt.Sprintf("%s.%s-%d%s", base, word, n, executedEnd)
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if !errors.Is(err, os.ErrExist) {
			return path, f, err
		}
	}
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
