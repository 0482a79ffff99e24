package metric

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/siamese/internal/decimal"
)

// Results print as sentences, for logs and notebooks. Numbers have the digits of reports, four; thresholds three.

// String returns the metric with its K, such as "@5 0.8125".
func (a AtK) String() string { return fmt.Sprintf("@%d %s", a.K, decimal.Fixed(a.Value, 4)) }

// String returns the counts at the threshold.
func (c Counts) String() string {
	return fmt.Sprintf("threshold %s: %g of %g same pairs and %g of %g different ones are accepted",
		decimal.Fixed(c.Threshold, 3), c.TP, c.TP+c.FN, c.FP, c.FP+c.TN)
}

// String returns the value with its threshold and error rates.
func (c Choice) String() string {
	return fmt.Sprintf("%s at threshold %s (FPR %s, FNR %s)", decimal.Fixed(c.Value, 4), decimal.Fixed(c.Threshold, 3),
		decimal.Fixed(c.FPR, 4), decimal.Fixed(c.FNR, 4))
}

// String returns the error rates at the threshold.
func (p CurvePoint) String() string {
	return fmt.Sprintf("threshold %s: FPR %s, FNR %s", decimal.Fixed(p.Threshold, 3), decimal.Fixed(p.FPR, 4),
		decimal.Fixed(p.FNR, 4))
}

// String returns the error rates of the point, and which FPR was asked for.
func (p OperatingPoint) String() string {
	return fmt.Sprintf("at most FPR %g: FNR %s, FPR %s at threshold %s", p.Want, decimal.Fixed(p.FNR, 4),
		decimal.Fixed(p.FPR, 4), decimal.Fixed(p.Threshold, 3))
}

// String returns what depends on the share of same pairs.
func (p Prevalent) String() string {
	return fmt.Sprintf("with %.1f %% same pairs: average precision %s, best accuracy %s, best F1 %s, least cost %s",
		100*p.Prevalence, decimal.Fixed(p.AveragePrecision, 4), p.BestAccuracy, p.BestF1, p.MinCost)
}

// String returns the range and the size of the histogram.
func (h Histogram) String() string {
	var same, different float64
	for _, n := range h.Positives {
		same += n
	}
	for _, n := range h.Negatives {
		different += n
	}
	return fmt.Sprintf("%g same and %g different pairs in %d bins from %s to %s", same, different, len(h.Positives),
		decimal.Fixed(h.Low, 3), decimal.Fixed(h.High, 3))
}

// String returns the rows of the pair and its score.
func (p ScoredPair) String() string {
	return fmt.Sprintf("items %d and %d (score %s)", p.Left, p.Right, decimal.Fixed(p.Score, 4))
}

// String returns the metrics of the query.
func (q QueryMetrics) String() string {
	return fmt.Sprintf("%d of its class: AP@R %s, R-Precision %s, the first at rank %d", q.R, decimal.Fixed(q.APAtR, 4),
		decimal.Fixed(q.RPrecision, 4), q.FirstHit)
}

// String returns the errors by name.
func (r RateErrors) String() string {
	return fmt.Sprintf("standard errors: balanced accuracy %.4f, FPR %.4f, FNR %.4f", r.BalancedAccuracy, r.FPR, r.FNR)
}

// String returns the errors of the metrics of reports.
func (s StandardErrors) String() string {
	return fmt.Sprintf("standard errors: ROC-AUC %.4f, EER %.4f, MAP@R %.4f", s.ROCAUC, s.EER, s.MAPAtR)
}

// String returns the metrics of pairs.
func (v Verification) String() string {
	return fmt.Sprintf("ROC-AUC %s, EER %s at threshold %s, of %g same and %g different pairs",
		decimal.Fixed(v.ROCAUC, 4), decimal.Fixed(v.EER, 4), decimal.Fixed(v.EERThreshold, 3), v.Positives, v.Negatives)
}

// String returns the metrics of a search.
func (r Retrieval) String() string {
	text := fmt.Sprintf("MAP@R %s, R-Precision %s, MRR %s", decimal.Fixed(r.MAPAtR, 4), decimal.Fixed(r.RPrecision, 4),
		decimal.Fixed(r.MRR, 4))
	return text + recall(r.RecallAt) + fmt.Sprintf(", of %d queries", r.Queries)
}

// recall returns the recalls as the end of a list.
func recall(at []AtK) string {
	var b strings.Builder
	for _, a := range at {
		fmt.Fprintf(&b, ", Recall%s", a)
	}
	return b.String()
}

// String returns all metrics, and the warnings.
func (r Result) String() string {
	parts := []string{fmt.Sprintf("%d queries among %d references: %s; %s", r.Queries, r.References, r.Verification,
		r.Retrieval)}
	for _, w := range slices.Concat(r.Warnings, r.Verification.Warnings, r.Retrieval.Warnings) {
		parts = append(parts, "warning: "+w.String())
	}
	return strings.Join(parts, "; ")
}

// String returns the estimated metrics with their errors.
func (e Estimate) String() string {
	if e.Sampled == 0 {
		return e.Result.String()
	}
	return fmt.Sprintf("estimated from %d queries: %s; %s", e.Sampled, e.Result, e.Errors)
}

// String returns the metrics of the class, by its number.
func (c ClassMetrics) String() string {
	return fmt.Sprintf("class %d, %d items: %s; %s", c.Class, c.Items, c.Verification, c.Retrieval)
}

// String returns the metrics of the pair of domains, by their numbers.
func (d DomainMetrics) String() string {
	return fmt.Sprintf("%d queries of domain %d among %d references of domain %d: %s; %s", d.Queries, d.Query,
		d.References, d.Reference, d.Verification, d.Retrieval)
}

// String returns the means.
func (m Macro) String() string {
	return fmt.Sprintf("means of %d groups: ROC-AUC %s, EER %s; of %d groups: MAP@R %s, R-Precision %s, MRR %s",
		m.VerificationGroups, decimal.Fixed(m.ROCAUC, 4), decimal.Fixed(m.EER, 4), m.RetrievalGroups,
		decimal.Fixed(m.MAPAtR, 4), decimal.Fixed(m.RPrecision, 4), decimal.Fixed(m.MRR, 4)) + recall(m.RecallAt)
}

// String returns how well the clusters fit the classes.
func (c Clustering) String() string {
	return fmt.Sprintf("%d clusters of %d items: AMI %s, NMI %s", c.K, len(c.Assign), decimal.Fixed(c.AMI, 4),
		decimal.Fixed(c.NMI, 4))
}

// String returns how many items are taken for their own class.
func (m ConfusionMatrix) String() string {
	right, all := 0, 0
	for i, row := range m.Counts {
		for j, n := range row {
			all += n
			if i == j {
				right += n
			}
		}
	}
	return fmt.Sprintf("%d of %d items of %d classes are taken for their own class", right, all, len(m.Classes))
}
