package report

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/stats"
)

// LabelMetrics holds the metrics of a method over all pairs of items of which labels tell whether they are the same,
// where items have several labels each.
type LabelMetrics struct {
	Name   string             `json:"name"`
	Values map[string]float64 `json:"values"` // ROC-AUC, and MAP@R over the items that another one is the same as
}

// labelText returns these metrics in one line.
func labelText(list []LabelMetrics) string {
	var parts []string
	for _, f := range list {
		parts = append(parts, fmt.Sprintf("%s: MAP@R %.4f, ROC-AUC %.4f", f.Name, f.Values[stats.MAPAtR],
			f.Values[stats.ROCAUC]))
	}
	return "over all pairs of the test items that their labels tell of (no interval): " + strings.Join(parts, "; ")
}
