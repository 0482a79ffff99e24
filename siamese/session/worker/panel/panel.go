// Package panel is the live panel of a split, which the session's worker shows below a cell: a form of the settings of a
// training, trainings with their curves, and the table of all runs, kept beside the session's values. It outlives its
// cell. The controls are those of ipywidgets; plots and tables are one script, panel.js, which needs neither a build nor
// a network.
//
// What it computes it asks of an [Engine], which is the worker: a run is an ordinary training of the session, so that a
// cell with the same settings is given the same model.
package panel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/kernels/widget"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/worker/threshold"
	"github.com/go-siamese/lab/siamese/session/worker/widgetkit"
	"github.com/go-siamese/lab/siamese/show"
)

// Engine computes for a panel. Models are named by the keys of their values.
type Engine interface {
	// Begin says that the panel begins something that uses the engine, and returns what says that it has ended. ok is
	// false where the worker ends: then nothing may begin. It never waits for a panel.
	Begin() (end func(), ok bool)
	// Train trains on the split. begun is given what pauses the training, before it begins; each hears how far it is. A
	// training that ctx stops returns the model so far, if any, with the error.
	Train(ctx context.Context, cfg config.Config, begun func(pause func(on bool)),
		each func(history.Progress)) (*session.Model, error)
	// Evaluate returns how a model does on the test items, with details.
	Evaluate(ctx context.Context, model string) (*session.Report, *report.Report, error)
	// Model returns a model that is kept; one that is not any more is [ErrGone].
	Model(key string) (*session.Model, error)
	// Report returns a report that is kept; one that is not any more is [ErrGone].
	Report(ctx context.Context, key string) (*report.Report, error)
	// Compare evaluates several models on the test items, the first against the others; names are what they are called.
	Compare(ctx context.Context, models, names []string) (*report.Compared, error)
	// Outputs draws a value.
	Outputs(ctx context.Context, key string) (show.Outputs, error)
	// Pairs returns the pairs of a side with their cosines by a model, what they are in words, and the pictures of their
	// items.
	Pairs(ctx context.Context, model, side string) (*threshold.Pairs, string, *widgetkit.Pictures, error)
	// Save writes a model to a file, with the threshold that was kept with its run.
	Save(run *Run, path string) error
}

// ErrGone says that the session has removed a value to make room.
var ErrGone = errors.New("the session has removed it")

// Panel is the panel of one split. It may be shown again: what is shown is then the newest view of the same runs.
type Panel struct {
	ctx  context.Context // of the worker: the panel ends with it
	runs *Runs

	mu     sync.Mutex
	engine Engine // of the cell that has shown it last
	folder string // of that cell's notebook, for files that are named without one
	form   *form
	view   *view
	job    *job // nil = none runs
	queue  []*Run
	shown  string // id of the run whose plots are seen
	said   string // a message for the user
	// compared is the HTML of the last comparison, picked are its runs.
	compared string
	live     live
	cut      cut
	loaded   atomic.Pointer[loaded] // the pairs of cut, which are asked for without mu
	stamp    int                    // the last one of cut
	dirty    bool                   // the script has not been told all
	static   bool                   // nor has the saved notebook
	telling  bool
}

// New returns the panel of a split, which has to be shown. ctx ends what it does; runs are those that were kept.
func New(ctx context.Context, runs *Runs) *Panel { return &Panel{ctx: ctx, runs: runs} }

// Shown is a view of a panel, for the cell to show.
type Shown struct {
	Widget string         `json:"widget"` // id of the widget
	ID     string         `json:"id"`     // under which the static part is to be displayed
	Static map[string]any `json:"static"` // what stays in a saved notebook, by MIME type
}

// Show opens a view whose form begins with a configuration. An older view is closed: a panel is in one place. From now
// on engine computes, and a file that the user names without a folder goes into folder: both are of the cell that shows
// the panel. What runs goes on as it was begun.
func (p *Panel) Show(ctx context.Context, engine Engine, folder string, cfg config.Config) (*Shown, error) {
	v, s, err := p.open(ctx, engine, folder, cfg)
	if err != nil {
		return nil, err
	}
	return &Shown{Widget: v.root.ID(), ID: v.id, Static: s.bundle(ctx)}, nil
}

