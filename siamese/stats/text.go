package stats

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data/quote"
)

// String returns the bin in one line: its probabilities, pairs and share of positives.
func (b Bin) String() string {
	return fmt.Sprintf("probability %.3f (%.3f to %.3f): %d pairs, share of positives %s", b.Mean, b.Low, b.High,
		b.Pairs, b.Share)
}

// String returns the calibration in one line: the method, what it was fitted on and the prevalence.
func (c *Calibration) String() string {
	curve := fmt.Sprintf("%d points", len(c.Scores))
	if c.Method == Platt {
		curve = fmt.Sprintf("slope %.4g, offset %.4g", c.Slope, c.Offset)
	}
	return fmt.Sprintf("%s calibration (%s), fitted on %d pairs of which %.3g %% are positive, for a prevalence of "+
		"%.3g %%", quote.Text(c.Method), curve, c.Pairs, 100*c.Fitted, 100*c.Prevalence)
}

// String returns the metrics of each system and the comparisons, as lines of text.
func (c *Compared) String() string {
	var b strings.Builder
	for _, m := range c.Metrics {
		b.WriteString(m.String())
	}
	for _, d := range c.Comparisons {
		b.WriteString(d.String())
	}
	return b.String()
}

// String returns the reliability in one line, and the warnings in a line each.
func (r *Reliability) String() string {
	interval := func(i *Interval) string {
		if i == nil {
			return ""
		}
		return fmt.Sprintf(" [%.4f, %.4f]", i.Low, i.High)
	}
	text := fmt.Sprintf("Brier score %.4f%s (%.4f without any knowledge), expected calibration error %.4f%s, on "+
		"%d pairs", r.Brier, interval(r.BrierInterval), r.Uncertainty, r.ECE, interval(r.ECEInterval), r.Pairs)
	for _, w := range r.Warnings {
		text += "\nwarning: " + quote.Line(w.String())
	}
	return text
}

// String returns the metrics at the threshold in one line, and the warnings in a line each.
func (t ThresholdMetrics) String() string {
	text := fmt.Sprintf("threshold %.3f: accuracy %s, FPR %s, FNR %s", t.Threshold, t.Accuracy, t.FPR, t.FNR)
	for _, w := range t.Warnings {
		text += "\nwarning: " + quote.Line(w.String())
	}
	return text
}

// String returns the name of the metric.
func (m *Metric) String() string { return m.Name }

// String returns the size of the result of a training: "2000 numbers, threshold 0.731".
func (r Run) String() string {
	return fmt.Sprintf("%d numbers, threshold %.3f", len(r.Values), r.Threshold)
}

// String returns the name and the number of runs.
func (s System) String() string { return fmt.Sprintf("%s: %d runs", quote.Text(s.Name), len(s.Runs)) }

// String returns the name and the number of scores.
func (s PairSystem) String() string {
	return fmt.Sprintf("%s: %d scores, threshold %.3f", quote.Text(s.Name), len(s.Scores), s.Threshold)
}

// String returns the number of pairs.
func (p LabelledPairs) String() string { return fmt.Sprintf("%d labelled pairs", len(p.Label)) }

// String returns what the means are over.
func (m *PairMeans) String() string {
	return fmt.Sprintf("means over %d pairs, with %g %% intervals", len(m.pairs.Label), 100*m.confidence)
}
