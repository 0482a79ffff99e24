package siamese_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/describe"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/stats"
)

// Results print as sentences, and names in them as text whatever they hold.
func TestResultsPrint(t *testing.T) {
	const name = "a\x1b[2J\nb\u202e"
	const shown = `a\x1b[2J\nb\u202e`
	estimate := stats.Estimate{Interval: stats.Interval{Value: .5, Low: .4, High: .6}}
	separation := explained.Separation{MAPAtR: .5, ROCAUC: .75}
	attribution := explained.Attribution{Same: .1, Different: -.2, Magnitude: .3}
	for _, c := range []struct {
		value any
		want  string
	}{
		{data.Block{Name: name, Start: 3, End: 7}, `"` + shown + `": 4 columns from number 3 on`},
		{&duplicates.Duplicates{Exact: [][]int{{1, 2, 5}}, Near: [][]int{{1, 2, 5}}},
			"exact duplicates: 2 beyond the first of 1 groups; near ones were not looked for"},
		{&duplicates.Duplicates{Near: [][]int{{1, 2}, {3, 4}}, Threshold: .9, PairCount: 2, Blank: []int{9}},
			"exact duplicates: 0 beyond the first of 0 groups; with near ones (similarity 0.9 and up): 2 beyond the " +
				"first of 2 groups, 2 pairs; 1 items have no value to compare"},
		{duplicates.NearPair{I: 3, J: 7, Similarity: .98}, "items 3 and 7 (similarity 0.9800)"},
		{describe.BlockStats{Name: name, Columns: 2, Constant: 1, Max: 1},
			`"` + shown + `": 2 columns (1 constant), from 0 to 1, mean 0, std 0`},
		{describe.ColumnStats{Name: name, Max: 2, Median: 1, Missing: 3},
			`"` + shown + `": from 0 to 2, quartiles 0, 1 and 0, mean 0, std 0, 3 missing`},
		{describe.Outlier{ID: name, Column: name, Value: 9, Distance: 5},
			`9 in column "` + shown + `" of item "` + shown + `", 5 spreads out`},
		{describe.ItemCount{ID: name, Columns: 1}, `item "` + shown + `", an outlier in 1 column`},
		{describe.ClassStats{Name: name, Items: 1, Domains: 2}, `class "` + shown + `" with 1 item of 2 domains`},
		{describe.DomainStats{Name: name, Items: 5, Classes: 1, Unlabelled: 2},
			`domain "` + shown + `" with 5 items of 1 class (2 without a label)`},
		{&images.Image{W: 28, H: 20, C: 1}, "28 x 20 pixels, grey"},
		{&images.Images{Items: make([]images.Image, 2), Labels: []string{"a", ""}}, "2 images, classes: 1"},
		{images.File{ID: name, Label: "x", Size: 7}, `"` + shown + `", label x, 7 bytes`},
		{&images.Folder{Path: name}, `"` + shown + `": 0 images, 0 other files ignored`},
		{&images.IDX{Dims: []int{3, 2}}, "3 x 2 values"},
		{preprocess.Array{Name: "mean", Shape: []int{4}}, "mean [4]"},
		{split.Origin{}, "made by hand"},
		{split.Origin{Kind: split.ByItem, Val: .1, Test: 20, Stratify: true, Duplicates: true},
			"items, val 0.1, test 20, stratified, exact duplicates together"},
		{table.Pairs{Label: make([]float32, 2)}, "2 pairs"},
		{pairs.Pairs{Left: []int32{0, 0}, Right: []int32{1, 2}, Label: []float32{1, 0}},
			"2 pairs: 1 same, 1 different"},
		{pairs.Lost{Same: 1, Different: 2}, "1 same and 2 different pairs lost"},
		{&embedding.Embeddings{N: 2, E: 3, Unseen: []string{name}},
			`2 embeddings of 3 numbers; warning: no training item was of domain ["` + shown +
				`"]: the model was not tested there`},
		{embedding.Neighbour{Item: 4, Cosine: .5}, "item 4 (cosine 0.5000)"},
		{[][]embedding.Neighbour{{{Item: 4, Cosine: .5}}}, "[[item 4 (cosine 0.5000)]]"},
		{separation, "MAP@R 0.5000, ROC-AUC 0.7500"},
		{explained.SeparationIntervals{MAPAtR: estimate, ROCAUC: estimate},
			"MAP@R 0.5000 [0.4000, 0.6000], ROC-AUC 0.5000 [0.4000, 0.6000]"},
		{explained.Change{}, "MAP@R 0.0000 [0.0000, 0.0000], ROC-AUC 0.0000 [0.0000, 0.0000]"},
		{attribution, "+0.1000 in same, -0.2000 in different pairs, magnitude 0.3000"},
		{explained.BlockEffect{Name: name, Columns: 2, LeaveOneOut: separation, Only: separation,
			Attribution: attribution},
			`"` + shown + `" (2 columns): without it MAP@R 0.5000, ROC-AUC 0.7500; only it MAP@R 0.5000, ROC-AUC ` +
				"0.7500; +0.1000 in same, -0.2000 in different pairs, magnitude 0.3000"},
		{explained.FeatureEffect{Name: name, Block: "b", Attribution: attribution}, `"` + shown +
			`" of block b: +0.1000 in same, -0.2000 in different pairs, magnitude 0.3000`},
		{explained.BlockPart{Name: "b", Columns: 2, Part: -.1, StandardError: .01}, "b: -0.1000 ± 0.0100 (2 columns)"},
		{explained.FeaturePart{Name: "f", Block: "b", Part: .1, Left: 1, Right: -1},
			"f of block b: +0.1000, values +1.00 and -1.00 standard deviations"},
		{estimate, "0.500 [0.400, 0.600]"},
		{stats.Bin{Low: .1, High: .2, Pairs: 5, Mean: .15, Share: estimate.Interval},
			"probability 0.150 (0.100 to 0.200): 5 pairs, share of positives 0.500 [0.400, 0.600]"},
		{&stats.Calibration{Method: stats.Platt, Slope: 2, Offset: -1, Pairs: 8, Fitted: .5, Prevalence: .01},
			"platt calibration (slope 2, offset -1), fitted on 8 pairs of which 50 % are positive, for a " +
				"prevalence of 1 %"},
		{&stats.Reliability{Pairs: 9, Brier: .1, Uncertainty: .25, ECE: .02},
			"Brier score 0.1000 (0.2500 without any knowledge), expected calibration error 0.0200, on 9 pairs"},
		{stats.ThresholdMetrics{Threshold: .5, Accuracy: estimate, FPR: estimate, FNR: estimate},
			"threshold 0.500: accuracy 0.500 [0.400, 0.600], FPR 0.500 [0.400, 0.600], FNR 0.500 [0.400, 0.600]"},
		{stats.System{Name: name, Runs: make([]stats.Run, 2)}, `"` + shown + `": 2 runs`},
		{stats.ByKey(stats.ROCAUC), "ROC-AUC"},
		{stats.LabelledPairs{Label: make([]float32, 3)}, "3 labelled pairs"},
	} {
		got := fmt.Sprint(c.value)
		if got != c.want {
			t.Errorf("%T prints as\n%q, want\n%q", c.value, got, c.want)
		}
		if strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%T: a control character in %q", c.value, got)
		}
	}
}
