package report

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/stats"
)

// ComparedPairs are the reports of several models on the same given pairs.
type ComparedPairs struct {
	Reports []*PairReport `json:"pair_reports"`

	// Differences are how the trained encoders of the second report and the following differ from the first one's, on the same
	// pairs, with intervals and p-values for pairs of other items; nil where there are only reports that do not hold the cosines
	// of their pairs, all pairs are of one label, or no intervals were wanted.
	Differences []*stats.PairComparison `json:"differences,omitempty"`
}

// ComparePairs returns two reports on given pairs or more as one, or an error that says how their test pairs differ.
// Differences have intervals, to the first order, where all reports hold the cosines of their pairs (see [PairDetails]) and the
// first has intervals, of whose level they are. Elsewhere figures stand side by side, and the models have to see the pairs again;
// see [evaluate.PairModels].
func ComparePairs(reports ...*PairReport) (*ComparedPairs, error) {
	if len(reports) < 2 {
		return nil, fmt.Errorf("compare reports on pairs: %d given: want two or more", len(reports))
	}
	for k, r := range reports {
		if r == nil || r.PairsHash == "" {
			return nil, fmt.Errorf("compare reports on pairs: report %d does not say which pairs it is about (pairs_hash is missing): evaluate the model again", k+1)
		}
		if how := reports[0].differs(r); how != "" {
			return nil, fmt.Errorf("compare reports on pairs: %s and %s are about different pairs: %s; evaluate both models on one table of pairs with one split",
				reports[0].title(1), r.title(k+1), how)
		}
	}
	out := &ComparedPairs{Reports: reports}
	err := out.Check()
	if err == nil {
		err = out.compare()
	}
	if err != nil {
		return nil, fmt.Errorf("compare reports on pairs: %w", err)
	}
	return out, nil
}

// OneLabel returns whether all pairs are the same, or all different, of which no figure can be said.
func (r *PairReport) OneLabel() bool { return r.Positive == 0 || r.Positive == 1 }

// title names a report, which is number k.
func (r *PairReport) title(k int) string { return reportTitle(r.Model, r.Name, k) }

// differs says how the pairs of two reports differ, "" where they do not.
func (r *PairReport) differs(o *PairReport) string {
	switch {
	case r.PairsHash == o.PairsHash:
		return ""
	case r.Pairs != o.Pairs || r.Items != o.Items:
		return fmt.Sprintf("%d pairs of %d items and %d pairs of %d items", r.Pairs, r.Items, o.Pairs, o.Items)
	}
	return fmt.Sprintf("%d pairs of %d items each, with other ids, labels or weights", r.Pairs, r.Items)
}

// Check returns what is wrong with reports that were read from a file, or nil. Evaluations make sound ones.
func (c *ComparedPairs) Check() error {
	if c == nil || len(c.Reports) == 0 {
		return errors.New("there is no report on pairs")
	}
	for k, r := range c.Reports {
		if err := r.Check(); err != nil {
			return fmt.Errorf("report %d: %w", k+1, err)
		}
	}
	if n := len(c.Differences); n > 0 && n != len(c.Reports)-1 {
		return fmt.Errorf("%d differences of %d reports: want one for every report but the first", n, len(c.Reports))
	}
	for k, d := range c.Differences {
		if d == nil {
			return fmt.Errorf("difference %d is missing", k+1)
		}
	}
	return nil
}

// String returns the reports as tables of text, and what differs.
func (c *ComparedPairs) String() string {
	var b strings.Builder
	for _, r := range c.Reports {
		if r.Model != "" {
			fmt.Fprintf(&b, "%s\n", r.Model)
		}
		fmt.Fprintf(&b, "%s\n", r)
	}
	for _, line := range c.Verdicts() {
		fmt.Fprintln(&b, line)
	}
	for _, d := range c.Differences {
		b.WriteString(d.String())
	}
	return b.String()
}

// Verdicts returns in a line for each model but the first whether its trained encoder is better than the first one's, by ROC-AUC
// and by average precision, for pairs of other items.
func (c *ComparedPairs) Verdicts() []string {
	var out []string
	first := c.Reports[0]
	for k, r := range c.Reports[1:] {
		name, than := r.title(k+2), first.title(1)
		switch {
		case r.OneLabel():
			out = append(out, fmt.Sprintf("nothing can be said of %s beside %s: all pairs are of one label", name, than))
		case k < len(c.Differences):
			d := c.Differences[k]
			out = append(out, ranked(name, than, d.ROCAUC, d.AveragePrecision, pairChanges(d), fmt.Sprintf("%g %% intervals by items", 100*d.ROCAUC.Confidence)))
		default:
			out = append(out, fmt.Sprintf("%s beside %s: ROC-AUC %+.3f, average precision %+.3f (no interval: %s)",
				name, than, r.Trained.ROCAUC-first.Trained.ROCAUC, r.Trained.AveragePrecision-first.Trained.AveragePrecision, c.Missing()))
		}
	}
	return out
}
