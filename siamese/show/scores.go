package show

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/plotter"

	"github.com/go-siamese/lab/siamese/metric"
)

// Scores displays the distributions of the cosines of same and of different pairs, with the threshold. Errors are those
// of [ScoresOutputs].
//
//	z := show.Must(model.Embed(ctx, backend, test))
//	same, different := pairs.CosinesByLabel(z, show.Must(sampler.Draw(20_000, 1)))
//	show.OK(show.Scores("New items", same, different, model.Threshold))
func Scores(title string, same, different []float32, threshold float64) error {
	return displayed(ScoresOutputs(title, same, different, threshold))
}

// ScoresOutputs returns two histograms over the same bins, each of area 1, with the threshold as a dashed line. Area 1
// lets both be seen where one kind has many more pairs; what lies on the wrong side of the line is the error rate of
// its kind. [pairs.CosinesByLabel] gives same and different. It returns an error when either kind of pair is missing,
// or a cosine or the threshold is not a finite number.
func ScoresOutputs(title string, same, different []float32, threshold float64) (Outputs, error) {
	p, err := scores(title, title, same, different, threshold)
	if err != nil {
		return nil, err
	}
	d := sideBySide(title+": distributions of the cosines of same and of different pairs", nil, p)
	d.text = strings.Join([]string{d.name, scoresText("same", same, threshold),
		scoresText("different", different, threshold), "the threshold is " + number(threshold)}, "\n")
	var out Outputs
	err = out.draw(d)
	return out, err
}

// Threshold appends what a threshold does to pairs with these cosines: the ROC with its point, the two histograms with
// its line (see [ScoresOutputs], whose errors it returns), and how many pairs it calls same and different.
func (o *Outputs) Threshold(title string, same, different []float32, threshold float64) error {
	of, err := scores(title, "cosines", same, different, threshold)
	if err != nil {
		return err
	}
	roc := newPanel("ROC", "FPR: share of different pairs called same", "1 - FNR")
	roc.X.Min, roc.X.Max, roc.Y.Min, roc.Y.Max = 0, 1, 0, 1
	falling := [2][]float32{slices.Clone(same), slices.Clone(different)}
	for _, list := range falling {
		slices.SortFunc(list, func(a, b float32) int { return cmp.Compare(b, a) })
	}
	share := func(list []float32, t float64) float64 { // of the list that is called same
		n, _ := slices.BinarySearchFunc(list, t, func(s float32, t float64) int {
			if float64(s) >= t {
				return -1
			}
			return 1
		})
		return float64(n) / float64(len(list))
	}
	// Steps at equal shares of each kind: curves of two million pairs look like those of some hundred points.
	points := plotter.XYs{{X: 0, Y: 0}}
	var steps []float64
	for _, list := range falling {
		for k := range rocPoints {
			steps = append(steps, float64(list[k*(len(list)-1)/(rocPoints-1)]))
		}
	}
	slices.Sort(steps)
	for _, t := range slices.Backward(slices.Compact(steps)) {
		points = append(points, plotter.XY{X: share(falling[1], t), Y: share(falling[0], t)})
	}
	counts := metric.Counts{Threshold: threshold}
	counts.TP = math.Round(share(falling[0], threshold) * float64(len(same)))
	counts.FP = math.Round(share(falling[1], threshold) * float64(len(different)))
	counts.FN, counts.TN = float64(len(same))-counts.TP, float64(len(different))-counts.FP
	if err := roc.curve(blue, points, plotter.XY{X: counts.FPR(), Y: 1 - counts.FNR()}, true); err != nil {
		return fmt.Errorf("ROC of %q: %w", title, err)
	}
	said := fmt.Sprintf("threshold %s: balanced accuracy %s, FPR %s, FNR %s", rate(threshold),
		rate(counts.BalancedAccuracy()), rate(counts.FPR()), rate(counts.FNR()))
	d := sideBySide(title+": ROC, and distributions of the cosines of same and of different pairs", nil, roc, of)
	d.text = d.name + "\n" + said
	o.title(title)
	if err := o.draw(d); err != nil {
		return err
	}
	whole := func(v float64) string { return fmt.Sprintf("%.0f", v) }
	o.table(said, []string{"pairs", "called same", "called different"}, [][]string{
		{"same", whole(counts.TP), whole(counts.FN)}, {"different", whole(counts.FP), whole(counts.TN)}})
	return nil
}

