package show

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/internal/tables"
)

// Explanation displays the parts of blocks and features in the similarity of two items. Errors are those of
// [ExplanationOutputs].
//
//	why := show.Must(explain.Pair(ctx, backend, model, test, i, j, explain.Options{Background: train}))
//	show.OK(show.Explanation(why))
func Explanation(x *explained.Pair) error {
	return displayed(ExplanationOutputs(x))
}

// ExplanationOutputs returns bars for the parts of blocks and, where features were explained, of the largest features
// beside them: to the right what makes the items more similar than any two, to the left what makes them less so. It
// returns an error when there are no blocks, or a part is not a finite number.
func ExplanationOutputs(x *explained.Pair) (Outputs, error) {
	// Parts keep their order: blocks that of the columns, features by descending absolute part.
	blocks, features := make([]bar, 0, len(x.Blocks)), make([]bar, 0, len(x.Features)+1)
	for _, b := range x.Blocks {
		blocks = append(blocks, bar{b.Name, b.Part})
	}
	for _, f := range x.Features {
		features = append(features, bar{f.Name, f.Part})
	}
	// The title gives what the parts add up to: the difference of its two values.
	left, err := bars(fmt.Sprintf("Cosine %s, any two items %s", number(x.Cosine), number(x.Baseline)), blocks)
	if err != nil {
		return nil, fmt.Errorf("explanation of %q and %q: %w", x.Left, x.Right, err)
	}
	// Features that are not listed have parts too: bars of the right panel need not add up to the difference.
	if len(features) == 0 {
		return explanationOf(x, left)
	}
	right, err := bars(fmt.Sprintf("The %d features with the largest parts", len(features)), features)
	if err != nil {
		return nil, fmt.Errorf("explanation of %q and %q: %w", x.Left, x.Right, err)
	}
	return explanationOf(x, left, right)
}

// explanationOf returns the picture of panels with the parts as a table.
func explanationOf(x *explained.Pair, panels ...*panel) (Outputs, error) {
	d := sideBySide(fmt.Sprintf("Parts of the cosine %s of %s and %s; any two items have %s", number(x.Cosine),
		x.Left, x.Right, number(x.Baseline)), nil, panels...)
	var rows [][]string
	for _, b := range x.Blocks {
		rows = append(rows, []string{b.Name, signed(b.Part)})
	}
	for _, f := range x.Features {
		rows = append(rows, []string{f.Name, signed(f.Part)})
	}
	d.text = tables.Text(d.name, []string{"block, then features", "part"}, rows)
	var out Outputs
	err := out.draw(d)
	return out, err
}

// bar is one of several horizontal bars: a block or a feature with its part in the cosine.
type bar struct {
	name string
	part float64
}

// bars returns a panel of bars, the first one on top, those above 0 in one colour and those below in another. It
// returns an error if there are none, or a part is not finite.
func bars(title string, list []bar) (*panel, error) {
	if len(list) == 0 {
		return nil, fmt.Errorf("panel %q: there is nothing to show", title)
	}
	p := newPanel(title, "part of the cosine", "")
	more, less, names := make(plotter.Values, len(list)), make(plotter.Values, len(list)), make([]string, len(list))
	var low, high float64
	// The axis goes up: the first bar is at the highest place.
	for k, b := range slices.Backward(list) {
		at := len(list) - 1 - k
		if math.IsNaN(b.part) || math.IsInf(b.part, 0) {
			return nil, fmt.Errorf("panel %q: the part of %q is %v", title, b.name, b.part)
		}
		names[at], more[at], less[at] = b.name, max(0, b.part), min(0, b.part)
		low, high = min(low, b.part), max(high, b.part)
	}
	// A chart has one colour: there are two over each other, each with 0 where the other has a bar.
	for _, kind := range []struct {
		name   string
		values plotter.Values
	}{{"more similar", more}, {"less similar", less}} {
		chart, err := plotter.NewBarChart(kind.values, min(vg.Points(18), vg.Points(100)/vg.Length(len(list))))
		if err != nil {
			return nil, fmt.Errorf("panel %q: %w", title, err)
		}
		chart.Horizontal, chart.LineStyle.Width, chart.Color = true, 0, blue
		if kind.name == "less similar" {
			chart.Color = orange
		}
		p.Add(chart)
		p.key(kind.name, chart)
	}
	// Limits include 0, from which all bars start.
	if high == low {
		low, high = -0.01, 0.01 // parts that are all 0 still have an axis
	}
	edge := 0.05 * (high - low)
	p.X.Min, p.X.Max, p.X.Tick.Label.Font.Size = low-edge, high+edge, vg.Points(8) // small parts have long numbers
	// Names are ticks; many of them get a smaller font, so that they do not overlap.
	p.Y.Min, p.Y.Max = -0.6, float64(len(list))-0.4
	p.Y.Tick.Marker = plot.ConstantTicks(nominal(names))
	p.Y.Tick.Label.Font.Size = min(p.Y.Tick.Label.Font.Size, vg.Points(110)/vg.Length(len(list)))
	return p, nil
}

// nominal returns ticks with names at 0, 1, …, one for each bar.
func nominal(names []string) []plot.Tick {
	out := make([]plot.Tick, len(names))
	for k, name := range names {
		out[k] = plot.Tick{Value: float64(k), Label: quote.Lines(name)}
	}
	return out
}
