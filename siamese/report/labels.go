package report

import (
	"fmt"
	"strings"
)

// LabelMetrics are figures of one kind of similarity over all pairs of items of which labels tell whether they are the same.
type LabelMetrics struct {
	Name   string  `json:"name"`
	ROCAUC float64 `json:"roc_auc"`
	MAPAtR float64 `json:"map_at_r"` // over the items that another one is the same as
}

// labelText returns in one line what figures say that are over all pairs of items of which labels tell.
func labelText(figures []LabelMetrics) string {
	var parts []string
	for _, f := range figures {
		parts = append(parts, fmt.Sprintf("%s: MAP@R %.4f, ROC-AUC %.4f", f.Name, f.MAPAtR, f.ROCAUC))
	}
	return "over all pairs of the test items that their labels tell of (no interval): " + strings.Join(parts, "; ")
}
