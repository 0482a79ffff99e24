package siamese

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// ClassChanges are by how much the figures of each test class, its items as queries among all and its pairs against those
// with the other classes, change from one kind of similarity to another: in a report by training, from the untrained
// features that have the highest MAP@R.
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
func (e *evaluation) changesByClass(ctx context.Context, best int) (err error) {
	if !e.report.fewNewClasses() {
		return nil
	}
	from, to := e.contestants[best], e.contestants[0]
	e.report.ClassChanges, err = e.classChanges(ctx, from.figures.Name, from.z.Values, to.figures.Name, to.z.Values, e.report.Comparison.MAPAtR.Confidence)
	return err
}

// fewNewClasses says whether the signs of classes are what tells of other classes.
func (r *Report) fewNewClasses() bool { return r.NewClasses && r.Classes < sureClasses }

// classChanges returns how the figures of classes change from one set of embeddings of the test items to another.
func (e *evaluation) classChanges(ctx context.Context, nameFrom string, from []float32, nameTo string, to []float32, level float64) (*ClassChanges, error) {
	figures := func(name string, z []float32) ([]metric.ClassMetrics, error) {
		c, _, err := metric.ByClass(ctx, z, e.labels, metric.Options{Ks: []int{1}, Verification: metric.VerificationOptions{FPRs: []float64{}}})
		if err != nil {
			return nil, fmt.Errorf("%s: by class: %w", name, err)
		}
		return c, nil
	}
	after, err := figures(nameTo, to)
	if err != nil {
		return nil, err
	}
	before, err := figures(nameFrom, from)
	if err != nil {
		return nil, err
	}
	var byMAP, byAUC []float64
	for i, c := range after {
		if int(c.Class) < e.report.Classes { // beyond them are items without a label, each a class of its own
			byMAP = append(byMAP, c.Retrieval.MAPAtR-before[i].Retrieval.MAPAtR)
			byAUC = append(byAUC, c.Verification.ROCAUC-before[i].Verification.ROCAUC)
		}
	}
	changes := &ClassChanges{Level: level}
	if changes.MAPAtR, err = stats.SignTest(byMAP); err != nil {
		return nil, err
	}
	changes.ROCAUC, err = stats.SignTest(byAUC)
	return changes, err
}

// fewestClasses is the number of classes below which their signs decide nothing, however they fall.
const fewestClasses = 6

// classVerdict returns the verdict for other classes than those of the test, which are new to the model; than names what
// training is held against. false = the report does not tell.
func (r *Report) classVerdict(than string) (string, bool) {
	if c := r.ComparisonByClass; c != nil {
		return fmt.Sprintf("%s: %s%s (%g %% intervals by classes, one run)", sureVerdict(c.MAPAtR, c.ROCAUC), changes(c), than, 100*c.MAPAtR.Confidence), true
	}
	c := r.ClassChanges
	if c == nil {
		return "", false
	}
	verdict := agreed(c.clear())
	if verdict == unclear {
		verdict += " for other classes"
		if r.Classes < fewestClasses {
			verdict = fmt.Sprintf("nothing is sure for other classes, with %d in the test", r.Classes)
		}
	}
	return fmt.Sprintf("%s: %s%s (by classes, one run)", verdict, c, than), true
}

// clear returns which way the signs of both measures lean, 0 for one that is not sure.
func (c *ClassChanges) clear() (byMAP, byAUC float64) {
	return float64(c.MAPAtR.Clear(c.Level)), float64(c.ROCAUC.Clear(c.Level))
}

// String returns in how many classes both measures are higher.
func (c *ClassChanges) String() string {
	one := func(s stats.Signs) string {
		return fmt.Sprintf("higher in %d of %d classes [%+.3f to %+.3f, sign test p %.2g]", s.Above, s.Above+s.Below+s.Ties, s.Low, s.High, s.P)
	}
	return fmt.Sprintf("MAP@R %s, ROC-AUC %s", one(c.MAPAtR), one(c.ROCAUC))
}
