package show

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/tables"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// colours are those of curves in one plot, the trained encoder's first. Their number is how many curves a plot may
// have.
var colours = []color.RGBA{blue, orange, green, {0xcc, 0x79, 0xa7, 0xff}, {0xe6, 0x9f, 0x00, 0xff},
	{0x56, 0xb4, 0xe9, 0xff}, {0x00, 0x00, 0x00, 0xff}}

// curve is the error rates of one kind of similarity at every threshold.
type curve struct {
	name      string
	points    []metric.CurvePoint
	histogram *metric.Histogram // of its scores; nil where it is not shown
	metrics   report.Metrics    // whose frozen threshold is marked
}

// curvesOf returns the curves of a report, none without details. Details and rows of metrics belong together by name.
func curvesOf(r *report.Report) []curve {
	if r.Details == nil {
		return nil
	}
	var out []curve
	// A method of the details without a row of its own has no threshold to mark, and no curve.
	for _, d := range r.Details.Of {
		for _, f := range r.Rows() {
			if f.Name == d.Name {
				out = append(out, curve{d.Name, d.Curve, d.Histogram, f})
			}
		}
	}
	return out
}

// rates returns the ROC and the DET plot of curves, at most as many as there are colours; an empty section if none has
// points. A DET plot shows errors on a probit scale, where scores that are normally distributed give straight lines and
// small errors can be told apart (Martin et al. 1997, "The DET Curve in Assessment of Detection Task Performance").
func rates(curves []curve) (section, error) {
	s := section{Title: "ROC and DET",
		Note: "Dots: the threshold frozen on validation items. " +
			"DET: both axes on a normal (probit) scale, lower left is better."}
	roc, det := newPanel("ROC", "FPR: share of different pairs called same", "1 - FNR"), newPanel("DET", "FPR", "FNR")
	// The diagonal is what scores without information give. In a DET plot its place is the upper right, out of
	// interest.
	chance, err := plotter.NewLine(plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}})
	if err != nil {
		return s, err
	}
	chance.Color, chance.Dashes = grey, []vg.Length{vg.Points(2), vg.Points(3)}
	roc.Add(chance)
	var names []key
	for k, c := range curves {
		if len(c.points) == 0 {
			continue
		}
		icon := &plotter.Line{LineStyle: draw.LineStyle{Color: colours[k], Width: vg.Points(3)}}
		names = append(names, key{quote.Lines(c.name), []plot.Thumbnailer{icon}})
		var onROC, onDET plotter.XYs
		for _, p := range c.points {
			onROC = append(onROC, plotter.XY{X: p.FPR, Y: 1 - p.FNR})
			if inDET(p.FPR) && inDET(p.FNR) { // the probit of 0 and 1 is infinite
				onDET = append(onDET, plotter.XY{X: probit(p.FPR), Y: probit(p.FNR)})
			}
		}
		// The dot need not lie on the line: curves are thinned, the threshold's rates are exact.
		f := c.metrics
		if err := roc.curve(colours[k], onROC, plotter.XY{X: f.Now().FPR, Y: 1 - f.Now().FNR}, true); err != nil {
			return s, fmt.Errorf("ROC of %s: %w", c.name, err)
		}
		// Classes that are separated without errors have no points between the limits: they have no DET curve.
		if len(onDET) > 1 {
			if err := det.curve(colours[k], onDET, plotter.XY{X: probit(f.Now().FPR), Y: probit(f.Now().FNR)},
				inDET(f.Now().FPR) && inDET(f.Now().FNR)); err != nil {
				return s, fmt.Errorf("DET of %s: %w", c.name, err)
			}
		}
	}
	if len(names) == 0 {
		return section{}, nil
	}
	// Fixed limits, so that plots of two pages can be compared.
	roc.X.Min, roc.X.Max, roc.Y.Min, roc.Y.Max = 0, 1, 0, 1
	det.X.Min, det.X.Max = probit(detLow), probit(detHigh)
	det.Y.Min, det.Y.Max = det.X.Min, det.X.Max
	det.X.Tick.Marker, det.Y.Tick.Marker = probits{}, probits{}
	d := sideBySide("ROC and DET curves of "+joined(names), names, roc, det)
	d.text = ratesText(curves)
	s.Drawings = append(s.Drawings, d)
	return s, nil
}

// joined returns the names of keys as a list.
func joined(keys []key) string {
	names := make([]string, len(keys))
	for k := range keys {
		names[k] = keys[k].name
	}
	return strings.Join(names, ", ")
}

// ratesText returns what the frozen thresholds of curves do, as a table.
func ratesText(curves []curve) string {
	var rows [][]string
	for _, c := range curves {
		if f := c.metrics; len(c.points) > 0 {
			rows = append(rows, []string{c.name, number(f.Threshold), rate(f.Now().FPR), rate(f.Now().FNR),
				rate(f.Values[stats.ROCAUC]), rate(f.Values[stats.EER])})
		}
	}
	return tables.Text("ROC and DET curves of", []string{"similarity", "threshold", "FPR", "FNR", "ROC-AUC", "EER"}, rows)
}

