package show

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"github.com/go-siamese/lab/siamese/report"
)

// histograms returns the distributions of the scores of same and of different pairs, two panels for each curve with a
// histogram: by frequency, on a logarithmic scale because different pairs are often a hundred times as many, and each
// kind scaled to area 1. of says which pairs these are.
func histograms(curves []curve, of string) (section, error) {
	s := section{Title: "Scores of same and of different pairs",
		Note: of + " Left: by frequency, on a logarithmic scale. Right: each kind scaled to area 1."}
	for _, c := range curves {
		h := c.histogram
		if h == nil {
			continue
		}
		// The width of a bin: both kinds have the same bins, from Low to High.
		width := (h.High - h.Low) / float64(len(h.Positives))
		if !(width > 0) { // all pairs score the same
			width = .01
		}
		frequency, err := spread(c, width, "pairs", func(n, _ float64) float64 { return math.Log10(1 + n) })
		if err != nil {
			return s, err
		}
		frequency.Y.Tick.Marker = decades{}
		// Weight over the kind's pairs and the width of a bin gives area 1; a kind without pairs has no bars.
		each, err := spread(c, width, "density", func(n, all float64) float64 { return n / max(all, 1) / width })
		if err != nil {
			return s, err
		}
		s.Drawings = append(s.Drawings,
			sideBySide("Distributions of the scores of same and of different pairs: "+c.name,
				nil, frequency, each))
	}
	return s, nil
}

// spread returns a panel of both kinds with the frozen threshold; a bar has the height that height returns for its n
// pairs and all of the kind. width is that of a bin.
func spread(c curve, width float64, y string, height func(n, all float64) float64) (*panel, error) {
	p := newPanel(c.name, "cosine", y)
	h := c.histogram
	// Same pairs are drawn over different ones: there are fewer of them.
	for _, kind := range []struct {
		name   string
		colour color.RGBA
		counts []float64
	}{{"different", orange, h.Negatives}, {"same", blue, h.Positives}} {
		var all float64
		for _, n := range kind.counts {
			all += n
		}
		bars := &plotter.Histogram{Width: width, Bins: make([]plotter.HistogramBin, len(kind.counts))}
		for k, n := range kind.counts {
			bars.Bins[k] = plotter.HistogramBin{Min: h.Low + float64(k)*width, Max: h.Low + float64(k+1)*width,
				Weight: height(n, all)}
		}
		p.bars(kind.name, kind.colour, bars)
	}
	// The threshold may lie outside of all scores.
	threshold := c.metrics.Threshold
	p.X.Min, p.X.Max, p.Y.Min = min(h.Low, threshold), max(h.Low+width*float64(len(h.Positives)), threshold), 0
	return p, p.mark("threshold "+number(threshold), threshold)
}

// decades are the ticks of an axis of log10(1+n), labelled with n: 0 and powers of ten. Unlike log10(n) it has a 0.
type decades struct{}

// Ticks returns the ticks from 0 to high; bars begin at 0.
func (decades) Ticks(_, high float64) []plot.Tick {
	out := []plot.Tick{{Value: 0, Label: "0"}}
	first := 1.0
	if high > 2 {
		first = 10 // 0 and 1 would lie on one another
	}
	for n := first; math.Log10(1+n) <= high; n *= 10 {
		// From 100,000 on powers of ten take less room than zeroes.
		label := fmt.Sprintf("%.0f", n)
		if n >= 1e5 {
			label = fmt.Sprintf("1e%.0f", math.Log10(n))
		}
		out = append(out, plot.Tick{Value: math.Log10(1 + n), Label: label})
	}
	return out
}

// thresholds returns what thresholds chosen on validation items do on test items, for the trained encoder: accuracy and
// error rates on both, a row for each way of choosing.
func thresholds(d *report.Details) section {
	s := section{Title: "Thresholds of the trained encoder, chosen on validation items",
		Note: "Each was chosen on all pairs of the validation items, but for the first, and then frozen. " +
			"The difference of test and validation is its generalisation gap."}
	// Of the trained encoder only: it is the one whose thresholds are used.
	one := d.Of[0]
	t := table{Left: 1, Header: []string{"chosen by", "threshold", "validation\naccuracy", "\nFPR", "\nFNR",
		"test\naccuracy", "\nFPR", "\nFNR"}, Note: intervalNote(d) + "Accuracy is balanced."}
	for k, x := range one.Thresholds {
		row := words(x.Name, number(x.Threshold))
		// Validation and test stand in the same order, so that a reader can compare column by column.
		for _, value := range []func(report.AtThreshold) float64{
			func(a report.AtThreshold) float64 { return a.Accuracy },
			func(a report.AtThreshold) float64 { return a.FPR },
			func(a report.AtThreshold) float64 { return a.FNR },
		} {
			c := valueOf(one, func(o *report.Detail) float64 { return value(o.Thresholds[k].Validation) })
			// An interval without a width is none.
			if one.Low != nil && one.High != nil &&
				value(one.Low.Thresholds[k].Validation) == value(one.High.Thresholds[k].Validation) {
				c.Small = "" // older files have the value itself at both ends
			}
			row = append(row, c)
		}
		t.Rows = append(t.Rows, append(row, valueOf(one,
			func(o *report.Detail) float64 { return o.Thresholds[k].Test.Accuracy }),
			valueOf(one, func(o *report.Detail) float64 { return o.Thresholds[k].Test.FPR }),
			valueOf(one, func(o *report.Detail) float64 { return o.Thresholds[k].Test.FNR })))
	}
	s.Tables = []table{t}
	return s
}
