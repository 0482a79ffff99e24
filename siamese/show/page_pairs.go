package show

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/stats"
)

// SavePairs is [SavePage] for a report on given pairs: verdict, figures, curves, histograms, reliability and the hardest pairs.
func SavePairs(path string, opt PageOptions, r *siamese.PairReport) error {
	return save(path, func() (string, error) { return pairsPage(opt, r) })
}

func pairsPage(opt PageOptions, r *siamese.PairReport) (string, error) {
	if r == nil {
		return "", errors.New("page: the report is missing")
	}
	if err := r.Check(); err != nil {
		return "", fmt.Errorf("page: %w", err)
	}
	findings := r.Findings()
	v := &reportView{
		Title: r.Name, Verdict: findings[0], Findings: findings[1:], Warnings: r.Warnings, Table: pairContestants(r),
		About: fmt.Sprintf("%d pairs of %d items, %.1f %% of them same by weight", r.Pairs, r.Items, 100*r.Positive),
	}
	parts := []func() (section, error){
		func() (section, error) { return rates(pairCurves(r)) },
		func() (section, error) { return histograms(pairCurves(r), "All test pairs, by weight.") },
		func() (section, error) { return reliability(r.Probabilities) },
	}
	if d := r.Details; d != nil && len(d.Of) > 0 {
		parts = append(parts, func() (section, error) { return hardest(d.Of[0].Same, d.Of[0].Different, false, opt.Image) })
		config, err := configText(d.Config)
		if err != nil {
			return "", err
		}
		v.Config, v.Facts = config, d.Facts
	}
	for _, part := range parts {
		s, err := part()
		if err != nil {
			return "", fmt.Errorf("page: %s: %w", r.Name, err)
		}
		if !s.empty() {
			v.Sections = append(v.Sections, s)
		}
	}
	view := pageView{Title: opt.Title, Reports: []*reportView{v}}
	if view.Title == "" {
		view.Title = "Evaluation on given pairs: " + r.Name
	}
	var out strings.Builder
	err := pageHTML.Execute(&out, view)
	return out.String(), err
}

// pairContestants returns the table of what a report compares, the best of every column marked.
func pairContestants(r *siamese.PairReport) table {
	t := table{Left: 1, Header: []string{"similarity", "ROC-AUC", "EER", "average\nprecision", "accuracy", "FPR", "FNR", "threshold"}}
	rows := r.Rows()
	for _, f := range rows {
		s := f.Intervals
		if s == nil {
			s = &stats.PairFigures{}
		} else {
			t.Note = fmt.Sprintf("Below each figure: its %g %% interval, for pairs of other items. ", 100*s.ROCAUC.Level)
		}
		t.Rows = append(t.Rows, append([]cell{{Text: f.Name}}, sure(f.ROCAUC, s.ROCAUC), sure(f.EER, s.EER), sure(f.AveragePrecision, s.AveragePrecision),
			sure(f.Accuracy, s.Accuracy), sure(f.FPR, s.FPR), sure(f.FNR, s.FNR), cell{Text: number(f.Threshold)}))
	}
	markBest(t.Rows, 1, func(k int) float64 { return rows[k].ROCAUC })
	markBest(t.Rows, 2, func(k int) float64 { return -rows[k].EER })
	markBest(t.Rows, 3, func(k int) float64 { return rows[k].AveragePrecision })
	markBest(t.Rows, 4, func(k int) float64 { return rows[k].Accuracy })
	t.Note += atThreshold
	return t
}

// pairCurves returns the curves of a report.
func pairCurves(r *siamese.PairReport) []curve {
	if r.Details == nil {
		return nil
	}
	var out []curve
	for _, d := range r.Details.Of[:min(len(r.Details.Of), len(colours))] {
		for _, f := range r.Rows() {
			if f.Name == d.Name {
				out = append(out, curve{d.Name, d.Curve, d.Histogram, siamese.Figures{Threshold: f.Threshold, FPR: f.FPR, FNR: f.FNR}})
			}
		}
	}
	return out
}
