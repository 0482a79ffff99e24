package show

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/go-siamese/lab/siamese/internal/tables"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/search"
	"github.com/go-siamese/lab/siamese/study/space"
)

// Limits of the plots of a search: beyond them names and lines cannot be told apart.
const (
	mostAxes   = 7
	mostSlices = 6
	mostRuns   = 30 // rows of the table in a notebook
)

// Search displays what a search came to, as [SearchOutputs] returns it.
//
//	found := show.Must(study.RunSearch(ctx, backend, items, siamese.Recommended(), opt))
//	show.OK(show.Search(found.Result))
func Search(r *found.Result) error { return displayed(SearchOutputs(r)) }

// SearchOutputs returns the summary of a search, the table of its best runs, and plots: scores by trial with the best
// so far, how much each setting matters (by PED-ANOVA), the settings of all trials as parallel coordinates, and scores by
// each of the settings that matter most. It returns an error when no trial has a score.
func SearchOutputs(r *found.Result) (Outputs, error) {
	drawings, err := searchPlots(r)
	if err != nil {
		return nil, err
	}
	var out Outputs
	for _, text := range r.Verdicts() {
		out.verdict(text)
	}
	header, rows := r.Table()
	caption := fmt.Sprintf("%d trials of %s, by %s", len(rows), r.Sampler, r.Monitor)
	if len(rows) > mostRuns {
		caption += fmt.Sprintf("; the best %d", mostRuns)
	}
	out.table(caption, header, rows[:min(len(rows), mostRuns)])
	for _, d := range drawings {
		if err := out.draw(d); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SaveSearch is [SavePage] for a search, with all of its runs. Pictures are not asked for.
func SaveSearch(path string, opt PageOptions, r *found.Result) error {
	return save(path, func() (string, error) {
		drawings, err := searchPlots(r)
		if err != nil {
			return "", fmt.Errorf("page: %w", err)
		}
		header, rows := r.Table()
		t := table{Left: 2, Caption: "Trials, the best first", Header: header}
		for _, row := range rows {
			t.Rows = append(t.Rows, words(row...))
		}
		config := r.Base
		if winner, ok := r.Winner(); ok {
			config = winner.Config
		}
		text, err := configText(config)
		if err != nil {
			return "", err
		}
		view := pageView{Title: opt.Title, Config: text, Comparison: &comparisonView{
			Verdicts: r.Verdicts(), Table: t,
			Sections: []section{{Title: "What was found", Note: "Trials by their score, which is better the higher it is.",
				Drawings: drawings}}}}
		return view.html("Search by " + r.Sampler)
	})
}

// searchPlots returns the plots of a search.
func searchPlots(r *found.Result) ([]*drawing, error) {
	if r == nil {
		return nil, errors.New("there is no search to show")
	}
	scored := slices.DeleteFunc(slices.Clone(r.Runs), func(run found.Run) bool {
		return run.State != found.Complete && run.State != found.Pruned || math.IsNaN(run.Score) ||
			math.IsInf(run.Score, 0)
	})
	if len(scored) == 0 {
		return nil, errors.New("no trial has a score: there is nothing to show")
	}
	importances := search.Importances(r.Space, r.Trials())
	first, err := searchHistory(r, scored, importances)
	if err != nil {
		return nil, err
	}
	var params []space.Param // what matters most first
	for _, i := range importances {
		p, _ := r.Space.Param(i.Name)
		params = append(params, p)
	}
	if len(params) == 0 { // trials differ in their seeds alone
		return []*drawing{first}, nil
	}
	second, err := parallelCoordinates(scored, params[:min(len(params), mostAxes)])
	if err != nil {
		return nil, err
	}
	out := []*drawing{first, second}
	params = params[:min(len(params), mostSlices)]
	for k := 0; k < len(params); k += 2 {
		var panels []*panel
		for _, p := range params[k:min(k+2, len(params))] {
			one, err := slicePanel(scored, p)
			if err != nil {
				return nil, err
			}
			panels = append(panels, one)
		}
		out = append(out, sideBySide("Scores by "+panels[0].X.Label.Text+restOf(panels), nil, panels...))
	}
	return out, nil
}

// restOf names the second of two panels.
func restOf(panels []*panel) string {
	if len(panels) < 2 {
		return ""
	}
	return " and by " + panels[1].X.Label.Text
}

// searchHistory returns scores by trial beside the importance of settings, if there are any.
func searchHistory(r *found.Result, scored []found.Run, importances []search.Importance) (*drawing, error) {
	left := newPanel("Score by trial", "trial", r.Monitor)
	left.X.Tick.Marker = ticks{whole: true}
	var best plotter.XYs
	for _, run := range scored {
		if run.State == found.Complete && (best == nil || run.Score > best[len(best)-1].Y) {
			best = append(best, plotter.XY{X: float64(run.Number), Y: run.Score})
		}
	}
	if err := left.dots(scored, func(run found.Run) (float64, bool) { return float64(run.Number), true }); err != nil {
		return nil, err
	}
	if len(best) > 0 {
		best = append(best, plotter.XY{X: float64(len(r.Runs) - 1), Y: best[len(best)-1].Y})
		line, err := plotter.NewLine(best)
		if err != nil {
			return nil, err
		}
		line.StepStyle, line.Color, line.Width = plotter.PostStep, orange, vg.Points(1.5)
		left.Add(line)
		left.key("best so far", line)
	}
	if len(importances) == 0 {
		return sideBySide("Scores by trial", nil, left), nil
	}
	right := newPanel("What matters", "share of importance (PED-ANOVA)", "")
	var names []string
	var shares plotter.Values
	for k := len(importances) - 1; k >= 0; k-- { // bars grow from below
		names, shares = append(names, importances[k].Name), append(shares, importances[k].Share)
	}
	bars, err := plotter.NewBarChart(shares, vg.Points(max(4, 120/float64(len(shares)+1))))
	if err != nil {
		return nil, err
	}
	bars.Horizontal, bars.Color, bars.LineStyle.Width = true, blue, 0
	right.Add(bars)
	right.nominal(&right.Y, names)
	right.X.Min = 0
	d := sideBySide("Scores by trial, and how much each setting matters", nil, left, right)
	rows := make([][]string, len(importances))
	for k, i := range importances {
		rows[k] = []string{i.Name, fmt.Sprintf("%.3f", i.Share)}
	}
	d.text = tables.Text("How much each setting matters", []string{"setting", "share"}, rows)
	return d, nil
}

// dots adds the runs at a place each, those that were pruned as rings; where has none for a run without the setting.
func (p *panel) dots(runs []found.Run, where func(found.Run) (float64, bool)) error {
	for _, state := range []found.State{found.Pruned, found.Complete} {
		var points plotter.XYs
		for _, run := range runs {
			if x, ok := where(run); ok && run.State == state {
				points = append(points, plotter.XY{X: x, Y: run.Score})
			}
		}
		if len(points) == 0 {
			continue
		}
		dots, err := plotter.NewScatter(points)
		if err != nil {
			return err
		}
		dots.Color, dots.Radius, dots.Shape = blue, vg.Points(2.5), draw.CircleGlyph{}
		if state == found.Pruned {
			dots.Color, dots.Shape = grey, draw.RingGlyph{}
		}
		p.Add(dots)
		p.key(string(state), dots)
	}
	// Room above and below, also where all scores are equal.
	pad := max(.05*(p.Y.Max-p.Y.Min), 1e-3)
	p.Y.Min, p.Y.Max = p.Y.Min-pad, p.Y.Max+pad
	return nil
}

// slicePanel returns scores by the values of a setting.
func slicePanel(runs []found.Run, s space.Param) (*panel, error) {
	p := newPanel(s.Name, s.Name, "score")
	where := func(run found.Run) (float64, bool) { v, ok := run.Point[s.Name]; return v, ok }
	if !slices.ContainsFunc(runs, func(run found.Run) bool { _, ok := where(run); return ok }) {
		p.Y.Min, p.Y.Max = 0, 1
	}
	if err := p.dots(runs, where); err != nil {
		return nil, err
	}
	switch {
	case s.Kind == space.KindChoice:
		p.nominal(&p.X, s.Choices)
	case s.Log:
		p.X.Min, p.X.Max = s.Low, s.High
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, logTicks{}
	default:
		p.X.Min, p.X.Max = s.Low, s.High
	}
	return p, nil
}

// parallelCoordinates returns a line for every run across one axis a setting and one of the score; the best tenth and
// the winner are in colour and on top.
func parallelCoordinates(runs []found.Run, params []space.Param) (*drawing, error) {
	p := newPanel("Settings and scores of all trials", "", "")
	runs = slices.Clone(runs)
	slices.SortStableFunc(runs, func(a, b found.Run) int { return int(math.Copysign(1, a.Score-b.Score)) })
	low, high := runs[0].Score, runs[len(runs)-1].Score
	names := make([]string, 0, len(params)+1)
	for k, run := range runs {
		var points plotter.XYs
		for i, s := range params {
			if v, ok := run.Point[s.Name]; ok {
				points = append(points, plotter.XY{X: float64(i), Y: s.Unit(v)})
			}
		}
		at := .5
		if high > low {
			at = (run.Score - low) / (high - low)
		}
		line, err := plotter.NewLine(append(points, plotter.XY{X: float64(len(params)), Y: at}))
		if err != nil {
			return nil, err
		}
		line.Color, line.Width = color.Gray{0xc8}, vg.Points(.7)
		switch {
		case k == len(runs)-1:
			line.Color, line.Width = orange, vg.Points(2)
			p.key("best", line)
		case k >= len(runs)-1-len(runs)/10:
			line.Color, line.Width = blue, vg.Points(1.2)
			if k == len(runs)-2 {
				p.key("best tenth", line)
			}
		}
		p.Add(line)
	}
	for _, s := range params {
		ends := []string{s.Text(s.Low), s.Text(s.High)}
		if s.Kind == space.KindChoice {
			ends = []string{s.Choices[0], s.Choices[len(s.Choices)-1]}
		}
		names = append(names, s.Name+"\n"+strings.Join(ends, " … "))
	}
	p.nominal(&p.X, append(names, fmt.Sprintf("score\n%.3f … %.3f", low, high)))
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -.3, float64(len(params))+.3, -.05, 1.05
	p.Y.Tick.Marker = plot.ConstantTicks(nil)
	d := sideBySide("Settings and scores of all trials, as parallel coordinates", nil, p)
	d.width *= 2 // it has many axes
	return d, nil
}
