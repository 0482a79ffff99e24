package evaluate

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

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
	if !e.report.FewNewClasses() {
		return nil
	}
	from, to := e.contestants[best], e.contestants[0]
	e.report.ClassChanges, err = e.classChanges(ctx, from.figures.Name, from.z.Values, to.figures.Name, to.z.Values, e.report.Comparison.MAPAtR.Confidence)
	return err
}

// classChanges returns how the figures of classes change from one set of embeddings of the test items to another.
func (e *evaluation) classChanges(ctx context.Context, nameFrom string, from []float32, nameTo string, to []float32, level float64) (*report.ClassChanges, error) {
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
	changes := &report.ClassChanges{Level: level}
	if changes.MAPAtR, err = stats.SignTest(byMAP); err != nil {
		return nil, err
	}
	changes.ROCAUC, err = stats.SignTest(byAUC)
	return changes, err
}
