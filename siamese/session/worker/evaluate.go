package worker

import (
	"context"
	"fmt"
	"math"
	"path/filepath"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
)

// reportObject is a report in memory.
type reportObject struct{ *report.Compared }

func (r *reportObject) bytes() int64 { return 1 << 20 }
func (r *reportObject) close()       {}

// reportFile is the name of a report's file.
const reportFile = "report.json"

// loadReport reads a kept report.
func loadReport(_ context.Context, t *task, r *store.Record) (object, error) {
	c, err := report.Load(t.w.store.Path(r.Key, reportFile))
	if err != nil {
		return nil, err
	}
	return &reportObject{c}, nil
}

// evaluateArgs evaluate a model.
type evaluateArgs struct {
	Model   string                  `json:"model"`
	Split   string                  `json:"split"`
	Options session.EvaluateOptions `json:"options"`
}

func (a *evaluateArgs) inputs() []string { return []string{a.Model, a.Split} }
func (a *evaluateArgs) files() []string  { return nil }

func (a *evaluateArgs) run(ctx context.Context, t *task) (*made, error) {
	m, s, err := inputs[*modelObject, *splitObject](ctx, t, a.Model, a.Split)
	if err != nil {
		return nil, err
	}
	val, err := t.side(ctx, a.Split, session.Val)
	if err != nil {
		return nil, err
	}
	test, err := t.side(ctx, a.Split, session.Test)
	if err != nil {
		return nil, err
	}
	backend, err := t.w.openBackend()
	if err != nil {
		return nil, err
	}
	opt := t.evaluation(a.Options, m.Model)
	if a.Options.Baselines {
		train, err := t.side(ctx, a.Split, session.Train)
		if err != nil {
			return nil, err
		}
		opt.Train = train.Frame
	}
	name := "new items"
	switch {
	case len(s.HeldOut) > 0:
		name = "unseen classes"
	case len(s.HeldOutDomains) > 0:
		name = "unseen domains"
	}
	c, err := evaluate.Items(ctx, backend, evaluate.One(m.Model), name, val.Frame, test.Frame, opt)
	if err != nil {
		return nil, err
	}
	return reportMade(name, c), nil
}

// evaluation returns the options of package evaluate for the call.
func (t *task) evaluation(o session.EvaluateOptions, m *siamese.Model) evaluate.Options {
	t.seed(m.Config.Seed)
	if o.Estimate != 0 {
		t.seed(0) // of the queries
	}
	t.volatile(m.Cut)
	return evaluate.Options{Data: t.data(), NoIntervals: o.NoIntervals, Confidence: o.Confidence,
		Bootstrap: o.Bootstrap, Estimate: o.Estimate, Details: o.Details, Progress: func(p history.Progress) {
			t.work("training of a classifier", int64(p.Epoch-1)*int64(p.Steps)+int64(p.Step),
				int64(p.Epochs)*int64(p.Steps))
		}}
}

// reportMade returns a report as a value. name says what the test is.
func reportMade(name string, c *report.Compared) *made {
	r := c.One()
	facts := session.Report{Verdict: r.Verdict(), Findings: r.Findings(), Warnings: r.Warnings}
	for _, row := range r.Rows() {
		facts.Methods = append(facts.Methods, methodOf(row))
	}
	return &made{name: fmt.Sprintf("report on %s", name), text: c.String(), facts: facts, object: &reportObject{c},
		write: func(folder string) error { return c.Save(filepath.Join(folder, reportFile)) }}
}

// methodOf returns the metrics of a method as clients have them.
func methodOf(row report.Metrics) session.Method {
	m := session.Method{Name: row.Name, Metrics: map[string]session.Measure{}}
	for key, v := range row.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		measure := session.Measure{Value: v}
		if row.Intervals != nil {
			if e, ok := row.Intervals.Estimates[key]; ok {
				measure.Low, measure.High = e.Low, e.High
			}
		}
		m.Metrics[key] = measure
	}
	return m
}
