package report

import (
	"cmp"
	"slices"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// Details holds what a page shows of an evaluation beyond its metrics, exact over all pairs of test items, or over
// given pairs by their weights, except where a field says otherwise. Given pairs have curves, histograms, the hardest
// pairs and cosines only. [evaluate.Options.Details] asks for them.
type Details struct {
	// Of holds the trained encoder, then the best untrained features (see [Report.Untrained]).
	Of []*Detail `json:"of"`

	Cosines *PairCosines `json:"cosines,omitempty"` // of given pairs; nil for more than [KeptPairs]

	// Shown are the items of the embedding maps, in the order of their points: all test items up to 2,000, else as many
	// drawn at random.
	Shown []ShownItem `json:"shown,omitempty"`

	// ClassesLeftOut is the number of classes that the tables do not have: of more than 200 classes they have those
	// that the trained encoder does worst on.
	ClassesLeftOut int `json:"classes_left_out,omitempty"`

	Config config.Config `json:"config"` // of the model
	// Facts are what else is known about how the report was made; free to the caller.
	Facts []Fact `json:"facts,omitempty"`
}

// Fact is a name with its value, such as "split" and its hash.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// ShownItem is an item on an embedding map.
type ShownItem struct {
	ID    string `json:"id"`
	Class string `json:"class,omitempty"` // "" = it has no label
}

// Detail is how one method does on the test items or given pairs, in detail.
type Detail struct {
	Name string `json:"name"`

	// AveragePrecision is the mean precision over the same pairs, with as many same pairs as there are.
	AveragePrecision float64 `json:"average_precision,omitempty"`
	// BalancedPrecision is the same with pairs weighed so that half of them are same: unlike AveragePrecision it can be
	// compared between tests with other numbers of classes.
	BalancedPrecision float64                 `json:"balanced_average_precision,omitempty"`
	FNRAtFPR          []metric.OperatingPoint `json:"fnr_at_fpr,omitempty"` // at FPR 1e-1 to 1e-4
	// Curve is that of ROC and DET, thinned to some hundred points.
	Curve     []metric.CurvePoint `json:"curve,omitempty"`
	Histogram *metric.Histogram   `json:"histogram,omitempty"`

	Thresholds []ThresholdDetail `json:"thresholds,omitempty"`

	RPrecision float64      `json:"r_precision,omitempty"`
	MRR        float64      `json:"mrr,omitempty"`
	RecallAt   []metric.AtK `json:"recall_at,omitempty"`
	NDCGAt     []metric.AtK `json:"ndcg_at,omitempty"`
	KNNAt      []metric.AtK `json:"knn_at,omitempty"` // accuracy of a vote of the K nearest

	Clusters *Clusters `json:"clusters,omitempty"` // nil where fewer than two items have a label

	Classes    []ClassDetail  `json:"classes,omitempty"` // by name
	Macro      metric.Macro   `json:"macro,omitzero"`    // means over all classes, each counting the same
	Confusions []Confusion    `json:"confusions,omitempty"`
	Domains    []DomainDetail `json:"domains,omitempty"` // every ordered pair; nil for one domain, or more than 12
	MacroPairs *metric.Macro  `json:"macro_domains,omitempty"`
	// Same are the pairs of one class that are least similar, the hardest first.
	Same []HardPair `json:"hardest_same,omitempty"`
	// Different are the pairs of different classes that are most similar, the hardest first.
	Different []HardPair `json:"hardest_different,omitempty"`
	Map       *Map       `json:"map,omitempty"` // nil where items do not vary in two directions

	// Low and High are the ends of the intervals of all metrics, each in its place, for other items of the same
	// classes; they have nothing but metrics. They come from subsamples of the items (see [stats.SubsampleInterval]),
	// except for what the report has with its other metrics and for what thresholds do to validation items (see
	// [stats.Thresholds]). A metric that is not defined on most subsamples, such as one of a class of two items, has
	// the interval from 0 to 1. nil where no intervals were wanted, and for fewer than four items.
	Low  *Detail `json:"low,omitempty"`
	High *Detail `json:"high,omitempty"`
}

// ThresholdDetail is what a threshold does that was chosen on validation items and frozen. To use one in place of the
// model's, set siamese.Model.Threshold to it and save the model.
type ThresholdDetail struct {
	Name       string      `json:"name"` // by what it was chosen
	Threshold  float64     `json:"threshold"`
	Validation AtThreshold `json:"validation"` // on all pairs of the validation items
	// Test is on all pairs of the test items; its difference from Validation is the generalisation gap.
	Test AtThreshold `json:"test"`
}

// ClassDetail is how one class does against all others.
type ClassDetail struct {
	Class string `json:"class"`
	Items int    `json:"items"`
	New   bool   `json:"new,omitempty"` // no validation item has the class, and no training item where these were given

	ROCAUC    float64 `json:"roc_auc"`         // over pairs with an item of the class
	EER       float64 `json:"eer"`             // over the same pairs
	MAPAtR    float64 `json:"map_at_r"`        // its items as queries among all
	RecallAt1 float64 `json:"recall_at_1"`     // the same
	Right     int     `json:"right,omitempty"` // items whose nearest other item is of the class

	// Change is by how much training changes MAP@R, with its interval; only the trained encoder has it, where intervals
	// were wanted and the class has two items or more.
	Change *stats.Interval `json:"change,omitempty"`
}

// Lone returns whether the class has one item only, so that its metrics are not defined.
func (c ClassDetail) Lone() bool { return c.Items < 2 }

// DomainDetail is how items of one domain as queries do among those of another, or the same.
type DomainDetail struct {
	Query      string  `json:"query"`
	Reference  string  `json:"reference"`
	Queries    int     `json:"queries"`
	References int     `json:"references"`
	ROCAUC     float64 `json:"roc_auc"`
	EER        float64 `json:"eer"`
	MAPAtR     float64 `json:"map_at_r"`
	RecallAt1  float64 `json:"recall_at_1"`
	// Lone counts queries with no item of their class among the references. Means leave them out.
	Lone int `json:"lone,omitempty"`
}

// Empty returns whether no query has an item of its class among the references, so that the metrics are not defined.
func (d DomainDetail) Empty() bool { return d.Lone == d.Queries }

// Confusion counts the items of one class whose nearest other item is of another. The most frequent come first, at most
// 600 of them.
type Confusion struct {
	Class   string `json:"class"`
	Nearest string `json:"nearest"` // "" = an item without a label
	Items   int    `json:"items"`
}

// HardPair is a pair of items that similarity gets wrong, or nearly so. Of the 600 hardest pairs of a kind the first 24
// are kept in which no item is more than three times.
type HardPair struct {
	Left       string  `json:"left"` // id
	Right      string  `json:"right"`
	LeftClass  string  `json:"left_class"` // "" = no label
	RightClass string  `json:"right_class"`
	Cosine     float64 `json:"cosine"`
}

// Clusters is how well clusters found without labels match the classes.
type Clusters struct {
	Items int `json:"items"` // items with a label, or 5,000 of them drawn at random
	K     int `json:"k"`     // clusters of k-means: as many as classes
	// AMI is the adjusted mutual information: 0 on average for random clusters, 1 for those of the classes.
	AMI float64 `json:"ami"`
	// NMI is the normalised mutual information. It is not adjusted for chance: many random clusters have more.
	NMI float64 `json:"nmi"`
}

// Map places items in the plane: their embeddings on the two directions in which they vary most (principal components).
// The directions are those of the shown items, or of 500 of them where embeddings are wider than 500 numbers; no metric
// depends on them. There is no t-SNE or UMAP, for lack of a maintained Go library for either.
type Map struct {
	X     []float64  `json:"x"`
	Y     []float64  `json:"y"`
	Share [2]float64 `json:"share"` // of the variance along x and along y
}

// CutClasses leaves at most so many classes in the tables of all methods: those with the lowest MAP@R of the trained
// encoder, in their order. Classes of one item, which have no metrics, are the first to go. ClassesLeftOut counts what
// was cut. Below 1 none is left.
func (d *Details) CutClasses(most int) {
	most = max(0, most)
	if len(d.Of) == 0 || len(d.Of[0].Classes) <= most {
		return
	}
	all := d.Of[0].Classes
	worst := make([]int, len(all))
	for k := range worst {
		worst[k] = k
	}
	slices.SortStableFunc(worst, func(a, b int) int {
		if all[a].Lone() != all[b].Lone() {
			if all[a].Lone() {
				return 1
			}
			return -1
		}
		return cmp.Compare(all[a].MAPAtR, all[b].MAPAtR)
	})
	// By the trained encoder for both methods, whose tables have the same rows.
	kept := slices.Sorted(slices.Values(worst[:most]))
	for _, one := range d.Of {
		var left []ClassDetail
		for _, k := range kept {
			left = append(left, one.Classes[k])
		}
		one.Classes = left
	}
	d.ClassesLeftOut = len(all) - most
}

// Slim returns options for the metrics that tables by class and domain show, and no others: MAP@R, Recall@1, ROC-AUC
// and EER.
func Slim() metric.Options {
	return metric.Options{Ks: []int{1}, Verification: metric.VerificationOptions{FPRs: []float64{}}}
}
