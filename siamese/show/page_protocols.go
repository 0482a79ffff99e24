package show

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/protocol"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// SaveProtocols is [SavePage] for the report of protocols: for each the verdicts, the metrics with their intervals and
// the folds. Pictures are not asked for. It returns an error when there is no protocol, or the report is invalid.
//
//	protocols := show.Must(study.RunProtocols(ctx, backend, frame, cfg, study.ProtocolOptions{}))
//	show.OK(show.SaveProtocols("protocols.html", show.PageOptions{}, protocols))
func SaveProtocols(path string, opt PageOptions, r *protocol.Report) error {
	return save(path, func() (string, error) { return protocolsPage(opt, r) })
}

// protocolView is the part of a page on one protocol.
type protocolView struct {
	Title, About string
	Verdicts     []string // whether training helps, for each metric; and the threshold's generalisation gap
	Tables       []table  // of metrics, then of folds
	Warnings     []string
}

// protocolsPage returns what [SaveProtocols] writes.
func protocolsPage(opt PageOptions, r *protocol.Report) (string, error) {
	if r == nil || len(r.Protocols) == 0 {
		return "", errors.New("page: there is no protocol")
	}
	if err := r.Check(); err != nil {
		return "", fmt.Errorf("page: %w", err)
	}
	config, err := configText(r.Config)
	if err != nil {
		return "", err
	}
	// All protocols were trained with one configuration: it stands once, at the end.
	view := pageView{Title: opt.Title, Config: config}
	if view.Title == "" {
		view.Title = "Protocols"
	}
	// Folds that are not finished are left out of the means: About says how many are.
	for _, p := range r.Protocols {
		v := protocolView{Title: p.Title(), Warnings: p.Warnings, Tables: []table{protocolMetrics(p), protocolFolds(p)}}
		v.About = fmt.Sprintf("%d of %d folds finished, seeds %v", p.Complete, p.Planned, r.Seeds)
		for _, g := range p.Gains {
			v.Verdicts = append(v.Verdicts, g.String())
		}
		if p.GeneralisationGap != nil {
			v.Verdicts = append(v.Verdicts, p.GeneralisationGapText())
		}
		// Without a finished fold there are neither gains nor means.
		if p.Complete == 0 {
			v.Verdicts = []string{"nothing can be said"}
		}
		view.Protocols = append(view.Protocols, v)
	}
	view.Origins = r.Origins()
	var out strings.Builder
	err = pageHTML.Execute(&out, view)
	return out.String(), err
}

// protocolMetrics returns the table of means over folds, the best of every column marked: the lowest EER, the highest
// of all others. Without finished folds it has no rows.
func protocolMetrics(p *protocol.Protocol) table {
	t := table{Left: 1, Caption: "Means over folds", Header: append([]string{"similarity"}, protocol.Metrics()...)}
	for _, c := range p.Methods {
		row := words(c.Name)
		for _, f := range c.Metrics {
			one := cell{Text: rate(f.Value)}
			// Two intervals in one cell, folds first: there may be one of them only, if there is one fold or one seed.
			var ends []string
			for _, s := range []*stats.Spread{f.Folds, f.Seeds} {
				if s != nil {
					ends = append(ends, between(s.Mean.Low, s.Mean.High))
				}
			}
			// An interval for seeds alone is named, so that it is not taken for one for folds.
			if one.Small = strings.Join(ends, ", "); f.Folds == nil && f.Seeds != nil {
				one.Small = "seeds " + one.Small
			}
			row = append(row, one)
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		return t
	}
	// Of all metrics here only EER is better when lower.
	for k, name := range protocol.Metrics() {
		sign := 1.0
		if name == "EER" {
			sign = -1
		}
		markBest(t.Rows, 1+k, func(row int) float64 { return sign * p.Methods[row].Metrics[k].Value })
	}
	t.Note = "Below each value: its interval for other folds (of items, classes or domains) and, for the trained " +
		"encoder, that for other seeds on these folds. Accuracy is balanced. Bold: the best of a column, " +
		"whether the difference is clear or not."
	return t
}

// protocolFolds returns the table of folds, a row for every seed, with MAP@R beside that of the best without training.
func protocolFolds(p *protocol.Protocol) table {
	t := table{Left: 2, Caption: "Folds", Header: []string{"fold", "held out", "train", "validation", "test", "seed",
		"MAP@R\ntrained", "\nbest without training"}}
	for _, f := range p.Folds {
		for k, r := range f.Reports {
			row := words(fmt.Sprint(f.Number), strings.Join(f.HeldOut, ", "), fmt.Sprint(f.Train), fmt.Sprint(f.Val),
				fmt.Sprint(f.Test), fmt.Sprint(f.Seeds[k]))
			// Reports of folds have intervals where they were asked for.
			mapAtR := func(f report.Metrics) cell {
				if f.Intervals == nil {
					return cell{Text: rate(f.Values[stats.MAPAtR])}
				}
				return withInterval(f.Values[stats.MAPAtR], interval(f, stats.MAPAtR))
			}
			t.Rows = append(t.Rows, append(row, mapAtR(r.Trained), mapAtR(r.Untrained())))
		}
	}
	t.Note = "Below each value: its interval for other items of the classes of that fold."
	return t
}
