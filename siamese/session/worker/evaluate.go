package worker

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
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
	m, err := input[*modelObject](ctx, t, a.Model)
	if err != nil {
		return nil, err
	}
	return t.evaluate(ctx, evaluate.One(m.Model), a.Split, a.Options)
}

// compareArgs compare models on the same items.
type compareArgs struct {
	Split  string `json:"split"`
	Models []struct {
		Name  string `json:"name"`
		Model string `json:"model"`
	} `json:"models"`
	Options session.EvaluateOptions `json:"options"`
}

func (a *compareArgs) inputs() []string {
	keys := []string{a.Split}
	for _, m := range a.Models {
		keys = append(keys, m.Model)
	}
	return keys
}

func (a *compareArgs) files() []string { return nil }

func (a *compareArgs) run(ctx context.Context, t *task) (*made, error) {
	if len(a.Models) < 2 {
		return nil, option.Errorf("Models", "%d to compare: two or more are needed", len(a.Models))
	}
	var models []evaluate.Model
	for i, one := range a.Models {
		switch {
		case one.Name == "":
			return nil, option.Errorf("Models", "number %d has no name", i+1)
		case slices.ContainsFunc(models, func(m evaluate.Model) bool { return m.Name == one.Name }):
			return nil, option.Errorf("Models", "%s is there twice", quote.Text(one.Name))
		}
		m, err := input[*modelObject](ctx, t, one.Model)
		if err != nil {
			return nil, err
		}
		models = append(models, evaluate.Model{Name: one.Name, Model: m.Model})
	}
	return t.evaluate(ctx, models, a.Split, a.Options)
}

// evaluate evaluates models on the test items of a split.
func (t *task) evaluate(ctx context.Context, models []evaluate.Model, key string,
	o session.EvaluateOptions) (*made, error) {
	s, err := input[*splitObject](ctx, t, key)
	if err != nil {
		return nil, err
	}
	val, err := t.side(ctx, key, session.Val)
	if err != nil {
		return nil, err
	}
	test, err := t.side(ctx, key, session.Test)
	if err != nil {
		return nil, err
	}
	backend, err := t.w.openBackend()
	if err != nil {
		return nil, err
	}
	opt, err := t.evaluation(o, models...)
	if err != nil {
		return nil, err
	}
	if o.Baselines {
		train, err := t.side(ctx, key, session.Train)
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
	c, err := evaluate.Items(ctx, backend, models, name, val.Frame, test.Frame, opt)
	if err != nil {
		return nil, err
	}
	return reportMade(name, c), nil
}

// evaluation returns the options of package evaluate for the call.
func (t *task) evaluation(o session.EvaluateOptions, models ...evaluate.Model) (evaluate.Options, error) {
	use, err := galleryOf(o.Gallery)
	if err != nil {
		return evaluate.Options{}, err
	}
	for _, m := range models {
		t.seed(m.Model.Config.Seed)
		t.volatile(m.Model.Cut)
	}
	if o.Estimate != 0 {
		t.seed(0) // of the queries
	}
	return evaluate.Options{Data: t.data(), NoIntervals: o.NoIntervals, Confidence: o.Confidence,
		Bootstrap: o.Bootstrap, Estimate: o.Estimate, Details: o.Details, Gallery: use, CostFP: o.CostFP,
		CostFN: o.CostFN, Prior: o.Prior, Guarantee: o.Guarantee, Transductive: o.Transductive,
		Progress: func(p history.Progress) {
			t.work("training of a classifier", int64(p.Epoch-1)*int64(p.Steps)+int64(p.Step),
				int64(p.Epochs)*int64(p.Steps))
		},
		Stage: func(what string) { t.work(what, 0, 0) }}, nil
}

// reportMade returns a report as a value. name says what the test is.
func reportMade(name string, c *report.Compared) *made {
	facts := reportOf(c.One())
	if len(c.Reports) > 1 {
		facts.Verdict, facts.Findings, facts.Warnings = strings.Join(c.Verdicts(), "; "), c.Verdicts(), nil
		for _, r := range c.Reports {
			facts.Compared = append(facts.Compared, reportOf(r))
			for _, w := range r.Warnings {
				facts.Warnings = append(facts.Warnings, r.Model+": "+w)
			}
		}
		for _, d := range c.Differences {
			differences := map[string]session.Measure{}
			for key, v := range d.Differences {
				differences[key] = session.Measure{Value: v.Value, Low: v.Low, High: v.High}
			}
			facts.Differences = append(facts.Differences, differences)
		}
	}
	return &made{name: fmt.Sprintf("report on %s", name), text: c.String(), facts: facts, object: &reportObject{c},
		write: func(folder string) error { return c.Save(filepath.Join(folder, reportFile)) }}
}

// reportOf returns a report on one model as clients have it.
func reportOf(r *report.Report) *session.Report {
	lead := r.Lead()
	facts := &session.Report{Model: r.Model, Verdict: r.Verdict(), Findings: r.Findings(), Warnings: r.Warnings,
		NewClasses: r.NewClasses, Lead: session.Measure{Value: lead.Value}}
	if lead.Interval {
		facts.Lead.Low, facts.Lead.High = lead.Low, lead.High
	}
	if r.Details != nil {
		for _, p := range r.Details.Of[0].Same {
			facts.Same = append(facts.Same, [2]string{p.Left, p.Right})
		}
		for _, p := range r.Details.Of[0].Different {
			facts.Different = append(facts.Different, [2]string{p.Left, p.Right})
		}
	}
	for _, row := range r.Rows() {
		facts.Methods = append(facts.Methods, methodOf(row))
	}
	return facts
}

// methodOf returns the metrics of a method as clients have them.
func methodOf(row report.Metrics) session.Method {
	m := session.Method{Name: row.Name, Trained: row.Name == report.TrainedName, Metrics: map[string]session.Measure{}}
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