// rocPoints is how many points a ROC curve has from each kind of pair, at most.
const rocPoints = 150

// scores returns the two histograms of [ScoresOutputs]. of names the data in errors.
func scores(of, title string, same, different []float32, threshold float64) (*panel, error) {
	if len(same) == 0 || len(different) == 0 {
		return nil, fmt.Errorf("histogram %q: %d same and %d different pairs: both are needed", of, len(same),
			len(different))
	}
	// The range holds all scores and the threshold. It is not [-1, 1]: scores may use a small part of that.
	low, high := threshold, threshold
	for _, scores := range [][]float32{same, different} {
		for i, s := range scores {
			if s-s != 0 { // infinite, or NaN
				return nil, fmt.Errorf("histogram %q: cosine %d is %v", of, i, s)
			}
			low, high = min(low, float64(s)), max(high, float64(s))
		}
	}
	if math.IsNaN(threshold) || math.IsInf(threshold, 0) {
		return nil, fmt.Errorf("histogram %q: the threshold is %v", of, threshold)
	}
	// Scores that are all alike still need bins of some width.
	if high-low < 1e-3 {
		low, high = low-0.01, high+0.01
	}
	// A margin keeps the highest score, often 1, and the line off the frame.
	edge := 0.02 * (high - low)
	low, high = low-edge, high+edge
	p := newPanel(title, "cosine", "density")
	p.X.Min, p.X.Max, p.Y.Min = low, high, 0
	// Same pairs are drawn over different ones, through which they show.
	for _, kind := range []struct {
		name   string
		colour color.RGBA
		scores []float32
	}{{"different", orange, different}, {"same", blue, same}} {
		p.bars(kind.name, kind.colour, histogram(kind.scores, low, high))
	}
	if err := p.mark("threshold "+number(threshold), threshold); err != nil {
		return nil, fmt.Errorf("histogram %q: %w", of, err)
	}
	return p, nil
}

// scoresText says in a line how many cosines there are, what their quartiles are, and how many reach the threshold.
func scoresText(name string, scores []float32, threshold float64) string {
	sorted, reach := slices.Sorted(slices.Values(scores)), 0
	for _, s := range scores {
		if float64(s) >= threshold {
			reach++
		}
	}
	quartile := func(part float64) string { return number(float64(sorted[int(part*float64(len(sorted)-1)+.5)])) }
	return fmt.Sprintf("%d %s pairs: quartiles of the cosine %s, %s, %s; %.1f %% reach the threshold", len(scores),
		name, quartile(.25), quartile(.5), quartile(.75), 100*float64(reach)/float64(len(scores)))
}

// bars adds a histogram that lets what is behind it show through.
func (p *panel) bars(name string, colour color.RGBA, h *plotter.Histogram) {
	h.FillColor = color.NRGBA{colour.R, colour.G, colour.B, 0x90}
	p.Add(h)
	p.key(name, h)
}

// histogram returns 60 bins of area 1 in all over [low, high], without outlines. Scores at the ends, and beyond by
// rounding, are in the first and the last bin. scores must not be empty, and low must be below high.
func histogram(scores []float32, low, high float64) *plotter.Histogram {
	const bins = 60
	h := &plotter.Histogram{Bins: make([]plotter.HistogramBin, bins), Width: (high - low) / bins}
	for i := range h.Bins {
		h.Bins[i].Min, h.Bins[i].Max = low+float64(i)*h.Width, low+float64(i+1)*h.Width
	}
	// Each score adds the area 1/n: its weight is that over the width of a bin.
	for _, s := range scores {
		at := int((float64(s) - low) / h.Width)
		h.Bins[min(max(at, 0), bins-1)].Weight += 1 / (float64(len(scores)) * h.Width)
	}
	return h
}