// open opens a view, and returns it with what stays of it.
func (p *Panel) open(ctx context.Context, engine Engine, folder string, cfg config.Config) (v *view, s still, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.engine, p.folder = engine, folder
	if p.view != nil {
		closeAll(p.view.root)
	}
	p.form = newForm(cfg, p.edited)
	v = newView(p)
	v.id, p.view = cell.NewID(), v
	if err := widget.Open(ctx, v.root); err != nil {
		p.view = nil
		return nil, s, fmt.Errorf("the panel: %w", err)
	}
	if p.shown == "" {
		if all := p.runs.List(); len(all) > 0 {
			p.shown = all[len(all)-1].ID
		}
	}
	p.plotsOf(p.shown)
	p.tell()
	return v, p.still(), nil
}

// closeAll closes a widget and all that are in it. The kernel may have closed them: then nothing happens.
func closeAll(w widget.Widget) {
	var in []widget.Widget
	switch w := w.(type) {
	case *widget.VBox:
		in = w.Children
	case *widget.HBox:
		in = w.Children
	case *widget.Accordion:
		in = w.Children
	}
	if c, ok := w.(interface{ Close() error }); ok {
		_ = c.Close()
	}
	for _, child := range in {
		closeAll(child)
	}
}

// edited hears that the user has changed the form.
func (p *Panel) edited() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.buttons()
}

// say shows a message. p.mu is held.
func (p *Panel) say(format string, args ...any) {
	p.said = fmt.Sprintf(format, args...)
	p.tell()
}

// every is the least time between two changes of what is seen.
const every = 500 * time.Millisecond

// tell tells the page what has changed, now or soon. p.mu is held.
func (p *Panel) tell() {
	p.dirty = true
	if p.telling {
		return
	}
	p.telling = true
	p.publish()
	go p.tellLater()
}

// tellLater tells what changes, twice a second, until nothing does.
func (p *Panel) tellLater() {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-p.ctx.Done():
			return
		}
		p.mu.Lock()
		// While a run is computed what stays of it is not drawn: its end asks for that.
		static, v := p.static && p.job == nil, p.view
		if !p.dirty && !static {
			p.telling = false
			p.mu.Unlock()
			return
		}
		if p.dirty {
			p.publish()
		}
		if static {
			p.static = false
		}
		p.mu.Unlock()
		if static && v != nil {
			p.redraw(v)
		}
	}
}

// publish tells the script. p.mu is held.
func (p *Panel) publish() {
	p.dirty = false
	if p.view == nil {
		return
	}
	p.buttons()
	// A view that was closed hears nothing, and another is shown where its cell runs again.
	_ = p.view.script.Set(p.state())
}

// message is what the script sends.
type message struct {
	Do   string   `json:"do"`
	Runs []string `json:"runs"`
	Text string   `json:"text"`
	question
	choice
}

// message handles what the script of a view sends.
func (p *Panel) message(v *view, content json.RawMessage) {
	var m message
	if json.Unmarshal(content, &m) != nil {
		return
	}
	// A slider that is moved asks for this, and waits for nothing that the panel does. A view that was closed hears nothing.
	switch m.Do {
	case "hello": // a page wants to know whether somebody is there
		_ = v.script.Send(map[string]bool{"hello": true})
		return
	case "steps", "wrong":
		if answer, buffers := p.answer(m.Do, m.question); answer != nil {
			_ = v.script.Send(answer, buffers...)
		}
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	switch m.Do {
	case "side", "at", "keep", "own":
		err = p.choose(m.Do, m.choice)
	default:
		err = p.do(m.Do, m.Runs, m.Text)
	}
	if err != nil {
		p.say("%v", err)
	}
}

var errNone = errors.New("choose a run first")
