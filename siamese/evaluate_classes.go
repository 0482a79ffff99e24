package siamese

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// ClassChanges are by how much training changes the figures of each test class, its items as queries among all and its pairs
// against those with the other classes, from the untrained features that have the highest MAP@R.
type ClassChanges struct {
	Level  float64     `json:"level"` // of the verdict, such as .95
	MAPAtR stats.Signs `json:"map_at_r"`
	ROCAUC stats.Signs `json:"roc_auc"`
}

// newTo returns whether no labelled test item is of a class that an item of known has.
func newTo(test, known *data.Frame) bool {
	seen := map[string]bool{}
	for _, label := range known.Labels {
		seen[label] = true
	}
	for _, label := range test.Labels {
		if label != "" && seen[label] {
			return false
		}
	}
	return true
}

// changesByClass fills in the changes of classes, where these are new and too few for intervals by classes.
func (e *evaluation) changesByClass(ctx context.Context, best int) error {
	r := &e.report
	if !r.NewClasses || r.Classes >= sureClasses {
		return nil
	}
	figures := func(k int) ([]metric.ClassFigures, error) {
		c, _, err := metric.ByClass(ctx, e.contestants[k].z.Values, e.labels,
			metric.Options{Ks: []int{1}, Verification: metric.VerificationOptions{FPRs: []float64{}}})
		if err != nil {
			return nil, fmt.Errorf("%s: by class: %w", e.contestants[k].figures.Name, err)
		}
		return c, nil
	}
	trained, err := figures(0)
	if err != nil {
		return err
	}
	untrained, err := figures(best)
	if err != nil {
		return err
	}
	var byMAP, byAUC []float64
	for i, c := range trained {
		if int(c.Class) < r.Classes { // beyond them are items without a label, each a class of its own
			byMAP = append(byMAP, c.Retrieval.MAPAtR-untrained[i].Retrieval.MAPAtR)
			byAUC = append(byAUC, c.Verification.ROCAUC-untrained[i].Verification.ROCAUC)
		}
	}
	changes := &ClassChanges{Level: r.Comparison.MAPAtR.Level}
	if changes.MAPAtR, err = stats.SignTest(byMAP); err != nil {
		return err
	}
	if changes.ROCAUC, err = stats.SignTest(byAUC); err != nil {
		return err
	}
	r.ClassChanges = changes
	return nil
}

// fewestClasses is the number of classes below which their signs decide nothing, however they fall.
const fewestClasses = 6

// classVerdict returns the verdict for other classes than those of the test, which are new to the model; than names what
// training is held against. false = the report does not tell.
func (r *Report) classVerdict(than string) (string, bool) {
	if c := r.ComparisonByClass; c != nil {
		return fmt.Sprintf("%s: %s%s (%g %% intervals by classes, one run)", sureVerdict(c.MAPAtR, c.ROCAUC), changes(c), than, 100*c.MAPAtR.Level), true
	}
	c := r.ClassChanges
	if c == nil {
		return "", false
	}
	byMAP, byAUC := c.MAPAtR.Clear(c.Level), c.ROCAUC.Clear(c.Level)
	verdict := agreed(float64(byMAP), float64(byAUC))
	if verdict == unclear {
		verdict += " for other classes"
		if r.Classes < fewestClasses {
			verdict = fmt.Sprintf("nothing is sure for other classes, with %d in the test", r.Classes)
		}
	}
	one := func(s stats.Signs) string {
		return fmt.Sprintf("higher in %d of %d classes [%+.3f to %+.3f, sign test p %.2g]", s.Above, s.Above+s.Below+s.Ties, s.Low, s.High, s.P)
	}
	return fmt.Sprintf("%s: MAP@R %s, ROC-AUC %s%s (by classes, one run)", verdict, one(c.MAPAtR), one(c.ROCAUC), than), true
}
