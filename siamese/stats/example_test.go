package stats_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"github.com/go-siamese/lab/siamese/stats"
)

// Validation pairs are drawn half and half; in the collection one pair in twenty is the same.
func ExampleFitCalibration() {
	scores := []float64{.95, .9, .85, .7, .6, .65, .5, .4, .3, .1}
	same := []bool{true, true, true, true, true, false, false, false, false, false}
	c, warnings, err := stats.FitCalibration(stats.Platt, scores, same, nil)
	if err != nil {
		log.Fatal(err)
	}
	rare, err := c.At(.05)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range []float64{.5, .7, .9} {
		fmt.Printf("similarity %.1f: %.2f, where few are the same %.2f\n", s, c.Probability(s), rare.Probability(s))
	}
	fmt.Println(len(warnings), "warnings")
	// Output:
	// similarity 0.5: 0.35, where few are the same 0.03
	// similarity 0.7: 0.63, where few are the same 0.08
	// similarity 0.9: 0.85, where few are the same 0.23
	// 0 warnings
}

func ExampleMeasureReliability() {
	probabilities := []float64{.1, .1, .1, .1, .1, .8, .8, .8, .8, .8}
	same := []bool{false, false, false, false, true, true, true, true, true, false}
	r, err := stats.MeasureReliability(probabilities, same, nil, stats.ReliabilityOptions{Bins: 2})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Brier %.3f, expected calibration error %.3f\n", r.Brier, r.ECE)
	for _, b := range r.EqualWidth {
		fmt.Printf("called %.2f: %s of %d pairs are the same\n", b.Mean, b.Share, b.Pairs)
	}
	// Output:
	// Brier 0.165, expected calibration error 0.050
	// called 0.10: 0.200 [0.036, 0.624] of 5 pairs are the same
	// called 0.80: 0.800 [0.376, 0.964] of 5 pairs are the same
}

// Two encoders on the same forty items of eight classes: confidence intervals, and whether they differ.
func ExampleCompare() {
	items := func(noise float64) (values []float32, labels []int32) {
		for i := range 40 {
			angle := float64(i%8)*math.Pi/4 + noise*math.Sin(float64(i*i))
			values = append(values, float32(math.Cos(angle)), float32(math.Sin(angle)))
			labels = append(labels, int32(i%8))
		}
		return values, labels
	}
	before, labels := items(.7)
	after, _ := items(.4)
	const threshold = .8 // of both, frozen on other items
	a, b := stats.One("before", before, threshold), stats.One("after", after, threshold)
	f, err := stats.Intervals(context.Background(), b, labels, stats.Options{Method: stats.Delta})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("ROC-AUC", f.Estimates[stats.ROCAUC])
	c, err := stats.Compare(context.Background(), a, []stats.System{b}, labels, stats.Options{Method: stats.Delta})
	if err != nil {
		log.Fatal(err)
	}
	d := c.Comparisons[0]
	fmt.Println("ROC-AUC", d.Differences[stats.ROCAUC])
	fmt.Println("MAP@R", d.Differences[stats.MAPAtR])
	// Output:
	// ROC-AUC 0.949 [0.921, 0.968]
	// ROC-AUC +0.080 [+0.056, +0.105], p 1.8e-10
	// MAP@R +0.277 [+0.112, +0.442], p 0.001
}

// Two models on the same sixty labelled pairs of thirty items: whether they differ, where pairs that share an item
// are not independent.
func ExampleComparePairs() {
	var pairs stats.LabelledPairs
	before, after := stats.PairSystem{Name: "before", Threshold: .5}, stats.PairSystem{Name: "after", Threshold: .5}
	for k := range 60 {
		left, right := int32(k%30), int32((k*7+k/30+3)%30)
		if left == right {
			right = (right + 1) % 30
		}
		same := float64((k / 2) % 2)
		noise := math.Sin(float64(k * k))
		pairs.Left, pairs.Right, pairs.Label = append(pairs.Left, left), append(pairs.Right, right),
			append(pairs.Label, float32(same))
		before.Scores, after.Scores = append(before.Scores, .3+.4*same+.4*noise),
			append(after.Scores, .3+.4*same+.3*noise)
	}
	c, err := stats.ComparePairs(context.Background(), before, []stats.PairSystem{after}, pairs, stats.PairOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("ROC-AUC", c[0].Differences[stats.ROCAUC])
	fmt.Println("accuracy", c[0].Differences[stats.Accuracy])
	// Output:
	// ROC-AUC +0.071 [+0.024, +0.118], p 0.0028
	// accuracy +0.083 [+0.002, +0.165], p 0.045
}
