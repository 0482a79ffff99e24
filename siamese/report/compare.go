package report

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/advise"
	"github.com/go-siamese/lab/siamese/stats"
)

// Compared holds the report of one model, or those of several on the same items or the same given pairs. The first
// model is what the others are compared with.
type Compared struct {
	Reports []*Report `json:"reports"` // one or more

	// Differences are how the trained encoders of the second report and the following differ from the first one's, on
	// the same items or pairs, with intervals; nil for one report, where no intervals were wanted, where all pairs are
	// of one kind, and for reports from files that do not hold what intervals need. ByClass are the same for other
	// classes; nil also for fewer than 20 classes.
	Differences []*stats.Comparison `json:"differences,omitempty"`
	ByClass     []*stats.Comparison `json:"differences_by_class,omitempty"`
	// ClassChanges are how the metrics of each test class differ from the first model's, where the classes are new to
	// the models and fewer than 20; their p-values are not adjusted for the number of models.
	ClassChanges []*ClassChanges `json:"class_changes,omitempty"`
	// Advice is on the items that the models were trained on; nil where none was asked for.
	Advice *advise.Advice `json:"advice,omitempty"`
}

// One returns the only report of an evaluation of one model, or the first of several. It panics if there is none.
func (c *Compared) One() *Report { return c.Reports[0] }

// Compare returns two reports or more as one, or an error that says how their test items or pairs differ: metrics on
// different items cannot be compared. The reports are kept, not copied.
//
// Differences on given pairs have intervals, by the delta method, where all reports hold the cosines of their pairs
// (see [Details]) and the first has intervals, whose confidence they take. Elsewhere metrics stand side by side:
// intervals need the models on the items again; see [evaluate.Items].
func Compare(reports ...*Report) (*Compared, error) {
	if len(reports) < 2 {
		return nil, fmt.Errorf("compare reports: %d given: want two or more", len(reports))
	}
	for k, r := range reports {
		if r == nil {
			return nil, fmt.Errorf("compare reports: report %d is missing", k+1)
		}
		if r.hash() == "" {
			return nil, fmt.Errorf("compare reports: report %d does not say which %s it is about (%s is missing): "+
				"evaluate the model again", k+1, r.what(), r.hashField())
		}
		if first := reports[0]; r.GivenPairs != first.GivenPairs {
			return nil, fmt.Errorf("compare reports: %s is about %s and %s about %s, which have other metrics: "+
				"give reports of one kind", first.title(1), first.what(), r.title(k+1), r.what())
		}
		if how := reports[0].differs(r); how != "" {
			return nil, fmt.Errorf("compare reports: %s and %s are about different %s: %s; evaluate both models on %s",
				reports[0].title(1), r.title(k+1), r.what(), how, r.same())
		}
	}
	// Reports may have been read from files by other means than Load, which checks them.
	out := &Compared{Reports: reports}
	err := out.Check()
	if err == nil {
		err = out.compare()
	}
	if err != nil {
		return nil, fmt.Errorf("compare reports: %w", err)
	}
	return out, nil
}

// hash returns the hash of what the report is about, "" where it does not say.
func (r *Report) hash() string {
	if r.GivenPairs {
		return r.PairsHash
	}
	return r.ItemsHash
}

// hashField returns the JSON name of what [Report.hash] returns.
func (r *Report) hashField() string {
	if r.GivenPairs {
		return "pairs_hash"
	}
	return "items_hash"
}

// what returns what a report is about, "items" or "pairs".
func (r *Report) what() string {
	if r.GivenPairs {
		return "pairs"
	}
	return "items"
}

// same returns what two models have to be evaluated on to be compared.
func (r *Report) same() string {
	if r.GivenPairs {
		return "one table of pairs with one split"
	}
	return "one split"
}

// Check returns what is wrong with reports that were read from a file, or nil. Evaluations make sound ones.
func (c *Compared) Check() error {
	if c == nil || len(c.Reports) == 0 {
		return errors.New("there is no report")
	}
	for k, r := range c.Reports {
		if err := r.Check(); err != nil {
			return fmt.Errorf("report %d: %w", k+1, err)
		}
	}
	n := len(c.Reports) - 1
	for what, list := range map[string][]*stats.Comparison{"differences": c.Differences,
		"differences by class": c.ByClass} {
		if len(list) > 0 && len(list) != n {
			return fmt.Errorf("%d %s of %d reports: want one for every report but the first", len(list), what,
				len(c.Reports))
		}
		for k, d := range list {
			if d == nil {
				return fmt.Errorf("%s: number %d is missing", what, k+1)
			}
		}
	}
	if len(c.ClassChanges) > 0 && (len(c.ClassChanges) != n || slices.Contains(c.ClassChanges, nil)) {
		return fmt.Errorf("class changes are not of every report but the first")
	}
	return nil
}

// title names report k (from 1) in sentences: by its model, or by its number where the model has no name.
func (r *Report) title(k int) string {
	return fmt.Sprintf("%s (%s)", cmp.Or(quote.Text(r.Model), fmt.Sprintf("report %d", k)), quote.Text(r.Name))
}

