package siamese_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/extract"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/protocol"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/show"
	"github.com/go-siamese/lab/siamese/signtest"
	"github.com/go-siamese/lab/siamese/stats"
	"github.com/go-siamese/lab/siamese/study"
)

func TestResultsPrintAsSentences(t *testing.T) {
	epoch := siamese.Epoch{Number: 3, Loss: .1, ValLoss: .03, ValAUC: .99, ValMAP: .8}
	for want, value := range map[string]any{
		"different (cosine 0.0302, probability 0.006 that they are the same)": siamese.Score{Cosine: .0302,
			Probability: .0056, Calibrated: true},
		"the same (cosine 0.9000); warning: a domain is new": &siamese.Score{Cosine: .9, Same: true,
			Warnings: []string{"a domain is new"}},
		"epoch 3: loss 0.1000; validation loss 0.0300, ROC-AUC 0.9900, MAP@R 0.8000": epoch,
		"trained 3 epochs": siamese.Progress{Epoch: 3, Ended: true},
		"mean cosine 0.000 of same and 0.500 of different pairs, effective rank 2.0, 1 zero embeddings": history.Diagnostics{
			MeanSame: -.0001, MeanDifferent: .5, EffectiveRank: 2, Zero: 1},
		"a model without layers":                  &siamese.Model{},
		"m: a model without layers":               evaluate.Model{Name: "m", Model: &siamese.Model{}},
		"dense layer, 9 to 4":                     encoder.Layer{In: 9, Out: 4},
		"[@1 0.5000]":                             []metric.AtK{{K: 1, Value: .5}},
		"threshold 0.500: FPR 0.1000, FNR 0.2000": metric.CurvePoint{Threshold: .5, FPR: .1, FNR: .2},
		"threshold 0.500: 3 of 4 same pairs and 1 of 6 different ones are accepted": metric.Counts{Threshold: .5, TP: 3,
			FN: 1, FP: 1, TN: 5},
		"0.9000 at threshold 0.500 (FPR 0.1000, FNR 0.1000)": metric.Choice{Threshold: .5, Value: .9, FPR: .1, FNR: .1},
		"ROC-AUC 0.9000, EER 0.2000 at threshold 0.500, of 4 same and 6 different pairs": metric.Verification{ROCAUC: .9,
			EER: .2, EERThreshold: .5, Positives: 4, Negatives: 6},
		"MAP@R 0.8000, R-Precision 0.7000, MRR 0.9000, Recall@1 0.8500, of 5 queries": metric.Retrieval{MAPAtR: .8,
			RPrecision: .7, MRR: .9, RecallAt: []metric.AtK{{K: 1, Value: .85}}, Queries: 5},
		"3 of 4 items of 2 classes are taken for their own class": metric.ConfusionMatrix{Classes: []int32{0, 1},
			Counts: [][]int{{1, 1}, {0, 2}}},
		"3 clusters of 2 items: AMI 0.5000, NMI 0.6000": metric.Clustering{K: 3, Assign: make([]int32, 2), AMI: .5,
			NMI: .6},
		"items 3 and 7 (score 0.9800)":            metric.ScoredPair{Left: 3, Right: 7, Score: .98},
		"accuracy 0.9000, FPR 0.1000, FNR 0.1000": report.AtThreshold{Accuracy: .9, FPR: .1, FNR: .1},
		"trained encoder: ROC-AUC 0.9900, MAP@R 0.8000, threshold 0.500": report.Metrics{Name: report.TrainedName,
			Values: map[string]float64{stats.MAPAtR: .8, stats.ROCAUC: .99}, Threshold: .5},
		`class "shoe": 1 items, too few for metrics`:     report.ClassDetail{Class: "shoe", Items: 1},
		`3 items of "shoe" are nearest to one of "boot"`: report.Confusion{Class: "shoe", Nearest: "boot", Items: 3},
		`"a" ("x") and "b" ("y"), cosine 0.900`: report.HardPair{Left: "a", Right: "b", LeftClass: "x", RightClass: "y",
			Cosine: .9},
		"split: s.json": report.Fact{Name: "split", Value: "s.json"},
		"MAP@R +0.100 against the linear discriminants of training items": report.Lead{Metric: "MAP@R", Value: .1,
			Against: report.LDAName},
		"above in 3, below in 2, equal in 1; from -0.1 to +0.2, sign test p 1": signtest.Signs{Above: 3, Below: 2,
			Ties: 1,
			Low:  -.1, High: .2, P: 1},
		"default": study.Trial{Name: "default"},
		"default: 0 epochs in 2.0 s": &study.TrialResult{Trial: study.Trial{Name: "default"}, Result: &siamese.Result{},
			Seconds: 2},
		"fold 1: 80 training, 10 validation and 10 test items, 2 seeds": protocol.Fold{Number: 1, Train: 80,
			Val:  10,
			Test: 10, Seeds: []uint64{1, 2}},
		"MAP@R 0.8000":       protocol.Metric{Name: "MAP@R", Value: .8},
		"3 of 5 images done": extract.Progress{Total: 5, Done: 3},
		"co-occurrence of 8 levels, at 1 distances and 4 angles": &features.CoMatrix{Levels: 8, Distances: 1,
			Angles: 4},
		`id "name", 1 features, 1 left out`: &data.Assignment{Names: []string{"name", "x", "y"},
			Roles: []data.Role{data.RoleID, data.RoleFeature, data.RoleIgnore}},
		"words": show.Output{Text: "words"},
	} {
		got := fmt.Sprint(value)
		if got != want {
			t.Errorf("%T prints as\n%q, want\n%q", value, got, want)
		}
		if strings.ContainsAny(got, "{}") {
			t.Errorf("%T prints fields in braces: %s", value, got)
		}
	}
}
