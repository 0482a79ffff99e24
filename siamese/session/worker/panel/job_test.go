package panel

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/show"
)

// engine is an [Engine] whose trainings are a function; it evaluates nothing. model is the one that is kept.
type engine struct {
	train func() (*session.Model, error)
	model *session.Model

	noPairs bool
	saved   *float64 // the threshold of the model that was saved

	mu    sync.Mutex
	ends  bool // nothing may begin
	begun int
	none  sync.WaitGroup
}

var errEngine = errors.New("not here")

func (e *engine) Begin() (func(), bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ends {
		return nil, false
	}
	e.begun++
	e.none.Add(1)
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.begun--
		e.none.Done()
	}, true
}

// running returns what is begun and has not ended.
func (e *engine) running() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.begun
}

// idle waits until that is nothing.
func (e *engine) idle() { e.none.Wait() }

func (e *engine) Train(context.Context, config.Config, func(func(bool)), func(history.Progress)) (*session.Model, error) {
	return e.train()
}

func (e *engine) Evaluate(context.Context, string) (*session.Report, *report.Report, error) {
	return nil, nil, errEngine
}

func (e *engine) Model(string) (*session.Model, error) {
	if e.model == nil {
		return nil, errEngine
	}
	return e.model, nil
}

func (e *engine) Report(context.Context, string) (*report.Report, error) {
	if e.model == nil {
		return nil, errEngine
	}
	return &report.Report{}, nil
}

func (e *engine) Compare(context.Context, []string, []string) (*report.Compared, error) {
	return nil, errEngine
}

func (e *engine) Outputs(context.Context, string) (show.Outputs, error) { return nil, errEngine }

func (e *engine) Save(run *Run, path string) error {
	e.saved = run.Threshold
	return os.WriteFile(path, []byte("model"), 0o600)
}

// newPanel returns a panel that is not shown, with n runs that were stopped.
func newPanel(t *testing.T, e Engine, n int) (*Panel, []Run) {
	t.Helper()
	runs, err := OpenRuns(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		run, err := runs.Add(config.Default(), "")
		if err != nil {
			t.Fatal(err)
		}
		run.Status = Stopped
		if err := runs.Put(run); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	p := New(ctx, runs)
	p.engine, p.folder = e, t.TempDir()
	return p, runs.List()
}

// epochs returns a history.
func epochs(n int) []history.Epoch {
	var out []history.Epoch
	for i := range n {
		e := history.Epoch{Number: i + 1, Loss: 1 / float64(i+1), ValLoss: 1}
		e.Diagnostics.Spread = .5
		out = append(out, e)
	}
	return out
}

// TestOtherRunShown: a run that ends while the plots of another are seen leaves them alone.
func TestOtherRunShown(t *testing.T) {
	e := &engine{train: func() (*session.Model, error) {
		return &session.Model{History: epochs(12), Warnings: []string{"of another"}}, nil
	}}
	p, runs := newPanel(t, e, 2)
	p.plotsOf(runs[0].ID)
	p.job = &job{run: runs[1], engine: e, live: newLive(&runs[1]), cancel: func() {}, training: true}
	p.work(t.Context(), p.job)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live.Run != runs[0].ID || len(p.live.Val) != 0 || len(p.live.Warnings) != 0 {
		t.Errorf("the plots are %+v", p.live)
	}
	if now := p.runs.Get(runs[1].ID); now.Epochs != 12 {
		t.Errorf("the run is %+v", now)
	}
}

// TestShownAgain: the plots of a run that is computed are whole when they are seen again.
func TestShownAgain(t *testing.T) {
	p, runs := newPanel(t, &engine{}, 2)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.job = &job{run: runs[1], live: newLive(&runs[1])}
	for i, e := range epochs(5) {
		switch i {
		case 1:
			p.plotsOf(runs[0].ID)
		case 3:
			p.plotsOf(runs[1].ID)
		}
		p.job.live.epoch(e)
		p.follow(p.job)
		if want := i + 1; p.live.Run == runs[1].ID && len(p.live.Val) != want || i == 2 && p.live.Run != runs[0].ID {
			t.Errorf("after epoch %d: %+v", want, p.live)
		}
	}
}

// TestBegun: the engine knows of what a panel computes, from its first run to the end of what waits, and begins nothing
// for a worker that ends.
func TestBegun(t *testing.T) {
	e, trained := &engine{}, make(chan int, 2)
	e.train = func() (*session.Model, error) {
		trained <- e.running()
		return &session.Model{History: epochs(1)}, nil
	}
	p, runs := newPanel(t, e, 2)
	p.mu.Lock()
	for i := range runs {
		p.enqueue(&runs[i])
	}
	p.mu.Unlock()
	if a, b := <-trained, <-trained; a != 1 || b < 1 {
		t.Errorf("while it trains %d and %d are begun", a, b)
	}
	e.idle()
	e.mu.Lock()
	e.ends = true
	e.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.enqueue(&runs[0])
	if p.job != nil {
		t.Error("it trains for a worker that ends")
	}
}

// TestSave: a model does not take the place of a file.
func TestSave(t *testing.T) {
	p, runs := newPanel(t, &engine{}, 1)
	run := &runs[0]
	run.Model = "key"
	for i, want := range []error{nil, fs.ErrExist} {
		if err := p.save(run, "a"); !errors.Is(err, want) {
			t.Errorf("save %d: %v", i+1, err)
		}
	}
	if b, err := os.ReadFile(filepath.Join(p.folder, "a.safetensors")); err != nil || string(b) != "model" {
		t.Errorf("%q %v", b, err)
	}
	if err := p.save(run, "b"); err != nil {
		t.Error(err)
	}
	if err := p.do("delete", nil, ""); !errors.Is(err, errNone) || len(p.runs.List()) != 1 {
		t.Errorf("delete without a run: %v", err)
	}
}

// TestLookedAt: a run that is done is drawn from what is kept; where that is gone nothing is trained unasked.
func TestLookedAt(t *testing.T) {
	e := &engine{train: func() (*session.Model, error) {
		t.Error("it is trained unasked")
		return nil, errEngine
	}}
	p, runs := newPanel(t, e, 1)
	run := runs[0]
	run.Status, run.Verdict = Done, "it helps"
	p.keep(&run)
	p.shown, p.live = run.ID, newLive(&run)
	p.again(e, run)
	p.mu.Lock()
	if p.live.Place != "it helps" || len(p.live.Warnings) != 1 || !strings.Contains(p.live.Warnings[0], "Go on") {
		t.Errorf("of what is gone: %+v", p.live)
	}
	p.mu.Unlock()
	p.mu.Lock()
	e.model, p.live = &session.Model{History: epochs(3)}, newLive(&run)
	p.mu.Unlock()
	p.again(e, run)
	p.mu.Lock()
	if len(p.live.Val) != 3 || len(p.live.Warnings) != 0 {
		t.Errorf("of what is kept: %+v", p.live)
	}
	if err := p.do("resume", []string{run.ID}, ""); err == nil {
		t.Error("it goes on with a run whose model is kept")
	}
	e.model, p.job = nil, &job{} // another one runs
	if err := p.do("resume", []string{run.ID}, ""); err != nil || len(p.queue) != 1 {
		t.Errorf("what is gone is not made again: %v, %d wait", err, len(p.queue))
	}
	p.mu.Unlock()
}
