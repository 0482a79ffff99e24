package show

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/go-siamese/lab/siamese/forensic"
	"github.com/go-siamese/lab/siamese/internal/tables"
)

// evidence returns the section of an evidence; an empty one for nil.
func evidence(e *forensic.Evidence) (section, error) {
	if e == nil {
		return section{}, nil
	}
	s := section{Title: "Strength of the evidence", Note: fmt.Sprintf("An LLR of 2 says that such a similarity is 10² "+
		"times as likely of same pairs as of different ones; it does not depend on how many pairs are the same. Of %d "+
		"pairs %d same and %d different ones share no item.", e.Pairs, e.Same, e.Different)}
	for _, t := range []table{measuresTable(e), ratesTable(e), guaranteesTable(e)} {
		if len(t.Rows) > 0 {
			s.Tables = append(s.Tables, t)
		}
	}
	if e.Curves == nil {
		return s, nil
	}
	s.Note += " Histogram: kinds that are well apart are well told apart; what lies beyond the dashed lines is more " +
		"than the data bear out. Tippett plot: how many pairs have an LLR or more; same ones left of 0 and different ones " +
		"right of 0 mislead. By prior: the line of the LLRs should lie on that of the best LLRs (calibration) and far " +
		"below that without LLRs (discrimination); above the latter LLRs do harm."
	llrs, err := likelihoods(e)
	if err != nil {
		return s, err
	}
	tippett, err := tippettOf(e.Curves.Tippett)
	if err != nil {
		return s, err
	}
	d := sideBySide("LLRs of same and of different pairs: histogram and Tippett plot", nil, llrs, tippett)
	d.text = tippettText(d.name, e.Curves.Tippett)
	s.Drawings = append(s.Drawings, d)
	entropy, errors, err := priors(e.Curves.Priors)
	if err != nil {
		return s, err
	}
	d = sideBySide("Cross-entropy and normalised Bayes error of the LLRs by prior", nil, entropy, errors)
	d.text = priorsText(d.name, e.Curves.Priors)
	s.Drawings = append(s.Drawings, d)
	return s, nil
}

