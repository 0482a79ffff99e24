package worker

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"time"

	"github.com/go-siamese/lab/kernels/widget"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/session/worker/panel"
	"github.com/go-siamese/lab/siamese/session/worker/threshold"
	"github.com/go-siamese/lab/siamese/session/worker/widgetkit"
	"github.com/go-siamese/lab/siamese/show"
)

// runsDir is where the runs of panels are kept, in a folder for each split.
const runsDir = "runs"

// panelArgs ask for a panel.
type panelArgs struct {
	Split  string        `json:"split"`
	Config config.Config `json:"config"`
	Folder string        `json:"folder"` // of the notebook
}

// openPanel answers with a panel to show, or without one where nobody is there to use it.
func openPanel(ctx context.Context, w *Worker, c *client, body []byte) ([]byte, error) {
	var args panelArgs
	if err := decodeArgs("panel", body, &args); err != nil {
		return nil, err
	}
	r, err := w.record(args.Split)
	if err != nil {
		return nil, err
	}
	if r.Kind != kindSplit {
		return nil, &goneError{args.Split}
	}
	nobody, err := widget.Nobody(ctx)
	if err != nil || nobody {
		return []byte(`{}`), err
	}
	p, err := w.panel(args.Split)
	if err != nil {
		return nil, err
	}
	shown, err := p.Show(ctx, &panelEngine{w, args.Split, c.cell}, args.Folder, args.Config)
	if err != nil {
		return nil, err
	}
	return json.Marshal(shown)
}

// panel returns the panel of a split, one for all cells.
func (w *Worker) panel(split string) (*panel.Panel, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p := w.panels[split]; p != nil {
		return p, nil
	}
	runs, err := w.panelRuns(split)
	if err != nil {
		return nil, err
	}
	p := panel.New(w.life, runs)
	w.panels[split] = p
	return p, nil
}

// panelRuns returns the kept runs of a split, also those of other code of the lab.
func (w *Worker) panelRuns(split string) (*panel.Runs, error) {
	r, err := w.record(split)
	if err != nil {
		return nil, err
	}
	return panel.OpenRuns(filepath.Join(w.opt.Dir, runsDir, cmp.Or(r.Lasting, split)))
}

// listRuns answers with the kept runs of a split.
func listRuns(w *Worker, body []byte) ([]byte, error) {
	var args struct {
		Split string `json:"split"`
	}
	if err := decodeArgs("runs", body, &args); err != nil {
		return nil, err
	}
	runs, err := w.panelRuns(args.Split)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	p := w.panels[args.Split]
	w.mu.Unlock()
	out := []session.Run{}
	for _, r := range runs.List() {
		if p != nil { // it knows which of them run
			r = p.Now(r)
		}
		out = append(out, r.Run)
	}
	return json.Marshal(out)
}

// panelEngine computes for the panel of a split, in the name of a cell.
type panelEngine struct {
	w           *Worker
	split, cell string
}

// Begin implements [panel.Engine].
func (e *panelEngine) Begin() (end func(), ok bool) { return e.w.begin() }

// Train implements [panel.Engine].
func (e *panelEngine) Train(ctx context.Context, cfg config.Config, begun func(pause func(on bool)),
	each func(history.Progress)) (*session.Model, error) {
	r := &running{}
	begun(r.pause)
	v, err := e.w.value(ctx, "train", &trainArgs{e.split, cfg}, e.cell, r, func(body any) {
		if p, ok := body.(session.Progress); ok && each != nil {
			each(p.Progress)
		}
	})
	if v == nil {
		return nil, err
	}
	m, readErr := handleOf(v.Value)
	return m, errors.Join(err, readErr)
}

// handleOf returns a model as clients have it.
func handleOf(v *session.Value) (*session.Model, error) {
	m := &session.Model{}
	err := json.Unmarshal(v.Facts, m)
	m.Value = *v
	return m, err
}

// record returns the record of a value, [panel.ErrGone] where it is not kept any more.
func (e *panelEngine) record(key string) (*store.Record, error) {
	r, err := e.w.record(key)
	if gone := (*goneError)(nil); errors.As(err, &gone) {
		return nil, panel.ErrGone
	}
	return r, err
}