// differs returns how the items or pairs of two reports of one kind differ, "" where they do not.
func (r *Report) differs(o *Report) string {
	switch {
	case r.hash() == o.hash():
		return ""
	case r.GivenPairs && (r.Pairs != o.Pairs || r.Items != o.Items):
		return fmt.Sprintf("%d pairs of %d items and %d pairs of %d items", r.Pairs, r.Items, o.Pairs, o.Items)
	case r.GivenPairs:
		return fmt.Sprintf("%d pairs of %d items each, with other ids, labels or weights", r.Pairs, r.Items)
	case r.Items != o.Items || r.Classes != o.Classes:
		return fmt.Sprintf("%d items of %d classes and %d items of %d classes", r.Items, r.Classes, o.Items, o.Classes)
	}
	if a, b := r.classNames(), o.classNames(); a != nil && b != nil && !slices.Equal(a, b) {
		return fmt.Sprintf("as many, of the classes %q and %q", a, b)
	}
	return fmt.Sprintf("%d items of %d classes each, with other ids or labels", r.Items, r.Classes)
}

// classNames returns the classes that the details list, nil where they do not list all.
func (r *Report) classNames() []string {
	if r.Details == nil || r.Details.ClassesLeftOut > 0 || len(r.Details.Of) == 0 {
		return nil
	}
	var out []string
	for _, c := range r.Details.Of[0].Classes {
		out = append(out, c.Class)
	}
	return out
}

// String returns the reports as tables of text, what differs, and the advice. The report of one model alone is that of
// [Report].
func (c *Compared) String() string {
	advice := ""
	if c.Advice != nil {
		advice = c.Advice.String() + "\n"
	}
	if len(c.Reports) == 1 {
		return c.Reports[0].String() + advice
	}
	var b strings.Builder
	for _, r := range c.Reports {
		if r.Model != "" {
			fmt.Fprintf(&b, "%s\n", quote.Text(r.Model))
		}
		fmt.Fprintf(&b, "%s\n", r)
	}
	for _, line := range c.Verdicts() {
		fmt.Fprintln(&b, quote.Line(line))
	}
	for _, d := range slices.Concat(c.Differences, c.ByClass) {
		b.WriteString(d.String())
	}
	b.WriteString(c.evidenceText() + advice)
	return b.String()
}

// Verdicts returns in a line for each model but the first whether its trained encoder is better than the first one's,
// by the two [Report.Measures], for other items of the same classes or pairs of other items; and, where the test
// classes are new to the models, in another line whether it is so for other classes.
func (c *Compared) Verdicts() []string {
	var out []string
	first := c.Reports[0]
	for k, r := range c.Reports[1:] {
		name, than := r.title(k+2), first.title(1)
		switch {
		case r.GivenPairs && r.OneKind():
			out = append(out, fmt.Sprintf("nothing can be said of %s beside %s: all pairs are of one label", name,
				than))
		case k < len(c.Differences):
			d := c.Differences[k]
			out = append(out, r.ranked(name, than, d, intervalsOf(d)))
			if r.NewClasses {
				out = append(out, c.classVerdicts(k, name, than)...)
			}
		default:
			one, other := r.Trained.minus(first.Trained, r.Measures())
			out = append(out, fmt.Sprintf("%s beside %s: %s (no interval: %s)", name, than,
				plainChanges(r.Measures(), one, other), c.Missing()))
		}
	}
	return out
}

// classVerdicts returns in a line whether the model of Reports[k+1], called name, is better than the first one for
// other classes; none where that is not known.
func (c *Compared) classVerdicts(k int, name, first string) []string {
	if k < len(c.ByClass) {
		d := c.ByClass[k]
		return []string{"for other classes " + c.Reports[0].ranked(name, first, d,
			fmt.Sprintf("%g %% intervals by classes", 100*d.Confidence()))}
	}
	if k >= len(c.ClassChanges) {
		return nil
	}
	changes := c.ClassChanges[k]
	if n := c.Reports[0].Classes; n < fewestClasses {
		return []string{fmt.Sprintf("%s: %s beside %s: %s (by classes, one run each)", tooFewClasses(n), name, first,
			changes)}
	}
	return []string{fmt.Sprintf("for other classes %s is %s %s: %s (by classes, one run each)", name,
		rank(changes.clear()), first, changes)}
}

// ranked returns how the model called name does beside the first by a comparison, whose intervals are described.
func (r *Report) ranked(name, first string, d *stats.Comparison, intervals string) string {
	return fmt.Sprintf("%s is %s %s: %s (%s, one run each)", name, rank(r.clearSigns(d)), first, r.changes(d),
		intervals)
}

// rank returns what two differences from the first model agree on, each 0 where it is not clear.
func rank(one, other float64) string {
	switch {
	case one == 0 && other == 0:
		return "not clearly different from"
	case one >= 0 && other >= 0:
		return "better than"
	case one <= 0 && other <= 0:
		return "worse than"
	}
	return "better by one measure and worse by the other than"
}
