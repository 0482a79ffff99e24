package metric_test

import (
	"context"
	"fmt"
	"log"

	"github.com/go-siamese/lab/siamese/metric"
)

// Six items of two classes, as directions in the plane.
var (
	embeddings = []float32{1, 0, 4, 1, 2, 1, 0, 1, 1, 4, 3, 2}
	labels     = []int32{0, 0, 0, 1, 1, 1}
)

func ExampleAllPairs() {
	r, err := metric.AllPairs(context.Background(), embeddings, labels, metric.Options{
		Verification: metric.VerificationOptions{Thresholds: []float64{.8}}, // frozen, for instance on validation items
		Ks:           []int{1, 3},
	})
	if err != nil {
		log.Fatal(err)
	}
	recall, _ := r.Retrieval.Recall(1)
	fmt.Printf("ROC-AUC %.3f, EER %.3f at %.3f\n", r.Verification.ROCAUC, r.Verification.EER,
		r.Verification.EERThreshold)
	fmt.Printf("balanced accuracy at .8: %.3f\n", r.Verification.At[0].BalancedAccuracy())
	fmt.Printf("MAP@R %.3f, Recall@1 %.3f\n", r.Retrieval.MAPAtR, recall)
	for _, w := range r.AllWarnings().Strings() {
		fmt.Println("warning:", w)
	}
	// Output:
	// ROC-AUC 0.778, EER 0.333 at 0.832
	// balanced accuracy at .8: 0.667
	// MAP@R 0.708, Recall@1 0.667
	// warning: 4 of the wanted false positive rates are finer than 9 negatives can show: their FNR is that of accepting none
}

func ExampleVerify() {
	scores := []float64{.9, .8, .7, .6, .4, .2}
	same := []bool{true, true, false, true, false, false}
	v, err := metric.Verify(scores, same, nil, metric.VerificationOptions{FPRs: []float64{.5}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ROC-AUC %.3f, average precision %.3f\n", v.ROCAUC, v.Natural.AveragePrecision)
	fmt.Printf("best accuracy %.3f at %v\n", v.Natural.BestAccuracy.Value, v.Natural.BestAccuracy.Threshold)
	// Output:
	// ROC-AUC 0.889, average precision 0.917
	// best accuracy 0.833 at 0.8
}