// curve adds a line, and a dot on it where marked. It has no entry in the panel's own legend.
func (p *panel) curve(colour color.Color, points plotter.XYs, at plotter.XY, marked bool) error {
	line, err := plotter.NewLine(points)
	if err != nil {
		return err
	}
	line.Color, line.Width = colour, vg.Points(1.5)
	p.Add(line)
	if !marked {
		return nil
	}
	dot, err := plotter.NewScatter(plotter.XYs{at})
	if err != nil {
		return err
	}
	dot.Color, dot.Shape, dot.Radius = colour, draw.CircleGlyph{}, vg.Points(3.5)
	p.Add(dot)
	return nil
}

// The lowest and the highest rate that a DET plot shows.
const (
	detLow  = 1e-4
	detHigh = .8
)

// inDET reports whether a rate lies within a DET plot.
func inDET(rate float64) bool { return rate >= detLow && rate <= detHigh }

// probit returns the quantile of the standard normal distribution, Φ⁻¹(rate); rate is in (0, 1).
func probit(rate float64) float64 { return distuv.UnitNormal.Quantile(rate) }

// probits are the ticks of a DET plot, labelled with rates.
type probits struct{}

// Ticks returns the ticks between low and high, a few rates that leave room for their labels.
func (probits) Ticks(low, high float64) []plot.Tick {
	var out []plot.Tick
	for _, rate := range []float64{.0001, .001, .01, .05, .2, .5, .8} {
		if at := probit(rate); at >= low-1e-9 && at <= high+1e-9 {
			out = append(out, plot.Tick{Value: at, Label: fmt.Sprint(rate)})
		}
	}
	return out
}

// reliability returns the reliability diagram of probabilities, the share of same pairs by predicted probability in
// bins of equal width, and how many pairs each bin has; an empty section if there are no probabilities.
func reliability(r *stats.Reliability) (section, error) {
	if r == nil || len(r.EqualWidth) == 0 {
		return section{}, nil
	}
	s := section{Title: "Probabilities of the trained encoder"}
	// Pairs that share an item are not independent. Only intervals for other items take that into account; the report
	// has these if it has one of the Brier score.
	of := "as if pairs were independent"
	if r.BrierInterval != nil {
		of = "for other items"
	}
	s.Note = fmt.Sprintf("%d pairs, weighted so that %.0f %% of them are the same, as among the pairs of the "+
		"calibration. Dots: bins of equal width; bars: %g %% intervals of shares, %s.",
		r.Pairs, 100*r.Prevalence, 100*r.EqualWidth[0].Share.Confidence, of)
	p := newPanel("Reliability", "probability that a pair is the same", "share that is")
	ideal, err := plotter.NewLine(plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}})
	if err != nil {
		return s, err
	}
	ideal.Color, ideal.Dashes = grey, []vg.Length{vg.Points(2), vg.Points(3)}
	// A point is at the mean probability of its bin, not at the middle: in a wide bin the difference would look like an
	// error of calibration.
	var points plotter.XYs
	var errs plotter.YErrors
	for _, b := range r.EqualWidth {
		points = append(points, plotter.XY{X: b.Mean, Y: b.Share.Value})
		errs = append(errs, struct{ Low, High float64 }{b.Share.Value - b.Share.Low, b.Share.High - b.Share.Value})
	}
	// NewYErrorBars wants points and errors in one value.
	bars, err := plotter.NewYErrorBars(struct {
		plotter.XYs
		plotter.YErrors
	}{points, errs})
	if err != nil {
		return s, err
	}
	// The line guides the eye from bin to bin.
	line, dots, err := plotter.NewLinePoints(points)
	if err != nil {
		return s, err
	}
	bars.Color, line.Color, dots.Color = blue, blue, blue
	dots.Shape, dots.Radius = draw.CircleGlyph{}, vg.Points(3)
	p.Add(ideal, bars, line, dots)
	p.key("right on average", ideal)
	p.key(report.TrainedName, line, dots)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
	// The second panel says how much each bin counts: a bin with few pairs may be off by chance.
	masses := newPanel("How often each is said", "probability that a pair is the same", "share of pairs")
	// Bins are of width 0.1; those without pairs are not in the list and have no bar.
	said := &plotter.Histogram{Width: .1}
	for _, b := range r.EqualWidth {
		said.Bins = append(said.Bins, plotter.HistogramBin{Min: b.Low, Max: b.High,
			Weight: b.Weight / weights(r.EqualWidth)})
	}
	masses.bars("pairs, by weight", blue, said)
	masses.X.Min, masses.X.Max, masses.Y.Min = 0, 1, 0
	d := sideBySide("Reliability of the probabilities of the trained encoder, and how often each is said", nil, p,
		masses)
	d.text = reliabilityText(r)
	s.Drawings = append(s.Drawings, d)
	return s, nil
}

// reliabilityText returns the bins of a reliability plot as a table.
func reliabilityText(r *stats.Reliability) string {
	var rows [][]string
	for _, b := range r.EqualWidth {
		rows = append(rows, []string{number(b.Mean), estimate(b.Share.Value, stats.Estimate{Interval: b.Share}),
			number(b.Weight / weights(r.EqualWidth))})
	}
	return tables.Text("Reliability of the probabilities of the trained encoder",
		[]string{"mean probability", "share that is the same", "share of pairs"}, rows)
}

// weights returns the sum of the bins' weights, or the smallest number above 0, by which shares of nothing are 0.
func weights(bins []stats.Bin) float64 {
	var total float64
	for _, b := range bins {
		total += b.Weight
	}
	return math.Max(total, math.SmallestNonzeroFloat64)
}
