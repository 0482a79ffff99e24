package siamese

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/metric"
)

// frozenName is what the threshold is called that the figures of a report are at.
const frozenName = "of the report: best accuracy on drawn pairs"

// thresholds returns the threshold that is frozen already and those that figures over all pairs of validation items choose, with
// what they do there.
func thresholds(v metric.Verification, costFP, costFN float64) []ThresholdDetail {
	out := []ThresholdDetail{{Name: frozenName, Threshold: v.At[0].Threshold, Validation: atThreshold(v.At[0])}}
	if v.Positives == 0 || v.Negatives == 0 {
		return out // nothing else can be chosen
	}
	add := func(name string, threshold, fpr, fnr float64) {
		out = append(out, ThresholdDetail{Name: name, Threshold: threshold, Validation: AtThreshold{1 - (fpr+fnr)/2, fpr, fnr}})
	}
	choose := func(name string, c metric.Choice) { add(name, c.Threshold, c.FPR, c.FNR) }
	choose("best accuracy", v.Natural.BestAccuracy)
	choose("best balanced accuracy", v.Balanced.BestAccuracy)
	choose("best F1", v.Natural.BestF1)
	if costFP != costFN { // else it is that of the best accuracy
		choose(fmt.Sprintf("least cost, %g and %g for a wrong same and a wrong different", costFP, costFN), v.Natural.MinCost)
	}
	add("equal error rates", v.EERThreshold, v.EER, v.EER)
	for _, p := range v.FNRAtFPR {
		add(fmt.Sprintf("FPR of at most %g", p.Want), p.Threshold, p.FPR, p.FNR)
	}
	return out
}
