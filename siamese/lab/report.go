package lab

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese/session"
)

// Report is what an evaluation found, of one model or of several that were compared.
type Report struct {
	Verdict    string // whether training was worth it; of several models, which is better
	Findings   []string
	Methods    []session.Method // in the order of the table
	Warnings   []string
	NewClasses bool            // the model has seen none of the test classes
	Lead       session.Measure // how far MAP@R, of pairs ROC-AUC, is above the best without training
	// Same are pairs of items, by id, of one class that are least similar, Different those of different classes that are
	// most similar, the hardest first; nil without [Details].
	Same      [][2]string
	Different [][2]string
	// Differences are how the metrics of the second model and those after it differ from the first one's, on the same
	// items, by the keys of reports such as "map_at_r".
	Differences []map[string]session.Measure

	report *session.Report
}

// newReport returns the session's report.
func newReport(r *session.Report, err error) *Report {
	check(err)
	return &Report{Verdict: r.Verdict, Findings: r.Findings, Methods: r.Methods, Warnings: r.Warnings,
		NewClasses: r.NewClasses, Lead: r.Lead, Same: r.Same, Different: r.Different, Differences: r.Differences, report: r}
}

// Named returns the model under a name, for [Split.Compare].
func (m *Model) Named(name string) *Model {
	named := *m
	named.name = name
	return &named
}

// Compare returns how models do on the test items of the split, beside all that needs no training of an encoder, with
// the differences from the first model and details. Models are told apart by [Model.Named], else by their numbers.
func (s *Split) Compare(models ...*Model) *Report { return s.CompareWith(models) }

// CompareWith is [Split.Compare] with options, such as [Prior], [CostFP], [CostFN] and [Guarantee]:
//
//	split.CompareWith([]*lab.Model{first, second}, lab.Prior(0.001), lab.CostFP(10))
func (s *Split) CompareWith(models []*Model, options ...Option[session.EvaluateOptions]) *Report {
	var names []string
	var handles []*session.Model
	for i, m := range models {
		name := m.name
		if name == "" {
			name = fmt.Sprintf("model %d", i+1)
		}
		names, handles = append(names, name), append(handles, m.model)
	}
	if len(models) < 2 {
		check(errors.New("compare two models or more; one is for Evaluate"))
	}
	use := models[0].gallery
	if slices.ContainsFunc(models, func(m *Model) bool { return m.gallery != use }) {
		check(errors.New("models are compared with one use of the gallery: give all of them the same Expand and Rerank"))
	}
	opt := evaluation(session.EvaluateOptions{Baselines: true, Details: true, Gallery: use}, options)
	return newReport(during("comparing", func(each func(session.Work)) (*session.Report, error) {
		return s.split.Compare(stopped(), names, handles, opt, each)
	}))
}

// Of returns the report on one of several models that were compared, by its name.
func (r *Report) Of(model string) *Report { return newReport(r.report.Of(model)) }

// Metric returns a metric of the trained encoder by the key of reports, such as "map_at_r" or "roc_auc".
func (r *Report) Metric(key string) session.Measure {
	last := len(r.Methods) - 1 // where none is, as with trainings side by side, it is the last
	if k := slices.IndexFunc(r.Methods, func(m session.Method) bool { return m.Trained }); k >= 0 {
		last = k
	}
	value, ok := r.Methods[last].Metrics[key]
	if !ok {
		check(fmt.Errorf("the report has no metric %q", key))
	}
	return value
}

// Hardest shows the n pairs of each kind that the model gets most wrong, as pictures where the items are pictures. It
// needs [Details].
func (r *Report) Hardest(n int) { r.part("hardest", n) }

// Reliability shows whether the model's probabilities hold on the test: of pairs with .7, whether 70 % are the same. It
// shows how strong the evidence of similarities is, too: likelihood ratios, and thresholds with a guarantee.
func (r *Report) Reliability() { r.part("reliability", 0) }

// Thresholds shows what thresholds that were chosen on validation items do on the test. It needs [Details].
func (r *Report) Thresholds() { r.part("thresholds", 0) }

// part shows a part of the report in the cell, or prints it where there is none.
func (r *Report) part(name string, count int) {
	pictures, err := r.report.ShowPart(stopped(), name, count)
	check(err)
	for _, p := range pictures {
		check(p.Display())
	}
}

// SavePage writes the report as one HTML file to pass on, which needs neither a network nor a notebook.
func (r *Report) SavePage(path, title string) { check(r.report.SavePage(stopped(), path, title)) }

// Save writes the report to a JSON file, which `siamese report` reads.
func (r *Report) Save(path string) { check(r.report.Save(stopped(), path)) }

// Session returns the session's own handle.
func (r *Report) Session() *session.Report { return r.report }

// String returns the report's table and verdict.
func (r *Report) String() string { return r.report.String() }

// Display shows the report in the cell.
func (r *Report) Display() { display(r.report) }

// Blocks explains the model by blocks of features, on the test items that it was trained with: how well it does without
// each and with it alone, and what each adds to the cosines of same and of different pairs.
func (m *Model) Blocks() *session.Value {
	if m.split == nil {
		check(errors.New("the model was not trained on a split here, so that its test items are not known"))
	}
	return result(during("explaining", func(each func(session.Work)) (*session.Value, error) {
		return m.model.Blocks(stopped(), m.split.split, each)
	}))
}
