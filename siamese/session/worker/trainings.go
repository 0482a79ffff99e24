package worker

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/internal/fields"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/show"
	"github.com/go-siamese/lab/siamese/stats"
)

// trainingsArgs compare trainings on one split.
type trainingsArgs struct {
	Models []string `json:"models"`
}

func (a *trainingsArgs) inputs() []string { return a.Models }
func (a *trainingsArgs) files() []string  { return nil }

func (a *trainingsArgs) run(ctx context.Context, t *task) (*made, error) {
	if len(a.Models) < 2 {
		return nil, option.Errorf("Models", "%d to compare: two or more are needed", len(a.Models))
	}
	var models []*session.Model
	var systems []stats.System
	var labels []int32
	for _, key := range a.Models {
		facts, side, val, err := t.sideOf(ctx, key, session.Val)
		if err != nil {
			return nil, err
		}
		if len(models) > 0 && facts.Split != models[0].Split {
			return nil, option.Errorf("Models", "they were trained on several splits: compare those of one")
		}
		z, _, err := t.embeddings(ctx, key, side)
		if err != nil {
			return nil, err
		}
		_, labels = itemset.ClassNumbers(val)
		models, systems = append(models, facts), append(systems, stats.One(key, z.Values, facts.Threshold))
	}
	both, err := stats.Compare(ctx, systems[0], systems[1:], labels, stats.Options{})
	if err != nil {
		return nil, err
	}
	names, order := namesOf(models), make([]int, len(models))
	mapAtR := func(k int) stats.Estimate { return both.Metrics[k].Estimates[stats.MAPAtR] }
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(mapAtR(b).Value, mapAtR(a).Value) })
	facts := session.Report{Model: names[0], Verdict: "the best on validation items is " + names[order[0]]}
	var lines []string
	for _, k := range order {
		m := session.Method{Name: names[k], Metrics: map[string]session.Measure{}}
		for _, key := range []string{stats.MAPAtR, stats.ROCAUC} {
			of := both.Metrics[k].Estimates[key]
			m.Metrics[key] = session.Measure{Value: of.Value, Low: of.Low, High: of.High}
		}
		less := map[string]session.Measure{}
		if k > 0 {
			d := both.Comparisons[k-1].Differences[stats.MAPAtR]
			less[stats.MAPAtR] = session.Measure{Value: d.Value, Low: d.Low, High: d.High}
		}
		facts.Methods, facts.Differences = append(facts.Methods, m), append(facts.Differences, less)
		lines = append(lines, quote.Line(m.String()))
	}
	return &made{name: "trainings", text: strings.Join(lines, "\n"), facts: facts}, nil
}

// namesOf returns what each model has otherwise than others: its loss where these differ, else the settings.
func namesOf(models []*session.Model) []string {
	losses := map[string]bool{}
	for _, m := range models {
		losses[m.Config.Loss.Name] = true
	}
	varies := map[string]bool{}
	for _, m := range models {
		for _, d := range fields.Differences(models[0].Config, m.Config) {
			varies[d.Name] = true
		}
	}
	var names []string
	for k, m := range models {
		var parts []string
		for _, f := range fields.Of(m.Config) {
			if varies[f.Name] {
				parts = append(parts, fmt.Sprintf("%s %s", f.Name, f.Text()))
			}
		}
		name := strings.Join(parts, ", ")
		if len(losses) == len(models) {
			name = m.Config.Loss.Name
		}
		if name == "" || slices.Contains(names, name) {
			name = strings.TrimSpace(fmt.Sprintf("%s (%d)", name, k+1))
		}
		names = append(names, name)
	}
	return names
}

// sideBySide are trainings as package show draws trials.
type sideBySide struct{ *history.Trials }

// Outcome returns the trials.
func (s sideBySide) Outcome() *history.Trials { return s.Trials }

// trainingsOutputs returns a table of the trainings and the curves of their MAP@R by epoch.
func (t *task) trainingsOutputs(r *store.Record) (show.Outputs, error) {
	var facts session.Report
	if err := json.Unmarshal(r.Facts, &facts); err != nil {
		return nil, err
	}
	var models []*session.Model
	for _, key := range r.Inputs {
		model, err := t.w.modelFacts(key)
		if err != nil {
			return nil, err
		}
		models = append(models, model)
	}
	names := namesOf(models)
	trials := &history.Trials{Monitor: config.MonitorMAP, Header: []string{"training", "MAP@R", "difference from " +
		facts.Model, "best epoch", "epochs"}}
	for k, one := range facts.Methods {
		less := ""
		if d, ok := facts.Differences[k][stats.MAPAtR]; ok {
			less = fmt.Sprintf("%+.4f [%+.4f, %+.4f]", d.Value, d.Low, d.High)
		}
		model := models[slices.Index(names, one.Name)]
		trials.Rows = append(trials.Rows, []string{one.Name, one.Metrics[stats.MAPAtR].String(), less,
			fmt.Sprint(model.Best), fmt.Sprint(len(model.History))})
		c := history.Curve{Name: one.Name}
		for _, e := range model.History {
			c.Epochs, c.Values = append(c.Epochs, e.Number), append(c.Values, e.ValMAP)
		}
		trials.Curves = append(trials.Curves, c)
	}
	return show.TrialsOutputs(sideBySide{trials})
}