// Model implements [panel.Engine].
func (e *panelEngine) Model(key string) (*session.Model, error) {
	r, err := e.record(key)
	if err != nil {
		return nil, err
	}
	return handleOf(valueOf(r, true, nil))
}

// Report implements [panel.Engine].
func (e *panelEngine) Report(ctx context.Context, key string) (*report.Report, error) {
	if _, err := e.record(key); err != nil {
		return nil, err
	}
	t := e.task(key)
	defer t.release()
	whole, err := input[*reportObject](ctx, t, key)
	if err != nil {
		return nil, err
	}
	return whole.One(), nil
}

// Evaluate implements [panel.Engine].
func (e *panelEngine) Evaluate(ctx context.Context, model string) (*session.Report, *report.Report, error) {
	args := &evaluateArgs{Model: model, Split: e.split, Options: session.EvaluateOptions{Details: true}}
	v, err := e.w.value(ctx, "evaluate", args, e.cell, nil, nil)
	if err != nil {
		return nil, nil, err
	}
	rep := &session.Report{}
	if err := json.Unmarshal(v.Facts, rep); err != nil {
		return nil, nil, err
	}
	rep.Value = *v.Value
	whole, err := e.Report(ctx, v.Key)
	return rep, whole, err
}

// task returns a task that is given values.
func (e *panelEngine) task(key string) *task {
	return &task{w: e.w, flight: &flight{}, key: key, cell: e.cell, begun: time.Now()}
}

// Compare implements [panel.Engine]. Intervals of differences need the models on the items again.
func (e *panelEngine) Compare(ctx context.Context, models, names []string) (out *report.Compared, err error) {
	err = guarded(func() error {
		t := e.task("")
		defer t.release()
		val, err := t.side(ctx, e.split, session.Val)
		if err != nil {
			return err
		}
		test, err := t.side(ctx, e.split, session.Test)
		if err != nil {
			return err
		}
		backend, err := e.w.openBackend()
		if err != nil {
			return err
		}
		var all []evaluate.Model
		for i, key := range models {
			m, err := input[*modelObject](ctx, t, key)
			if err != nil {
				return err
			}
			all = append(all, evaluate.Model{Name: names[i], Model: m.Model})
		}
		args := &evaluateArgs{Model: models[0], Split: e.split}
		out, err = evaluate.Items(ctx, backend, all, "new items", val.Frame, test.Frame, evaluate.Options{Data: e.w.data(args)})
		return err
	})
	return out, err
}

// Outputs implements [panel.Engine].
func (e *panelEngine) Outputs(ctx context.Context, key string) (out show.Outputs, err error) {
	r, err := e.w.record(key)
	if err != nil {
		return nil, err
	}
	err = guarded(func() error {
		t := e.task(key)
		defer t.release()
		out, err = t.outputs(ctx, r)
		return err
	})
	return out, err
}

// Pairs implements [panel.Engine].
func (e *panelEngine) Pairs(ctx context.Context, model, side string) (p *threshold.Pairs, what string,
	pictures *widgetkit.Pictures, err error) {
	err = guarded(func() error {
		t := e.task(model)
		defer t.release()
		if p, err = t.scored(ctx, model, e.split, side); err != nil {
			return err
		}
		s, err := e.w.record(e.split)
		if err != nil {
			return err
		}
		of, err := t.pictureOf(s.Inputs[0])
		what, pictures = sideName(side, p), widgetkit.NewPictures(of, widgetkit.Side)
		return err
	})
	return p, what, pictures, err
}

// Save implements [panel.Engine].
func (e *panelEngine) Save(run *panel.Run, path string) error {
	key := run.Model
	if run.Threshold != nil {
		args := &thresholdArgs{Model: key, Threshold: *run.Threshold, On: run.ThresholdOn}
		v, err := e.w.value(context.Background(), "threshold", args, e.cell, nil, nil)
		if err != nil {
			return err
		}
		key = v.Key
	}
	body, err := json.Marshal(map[string]string{"key": key, "file": modelFile, "path": path})
	if err != nil {
		return err
	}
	_, err = saveFile(context.Background(), e.w, nil, body)
	return err
}
