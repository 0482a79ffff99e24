package report

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/stats"
)

// named returns metrics by key as a list with their names, in the order of the registry.
func named(values map[string]float64) string {
	var parts []string
	for _, m := range stats.Registry() {
		if v, ok := values[m.Key]; ok && m.Narrow {
			parts = append(parts, m.Name+" "+decimal.Fixed(v, 4))
		}
	}
	return strings.Join(parts, ", ")
}

// String returns the metrics of narrow tables, and the threshold.
func (m Metrics) String() string {
	return fmt.Sprintf("%s: %s, threshold %s", m.Name, named(m.Values), decimal.Fixed(m.Threshold, 3))
}

// String returns the rates.
func (a AtThreshold) String() string {
	return fmt.Sprintf("accuracy %s, FPR %s, FNR %s", decimal.Fixed(a.Accuracy, 4), decimal.Fixed(a.FPR, 4),
		decimal.Fixed(a.FNR, 4))
}

// String returns the metrics over labelled pairs.
func (m LabelMetrics) String() string { return m.Name + ": " + named(m.Values) }

// String returns what the threshold does on both sides.
func (t ThresholdDetail) String() string {
	return fmt.Sprintf("threshold %s (%s): on validation %s; on the test %s", decimal.Fixed(t.Threshold, 3), t.Name,
		t.Validation, t.Test)
}

// String returns the metrics of the class.
func (c ClassDetail) String() string {
	if c.Lone() {
		return fmt.Sprintf("class %q: %d items, too few for metrics", c.Class, c.Items)
	}
	return fmt.Sprintf("class %q: %d items, MAP@R %s, Recall@1 %s, ROC-AUC %s, EER %s", c.Class, c.Items,
		decimal.Fixed(c.MAPAtR, 4), decimal.Fixed(c.RecallAt1, 4), decimal.Fixed(c.ROCAUC, 4), decimal.Fixed(c.EER, 4))
}

// String returns the metrics of queries of one domain among references of the other.
func (d DomainDetail) String() string {
	return fmt.Sprintf("%d of %q among %d of %q: MAP@R %s, Recall@1 %s, ROC-AUC %s, EER %s", d.Queries, d.Query,
		d.References, d.Reference, decimal.Fixed(d.MAPAtR, 4), decimal.Fixed(d.RecallAt1, 4),
		decimal.Fixed(d.ROCAUC, 4),
		decimal.Fixed(d.EER, 4))
}

// String returns how many items of a class are nearest to one of another.
func (c Confusion) String() string {
	return fmt.Sprintf("%d items of %q are nearest to one of %q", c.Items, c.Class, c.Nearest)
}

// String returns the items with their classes, where they have any, and the cosine.
func (p HardPair) String() string {
	left, right := fmt.Sprintf("%q", p.Left), fmt.Sprintf("%q", p.Right)
	if p.LeftClass != "" || p.RightClass != "" {
		left, right = fmt.Sprintf("%s (%q)", left, p.LeftClass), fmt.Sprintf("%s (%q)", right, p.RightClass)
	}
	return fmt.Sprintf("%s and %s, cosine %s", left, right, decimal.Fixed(p.Cosine, 3))
}

// String returns how well the clusters fit the classes.
func (c Clusters) String() string {
	return fmt.Sprintf("%d clusters of %d items: AMI %s, NMI %s", c.K, c.Items, decimal.Fixed(c.AMI, 4),
		decimal.Fixed(c.NMI, 4))
}

// String returns how much of the variance the map shows.
func (m Map) String() string {
	return fmt.Sprintf("map of %d items: %.0f %% of the variance along x, %.0f %% along y", len(m.X), 100*m.Share[0],
		100*m.Share[1])
}

// String returns the fact.
func (f Fact) String() string { return f.Name + ": " + f.Value }

// String returns the item with its class.
func (i ShownItem) String() string { return fmt.Sprintf("%q (%q)", i.ID, i.Class) }

// String returns how many pairs of how many items these are.
func (p ItemPairs) String() string {
	if p.Items == nil {
		return "no pairs"
	}
	return fmt.Sprintf("%d pairs of %d items", p.Pairs.Len(), p.Items.N())
}

// String returns the metrics that only details have.
func (d Detail) String() string {
	return fmt.Sprintf("%s: average precision %s, R-Precision %s, mean reciprocal rank %s; %d classes", d.Name,
		decimal.Fixed(d.AveragePrecision, 4), decimal.Fixed(d.RPrecision, 4), decimal.Fixed(d.MRR, 4), len(d.Classes))
}

// String returns the details of each method, a line each.
func (d Details) String() string {
	var lines []string
	for _, one := range d.Of {
		lines = append(lines, one.String())
	}
	return strings.Join(lines, "\n")
}