// likelihoods returns the histogram of LLRs, with their bounds.
func likelihoods(e *forensic.Evidence) (*panel, error) {
	p := newPanel("LLRs", "LLR (log10)", "density")
	h := e.Curves.Histogram
	width := (h.High - h.Low) / float64(len(h.Positives))
	for _, kind := range []struct {
		name   string
		colour color.RGBA
		shares []float64
	}{{"different", orange, h.Negatives}, {"same", blue, h.Positives}} {
		bars := &plotter.Histogram{Width: width, Bins: make([]plotter.HistogramBin, len(kind.shares))}
		for k, share := range kind.shares {
			bars.Bins[k] = plotter.HistogramBin{Min: h.Low + float64(k)*width, Max: h.Low + float64(k+1)*width,
				Weight: share / width}
		}
		p.bars(kind.name, kind.colour, bars)
	}
	p.X.Min, p.X.Max, p.Y.Min = h.Low, h.High, 0
	if b := e.Bounds; b != nil {
		p.X.Min, p.X.Max = min(p.X.Min, b.Low), max(p.X.Max, b.High)
		for _, at := range []float64{b.Low, b.High} {
			if err := p.mark("bound "+number(at), at); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// line adds a line with an entry in the legend.
func (p *panel) line(name string, colour color.Color, points plotter.XYs, dashes ...vg.Length) error {
	line, err := plotter.NewLine(points)
	if err != nil {
		return fmt.Errorf("plot %q: %s: %w", p.Title.Text, name, err)
	}
	line.Color, line.Width, line.Dashes = colour, vg.Points(1.5), dashes
	p.Add(line)
	p.key(name, line)
	return nil
}

// tippettOf returns the shares of pairs by LLR.
func tippettOf(points []forensic.TippettPoint) (*panel, error) {
	p := newPanel("Tippett plot", "LLR (log10)", "share with this LLR or more")
	var same, different plotter.XYs
	for _, t := range points {
		same = append(same, plotter.XY{X: t.LLR, Y: t.Same})
		different = append(different, plotter.XY{X: t.LLR, Y: t.Different})
	}
	if err := p.line("different", orange, different); err != nil {
		return nil, err
	}
	if err := p.line("same", blue, same); err != nil {
		return nil, err
	}
	p.Y.Min, p.Y.Max = 0, 1
	p.X.Min, p.X.Max = min(p.X.Min, 0), max(p.X.Max, 0)
	return p, p.mark("0: says nothing", 0)
}

// priors returns the cross-entropy and the normalised Bayes error by prior. Where deciding by LLRs is much worse
// than without, the line leaves the plot.
func priors(points []forensic.PriorPoint) (entropy, errors *panel, err error) {
	entropy = newPanel("Empirical cross-entropy", "prior log10 odds", "bits")
	errors = newPanel("Normalised Bayes error", "prior log10 odds", "share of that without LLRs")
	var own, best, neutral, wrong, least, one plotter.XYs
	top := 0.0
	for _, p := range points {
		if p.Entropy != nil {
			own = append(own, plotter.XY{X: p.LogOdds, Y: min(*p.Entropy, 2)})
		}
		top = max(top, p.Neutral)
		best = append(best, plotter.XY{X: p.LogOdds, Y: p.Best})
		neutral = append(neutral, plotter.XY{X: p.LogOdds, Y: p.Neutral})
		wrong = append(wrong, plotter.XY{X: p.LogOdds, Y: min(p.Error, 2)})
		least = append(least, plotter.XY{X: p.LogOdds, Y: p.BestError})
		one = append(one, plotter.XY{X: p.LogOdds, Y: 1})
	}
	dots := []vg.Length{vg.Points(2), vg.Points(3)}
	for _, l := range []struct {
		on     *panel
		name   string
		colour color.Color
		points plotter.XYs
		dashes []vg.Length
	}{
		{entropy, "without LLRs", grey, neutral, dots}, {entropy, "best LLRs", green, best, nil},
		{entropy, "LLRs", blue, own, nil}, {errors, "without LLRs", grey, one, dots},
		{errors, "best LLRs", green, least, nil}, {errors, "LLRs", blue, wrong, nil},
	} {
		if len(l.points) == 0 { // infinite everywhere
			continue
		}
		if err := l.on.line(l.name, l.colour, l.points, l.dashes...); err != nil {
			return nil, nil, err
		}
	}
	entropy.Y.Min, entropy.Y.Max, errors.Y.Min, errors.Y.Max = 0, 1.2*top, 0, 1.2
	return entropy, errors, nil
}

// tippettText returns a Tippett plot as a table of some rows.
func tippettText(name string, points []forensic.TippettPoint) string {
	var rows [][]string
	for k := 0; k < len(points); k += 12 {
		t := points[k]
		rows = append(rows, []string{number(t.LLR), rate(t.Same), rate(t.Different)})
	}
	return tables.Text(name, []string{"LLR", "same with it or more", "different with it or more"}, rows)
}

// priorsText returns the lines by prior as a table of some rows.
func priorsText(name string, points []forensic.PriorPoint) string {
	var rows [][]string
	for k := 0; k < len(points); k += 4 {
		p, entropy := points[k], "infinite"
		if p.Entropy != nil {
			entropy = rate(*p.Entropy)
		}
		rows = append(rows, []string{number(p.LogOdds), entropy, rate(p.Best), rate(p.Neutral), rate(p.Error),
			rate(p.BestError)})
	}
	return tables.Text(name, []string{"prior log10 odds", "cross-entropy", "best", "without LLRs", "Bayes error", "best"},
		rows)
}

// measuresTable returns the measures, a row each.
func measuresTable(e *forensic.Evidence) table {
	t := table{Left: 1, Caption: "Measures of the likelihood ratios", Header: []string{"measure", "value", "what it says"},
		Note: fmt.Sprintf("0 is best. Costs are at a prior of %g, %g for a wrong same and %g for a wrong different.",
			e.Costs.Prior, e.Costs.FP, e.Costs.FN)}
	for _, c := range forensic.Registry() {
		text := e.Text(c.Key)
		if text == "" {
			continue
		}
		value := cell{Text: text}
		if v, ok := e.Values[c.Key]; ok {
			value.Text = rate(v)
		}
		if i, ok := e.Interval(c.Key); ok {
			value.Small = between(i.Low, i.High)
		}
		t.Rows = append(t.Rows, []cell{{Text: c.Name}, value, {Text: c.Says}})
	}
	return t
}

// ratesTable returns the error rates with what the pairs support.
func ratesTable(e *forensic.Evidence) table {
	t := table{Left: 1, Caption: "What so many independent pairs support",
		Header: []string{"error rate", "measured", "independent\npairs", "supported\nfrom", "read it as"},
		Note: "Rule of 30: with 30 independent errors a rate is within 30 % of the truth, with 90 % confidence. With fewer " +
			"it is read as a bound."}
	for _, r := range e.Rates {
		read := rate(r.Value)
		if r.Bound != nil {
			read = fmt.Sprintf("at most %s (%g %%)", rate(*r.Bound), 100*r.Confidence)
		}
		if r.At != nil && r.At.Bound != nil {
			read += fmt.Sprintf(", where the %s is at most %s", r.At.Name, rate(*r.At.Bound))
		}
		t.Rows = append(t.Rows, words(r.Name, rate(r.Value), fmt.Sprint(r.Pairs), rate(forensic.Supported(r.Pairs)), read))
	}
	return t
}

// guaranteesTable returns the thresholds with a guarantee.
func guaranteesTable(e *forensic.Evidence) table {
	t := table{Left: 2, Caption: "Thresholds with a guarantee",
		Header: []string{"guaranteed", "where there are", "threshold", "independent\npairs", "needed", "rate on\ntest"},
		Note: "It holds with the stated confidence over the draw of the independent validation pairs, if other pairs are " +
			"drawn like them: items of the validation classes (same pairs in proportion to their items), or other classes, " +
			"each counting the same (by items nothing is said of classes that validation lacks); and if the model was not fitted to these items. One whose epoch was chosen on them is, " +
			"a little."}
	for _, g := range e.Guarantees {
		whom := "items like the validation's"
		if g.Unit == forensic.Classes {
			whom = "classes like the validation's"
		}
		row := words(fmt.Sprintf("%s at most %g, %g %%", g.Rate, g.Most, 100*g.Confidence), whom, "too few pairs",
			fmt.Sprint(g.Pairs), fmt.Sprint(g.Needed), "")
		if g.Threshold != nil {
			row[2].Text = number(*g.Threshold)
		}
		if g.Test != nil {
			row[5].Text = rate(*g.Test)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
