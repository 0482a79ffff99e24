package evaluate

import (
	"slices"
	"testing"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
)

// Thresholds are chosen on the pairs of validation items alone, and what they do on both sides is what loops over pairs
// say.
func TestThresholds(t *testing.T) {
	backend := devicetest.Go(t)
	val, test := labtest.PositiveToy("v", 3, 8, 1), labtest.PositiveToy("e", 4, 9, 2)
	m := toymodel.Identity(val.Columns, []float32{0})
	defer m.Close()
	m.Threshold = 0.6
	opt := Options{Details: true, NoIntervals: true, CostFP: 1, CostFN: 9}
	rep, err := itemsOf(t.Context(), backend, m, "new items", val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	at := func(z *embedding.Embeddings, labels []string, threshold float64) report.AtThreshold {
		var c metric.Counts
		for i := range z.N {
			for j := range i {
				same, is := z.Cosine(i, j) >= threshold, labels[i] == labels[j]
				switch {
				case same && is:
					c.TP++
				case same:
					c.FP++
				case is:
					c.FN++
				default:
					c.TN++
				}
			}
		}
		return report.NewAtThreshold(c)
	}
	onVal, onTest := toymodel.Embed(t, m, backend, val), toymodel.Embed(t, m, backend, test)
	all := rep.Details.Of[0].Thresholds
	var names []string
	least, cheapest := 0.0, report.ThresholdDetail{}
	for _, d := range all {
		names = append(names, d.Name)
		if d.Name == "equal error rates" { // between two pairs
			if gap := d.Validation.FPR - at(onVal, val.Labels, d.Threshold).FPR; gap > .1 || gap < -.1 {
				t.Errorf("%+v", d)
			}
			continue
		}
		// A cosine and its threshold may differ in the last digit of a float32.
		low, high := at(onVal, val.Labels, d.Threshold+1e-6), at(onVal, val.Labels, d.Threshold-1e-6)
		if d.Validation.FPR < low.FPR-1e-12 || d.Validation.FPR > high.FPR+1e-12 || d.Validation.FNR > low.FNR+1e-12 ||
			d.Validation.FNR < high.FNR-1e-12 {
			t.Errorf("%+v, want %+v to %+v on validation items", d, low, high)
		}
		if low, high = at(onTest, test.Labels, d.Threshold+1e-6),
			at(onTest, test.Labels, d.Threshold-1e-6); d.Test.FPR < low.FPR-1e-12 || d.Test.FPR > high.FPR+1e-12 {
			t.Errorf("%+v, want %+v to %+v on test items", d, low, high)
		}
		if v := d.Validation; v.Accuracy > least {
			least = v.Accuracy
		}
		if len(d.Name) > 10 && d.Name[:10] == "least cost" {
			cheapest = d
		}
	}
	want := []string{report.FrozenName, "best accuracy", "best balanced accuracy", "best F1",
		"least cost, 1 and 9 for a wrong same and a wrong different",
		"equal error rates", "FPR of at most 0.1", "FPR of at most 0.01", "FPR of at most 0.001",
		"FPR of at most 0.0001"}
	if !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	if all[2].Validation.Accuracy < least-1e-12 || all[0].Threshold != 0.6 || all[6].Validation.FPR > .1 ||
		cheapest.Validation.FNR > all[1].Validation.FNR {
		t.Errorf("%+v", all)
	}
	slices.Reverse(test.Labels)
	again, err := itemsOf(t.Context(), backend, m, "new items", val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	for k, d := range again.Details.Of[0].Thresholds {
		if d.Threshold != all[k].Threshold || d.Validation != all[k].Validation {
			t.Errorf("the labels of test items changed %+v to %+v", all[k], d)
		}
	}
	opt.CostFN = -1
	_, err = itemsOf(t.Context(), backend, m, "new items", val, test, opt)
	labtest.WantOptions(t, err, "CostFN")
}
