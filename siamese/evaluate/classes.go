package evaluate

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/signtest"
	"github.com/go-siamese/lab/siamese/stats"
)

// newTo returns whether no labelled test item is of a class that an item of known has. Items without a label do not
// count; with none but these it is true.
func newTo(test, known *data.Frame) bool {
	// Labels are compared by name: the numbers of two frames are not the same.
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

// changesByClass fills in the changes of classes from method best to the trained encoder, where the classes are new and
// too few for intervals by classes. The comparison by items has been made; its confidence is the report's.
func (o *overItems) changesByClass(ctx context.Context, e *evaluation, best int) (err error) {
	if !e.report.FewNewClasses() {
		return nil
	}
	confidence := e.report.Comparison.Differences[stats.MAPAtR].Confidence
	e.report.ClassChanges, err = o.classChanges(ctx, e, &e.methods[best], &e.methods[0], confidence)
	return err
}

// classChanges returns how the metrics of classes change from one method on the test items to another: one difference a
// class, because classes, not items, are what a verdict on other classes is drawn from. It takes a pass over all pairs
// for each method.
func (o *overItems) classChanges(ctx context.Context, e *evaluation, from, to *method,
	confidence float64) (*report.ClassChanges, error) {
	// MAP@R and ROC-AUC of each class, with its items as queries among all and its pairs against all others.
	values := func(m *method) ([]metric.ClassMetrics, error) {
		rows, err := o.rowsOf(ctx, m)
		if err != nil {
			return nil, err
		}
		c, _, err := rows.ByClass(ctx, report.Slim())
		if err != nil {
			return nil, fmt.Errorf("%s: by class: %w", quote.Text(m.metrics.Name), err)
		}
		return c, nil
	}
	after, err := values(to)
	if err != nil {
		return nil, err
	}
	before, err := values(from)
	if err != nil {
		return nil, err
	}
	// Both lists are of the same classes in the same order: labels are those of the items, whatever the method.
	var byMAP, byAUC []float64
	for i, c := range after {
		if int(c.Class) < e.report.Classes { // beyond them are items without a label, each a class of its own
			byMAP = append(byMAP, c.Retrieval.MAPAtR-before[i].Retrieval.MAPAtR)
			byAUC = append(byAUC, c.Verification.ROCAUC-before[i].Verification.ROCAUC)
		}
	}
	changes := &report.ClassChanges{Confidence: confidence}
	if changes.MAPAtR, err = signtest.Of(byMAP); err != nil {
		return nil, err
	}
	changes.ROCAUC, err = signtest.Of(byAUC)
	return changes, err
}
