package report

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/stats"
)

// LabelMetrics holds the metrics of a method over all pairs of labelled items, where items have several labels each and
// are the same if they share one. They have no intervals.
type LabelMetrics struct {
	Name   string             `json:"name"`
	Values map[string]float64 `json:"values"` // by key: ROC-AUC, and MAP@R over the items that are the same as another
}

// labelText returns these metrics in one line.
func labelText(list []LabelMetrics) string {
	var parts []string
	for _, f := range list {
		parts = append(parts, fmt.Sprintf("%s: MAP@R %.4f, ROC-AUC %.4f", f.Name, f.Values[stats.MAPAtR],
			f.Values[stats.ROCAUC]))
	}
	return "over all pairs of labelled test items (no interval): " + strings.Join(parts, "; ")
}
