package reproduce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/go-siamese/lab/kernels/internal/kept"
	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/run"
)

// Options say how notebooks are reproduced. Lab, Python and Log must be set; the zero value of the others is the
// default.
type Options struct {
	Lab       place.Lab
	Python    string        // interpreter of the virtual environment
	Kernel    string        // name of the kernel; "" = that with which the notebook was saved
	Tolerance float64       // numbers that differ by no more are within; 0 = none
	Timeout   time.Duration // for each cell; 0 = none
	Fresh     bool          // a session keeps nothing from before: all is computed anew
	Log       io.Writer     // progress
	Live      bool          // Log is a terminal
}

// storeEnv is the environment variable with the folder in which a session keeps values.
const storeEnv = "SIAMESE_SESSION_STORE"

// task is a notebook that is to be reproduced.
type task struct {
	path   string
	folder string // where it lies
	saved  *notebook.Notebook
	kernel string
	made   made
	Options
}

// newTask reads the notebook at path.
func newTask(path string, o Options) (*task, error) {
	saved, err := notebook.Read(path)
	if err != nil {
		return nil, err
	}
	saved.Clean("", "") // so that cells have ids
	t := &task{path: path, folder: filepath.Dir(path), saved: saved, kernel: o.Kernel, made: madeBy(saved), Options: o}
	if t.kernel == "" {
		t.kernel = saved.Kernel()
	}
	return t, nil
}

// key returns the key under which the notebook's cells are kept.
func (t *task) key(ctx context.Context, store *kept.Store) (string, error) {
	around, err := store.Surroundings(ctx, t.kernel)
	if err != nil {
		return "", err
	}
	beside, err := names(t.folder, t.made.leave)
	return kept.Key(around, t.saved, beside), err
}

// verdict returns the verdict on the notebook by what came out.
func (t *task) verdict(fresh *notebook.Notebook, failed error, start time.Time) Notebook {
	v := judge(t.saved, fresh, failed, t.Tolerance)
	v.Notebook, v.Kernel, v.Seconds = filepath.ToSlash(t.path), t.kernel, time.Since(start).Seconds()
	return v
}

// FromKept returns the verdict on the notebook at path by what was kept of its cells. ok = false: nothing was, or it
// does not hold any more. The error is of reading the notebook.
func FromKept(ctx context.Context, path string, o Options) (v Notebook, ok bool, err error) {
	start := time.Now()
	t, err := newTask(path, o)
	if err != nil {
		return Notebook{}, false, err
	}
	store := kept.NewStore(o.Lab)
	key, err := t.key(ctx, store)
	if err != nil {
		return Notebook{}, false, nil //nolint:nilerr // no kernel, say: the execution will tell
	}
	k, err := store.Load(ctx, key, t.folder)
	if err != nil {
		return Notebook{}, false, nil //nolint:nilerr // it is executed then
	}
	v = t.verdict(k.Notebook, nil, start)
	v.computed(k.Fresh)
	v.Kept, v.Ran, v.Own = true, k.Ran, sameRun(t.saved, k.Notebook)
	return v, true, nil
}

// Execute executes the notebook at path in a scratch folder and returns the verdict. Nothing is written beside the
// notebook. Its cells are kept, see [kept.Store]. The error is of reading the notebook, or matches
// [run.ErrInterrupted]; that it cannot be executed is a verdict.
func Execute(ctx context.Context, path string, o Options) (Notebook, error) {
	start := time.Now()
	t, err := newTask(path, o)
	if err != nil {
		return Notebook{}, err
	}
	store := kept.NewStore(o.Lab)
	before, noKey := t.key(ctx, store)
	beside, unread := names(t.folder, t.made.leave)
	s, err := newScratch(t.folder, t.made.leave)
	defer s.remove()
	if err != nil {
		return Notebook{}, fmt.Errorf("a copy of the folder of %s: %w", path, err)
	}
	fresh, failed, err := t.execute(ctx, s)
	if err != nil {
		return Notebook{}, err
	}
	v := t.verdict(fresh, failed, start)
	v.computed(t.Fresh)
	if err := s.changed(); err != nil {
		v.fail(err)
	}
	if v.Error != "" || failed != nil {
		return v, nil
	}
	// What changed while it was executed is not what it followed from.
	after, err := t.key(ctx, store)
	if err = errors.Join(noKey, unread, err); err == nil {
		if err = errChanged; before == after {
			err = store.Save(ctx, after, t.folder, &kept.Kept{Notebook: fresh, Ran: start, Fresh: t.Fresh,
				Made: s.madeHere(ctx, fresh, beside)})
		}
	}
	if err != nil {
		v.NotKept = err.Error()
	}
	return v, nil
}

// computed notes whether what a session had was used: where it began empty, what cells before one have made was made
// there.
func (v *Notebook) computed(fresh bool) {
	for i := range v.Cells {
		v.Cells[i].Session = v.Cells[i].Session && !fresh
	}
}

// errChanged is why cells are not kept.
var errChanged = errors.New("its cells are not kept: something that they follow from changed while they ran")

// execute executes a copy of the notebook in a scratch folder. It returns what came out, nil where no cell was
// executed, and what failed; err is an interruption, or of the file system.
func (t *task) execute(ctx context.Context, s *scratch) (fresh *notebook.Notebook, failed, err error) {
	content, err := t.saved.Bytes()
	if err != nil {
		return nil, nil, err
	}
	nb, err := notebook.Parse(content)
	if err != nil {
		return nil, nil, err
	}
	// The cell that has set parameters stays as it was.
	for _, c := range nb.Cells {
		c.Untag(notebook.TagInjected)
	}
	at := filepath.Join(s.dir, filepath.Base(t.path))
	if err := nb.Write(at); err != nil {
		return nil, nil, err
	}
	// In place: its sources, and the folder that its cells write to, stay what they are.
	opt := run.Options{Lab: t.Lab, Python: t.Python, Kernel: t.kernel, Timeout: t.Timeout, Inplace: true, Log: t.Log,
		Live: t.Live}
	if t.Fresh {
		opt.Env = []string{storeEnv + "=" + filepath.Join(s.root, "session")}
	}
	result, failed := run.Notebook(ctx, at, opt)
	if errors.Is(failed, run.ErrInterrupted) || ctx.Err() != nil {
		return nil, nil, errors.Join(run.ErrInterrupted, failed)
	}
	if result.Notebook == "" {
		return nil, failed, nil
	}
	if fresh, err = notebook.Read(result.Notebook); err != nil {
		return nil, nil, err
	}
	fresh.Clean("", "")
	return fresh, failed, nil
}
