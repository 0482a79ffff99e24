package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/siamese/stats"
)

// Compared are the reports of several models on the same items.
type Compared struct {
	Reports []*Report `json:"reports"`

	// Differences are how the trained encoders of the second report and the following differ from the first one's, on the same
	// items, with intervals; nil where there are only reports, which do not hold embeddings. ByClass are the same for other
	// classes; nil for fewer than 20 classes, too.
	Differences []*stats.Comparison `json:"differences,omitempty"`
	ByClass     []*stats.Comparison `json:"differences_by_class,omitempty"`
	// ClassChanges are how the figures of each test class differ from the first one's, where the classes are new to the models
	// and fewer than 20; their p-values are not corrected for the number of models.
	ClassChanges []*ClassChanges `json:"class_changes,omitempty"`
}

// Compare returns two reports or more as one, or an error that says how their test items differ. Figures stand side
// by side: their differences have no intervals, for which both models have to see the items again; see [evaluate.Models].
func Compare(reports ...*Report) (*Compared, error) {
	if len(reports) < 2 {
		return nil, fmt.Errorf("compare reports: %d given: want two or more", len(reports))
	}
	for k, r := range reports {
		if r == nil || r.ItemsHash == "" {
			return nil, fmt.Errorf("compare reports: report %d does not say which items it is about: evaluate the model again", k+1)
		}
		if how := reports[0].differs(r); how != "" {
			return nil, fmt.Errorf("compare reports: %s and %s are about different items: %s; evaluate both models with one split",
				reports[0].title(1), r.title(k+1), how)
		}
	}
	return &Compared{Reports: reports}, nil
}

// title names a report, which is number k.
func (r *Report) title(k int) string { return reportTitle(r.Model, r.Name, k) }

func reportTitle(model, name string, k int) string {
	if model == "" {
		model = fmt.Sprintf("report %d", k)
	}
	return fmt.Sprintf("%s (%s)", model, name)
}

// differs says how the items of two reports differ, "" where they do not.
func (r *Report) differs(o *Report) string {
	if r.ItemsHash == o.ItemsHash {
		return ""
	}
	if r.Items != o.Items || r.Classes != o.Classes {
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

// CheckNames returns why so many models cannot be compared under names, or nil.
func CheckNames(models int, names []string) error {
	if models < 2 || models != len(names) {
		return fmt.Errorf("%d models and %d names: want two or more models, each with its name", models, len(names))
	}
	for k, name := range names {
		if slices.Contains(names[:k], name) || name == "" {
			return fmt.Errorf("model %d is named %q: give every model a name of its own", k+1, name)
		}
	}
	return nil
}

// String returns the reports as tables of text, and what differs.
func (c *Compared) String() string {
	var b strings.Builder
	for _, r := range c.Reports {
		if r.Model != "" {
			fmt.Fprintf(&b, "%s\n", r.Model)
		}
		b.WriteString(r.String())
		b.WriteByte('\n')
	}
	for _, line := range c.Verdicts() {
		fmt.Fprintln(&b, line)
	}
	for _, d := range slices.Concat(c.Differences, c.ByClass) {
		b.WriteString(d.String())
	}
	return b.String()
}

// Verdicts returns in a line for each model but the first whether its trained encoder is better than the first one's, for
// other items of the same classes; and, where the test classes are new to the models, in another line whether it is so for
// other classes.
func (c *Compared) Verdicts() []string {
	var out []string
	first := c.Reports[0]
	for k, r := range c.Reports[1:] {
		name := r.title(k + 2)
		if k < len(c.Differences) {
			d := c.Differences[k]
			out = append(out, ranked(name, first.title(1), d.MAPAtR, d.ROCAUC, Changes(d), sureness(d)))
			if r.NewClasses {
				out = append(out, c.classVerdicts(k, name, first.title(1))...)
			}
			continue
		}
		byMAP, byAUC := r.Trained.MAPAtR-first.Trained.MAPAtR, r.Trained.ROCAUC-first.Trained.ROCAUC
		out = append(out, fmt.Sprintf("%s beside %s: MAP@R %+.3f, ROC-AUC %+.3f (no interval: that takes both models on the items, not their reports)",
			name, first.title(1), byMAP, byAUC))
	}
	return out
}

// classVerdicts returns in a line whether model k+2 is better than the first one for other classes; none where that is not
// known.
func (c *Compared) classVerdicts(k int, name, first string) []string {
	if k < len(c.ByClass) {
		d := c.ByClass[k]
		return []string{"for other classes " + ranked(name, first, d.MAPAtR, d.ROCAUC, Changes(d), fmt.Sprintf("%g %% intervals by classes", 100*d.MAPAtR.Confidence))}
	}
	if k >= len(c.ClassChanges) {
		return nil
	}
	changes := c.ClassChanges[k]
	if n := c.Reports[0].Classes; n < fewestClasses {
		return []string{fmt.Sprintf("nothing is sure for other classes, with %d in the test: %s beside %s: %s (by classes, one run each)", n, name, first, changes)}
	}
	return []string{fmt.Sprintf("for other classes %s is %s %s: %s (by classes, one run each)", name, rank(changes.clear()), first, changes)}
}

// ranked says how a model does beside the first by two differences, told in changes, with intervals told in sureness.
func ranked(name, first string, one, other stats.Difference, changes, sureness string) string {
	return fmt.Sprintf("%s is %s %s: %s (%s, one run each)", name, rank(sureSigns(one, other)), first, changes, sureness)
}

// rank says what two differences agree on.
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
