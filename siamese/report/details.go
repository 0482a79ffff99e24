package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// Details are what a page and a machine want to know of an evaluation beyond its figures. They are exact over all pairs of
// test items like these, except where a field says otherwise. [evaluate.Options.Details] asks for them.
type Details struct {
	// Of holds the trained encoder, then the untrained features that have the highest MAP@R.
	Of []*Detail `json:"of"`

	// Shown are the items of the embedding maps, in the order of their points: all test items up to 2,000, else as many drawn
	// at random.
	Shown []ShownItem `json:"shown,omitempty"`

	ClassesLeftOut int `json:"classes_left_out,omitempty"` // beyond 200 classes the tables have those the trained encoder does worst on

	Config siamese.Config `json:"config"`          // of the model
	Facts  []Fact         `json:"facts,omitempty"` // what else there is to know of how the report was made; free to the caller
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

// Detail is how one kind of similarity does on the test items, in detail.
type Detail struct {
	Name string `json:"name"`

	AveragePrecision  float64                 `json:"average_precision"`          // area under the precision-recall curve, with as many same pairs as there are
	BalancedPrecision float64                 `json:"balanced_average_precision"` // alike, with half of the pairs same
	FNRAtFPR          []metric.OperatingPoint `json:"fnr_at_fpr"`                 // at FPR 1e-1 to 1e-4
	Curve             []metric.CurvePoint     `json:"curve,omitempty"`            // of ROC and DET, thinned to some hundred points
	Histogram         *metric.Histogram       `json:"histogram,omitempty"`

	Thresholds []ThresholdDetail `json:"thresholds,omitempty"`

	RPrecision float64      `json:"r_precision"`
	MRR        float64      `json:"mrr"`
	RecallAt   []metric.AtK `json:"recall_at"`
	NDCGAt     []metric.AtK `json:"ndcg_at"`
	KNNAt      []metric.AtK `json:"knn_at"` // accuracy of a vote of the K nearest

	Clusters *Clusters `json:"clusters,omitempty"` // nil where fewer than two items have a label

	Classes    []ClassDetail  `json:"classes,omitempty"` // by name
	Macro      metric.Macro   `json:"macro"`             // means over all classes, each counting the same
	Confusions []Confusion    `json:"confusions,omitempty"`
	Domains    []DomainDetail `json:"domains,omitempty"` // every ordered pair; nil for one domain, or more than 12
	MacroPairs *metric.Macro  `json:"macro_domains,omitempty"`
	Same       []HardPair     `json:"hardest_same,omitempty"`      // pairs of one class that are least similar, the hardest first
	Different  []HardPair     `json:"hardest_different,omitempty"` // pairs of different classes that are most similar, the hardest first
	Map        *Map           `json:"map,omitempty"`               // nil where items do not vary in two directions

	// Low and High are the ends of the intervals of all figures, each in its place, for other items of the same classes; what is
	// no figure is left out of them. They come from subsamples of the items (see [stats.SubsampleInterval]), but for what the
	// report has with its other figures and for what thresholds do to validation items (see [stats.Thresholds]). From 0 to 1 is a figure
	// that most of these do not define, such as one of a class of two items. nil where no intervals were wanted, and for
	// fewer than four items.
	Low  *Detail `json:"low,omitempty"`
	High *Detail `json:"high,omitempty"`
}

// ThresholdDetail is what a threshold does that was chosen on validation items and frozen. To use one in place of the
// model's, set [siamese.Model.Threshold] to it and save the model.
type ThresholdDetail struct {
	Name       string      `json:"name"` // by what it was chosen
	Threshold  float64     `json:"threshold"`
	Validation AtThreshold `json:"validation"` // on all pairs of the validation items
	Test       AtThreshold `json:"test"`       // on all pairs of the test items; how far it is from Validation is its drift
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

	// Change is by how much training changes MAP@R, with its interval; only the trained encoder has it, where intervals were
	// wanted and the class has two items or more.
	Change *stats.Interval `json:"change,omitempty"`
}

// Lone says whether the class has one item only: its figures are not defined.
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
	Lone       int     `json:"lone,omitempty"` // queries of which the references hold no item of the class: not averaged
}

// Empty says whether no query has an item of its class among the references: the figures are not defined.
func (d DomainDetail) Empty() bool { return d.Lone == d.Queries }

// Confusion counts the items of one class whose nearest other item is of another. The most frequent come first, at most
// 600 of them.
type Confusion struct {
	Class   string `json:"class"`
	Nearest string `json:"nearest"` // "" = an item without a label
	Items   int    `json:"items"`
}

// HardPair is a pair of items that similarity gets wrong, or nearly so. Of the 600 hardest pairs of a kind the first 24 are
// kept in which no item is more than three times.
type HardPair struct {
	Left       string  `json:"left"` // id
	Right      string  `json:"right"`
	LeftClass  string  `json:"left_class"` // "" = no label
	RightClass string  `json:"right_class"`
	Cosine     float64 `json:"cosine"`
}

// Clusters is how well clusters found without labels match the classes.
type Clusters struct {
	Items int     `json:"items"` // items with a label, or 5,000 of them drawn at random
	K     int     `json:"k"`     // clusters of k-means: as many as classes
	AMI   float64 `json:"ami"`   // adjusted mutual information: 0 on average for random clusters, 1 for those of the classes
	NMI   float64 `json:"nmi"`   // normalised mutual information; not adjusted
}

// Map places items in the plane: their embeddings on the two directions in which they vary most (principal components).
// The directions are those of the shown items, or of 500 of them where embeddings are wider than 500 numbers; no figure
// depends on them. There is no t-SNE or UMAP: no Go library for either is both kept and to be had.
type Map struct {
	X     []float64  `json:"x"`
	Y     []float64  `json:"y"`
	Share [2]float64 `json:"share"` // of the variance along x and along y
}

// CutClasses leaves the classes that the trained encoder does worst on, in their order.
func (d *Details) CutClasses(most int) {
	all := d.Of[0].Classes
	if len(all) <= most {
		return
	}
	worst := make([]int, len(all))
	for k := range worst {
		worst[k] = k
	}
	slices.SortStableFunc(worst, func(a, b int) int {
		if all[a].Lone() != all[b].Lone() { // which have no figures
			if all[a].Lone() {
				return 1
			}
			return -1
		}
		return cmp.Compare(all[a].MAPAtR, all[b].MAPAtR)
	})
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

// Slim asks for no more than tables show.
func Slim() metric.Options {
	return metric.Options{Ks: []int{1}, Verification: metric.VerificationOptions{FPRs: []float64{}}}
}

// PairDetails are what a page wants to know of an evaluation on given pairs beyond its figures. [evaluate.Options.Details] asks
// for them.
type PairDetails struct {
	// Of holds the trained encoder, then the untrained features that have the highest ROC-AUC.
	Of []*PairDetail `json:"of"`

	Cosines *PairCosines `json:"cosines,omitempty"` // nil for more than 10,000 pairs

	Config siamese.Config `json:"config"`          // of the model
	Facts  []Fact         `json:"facts,omitempty"` // what else there is to know of how the report was made; free to the caller
}

// PairDetail is how one kind of similarity does on given pairs, in detail. Pairs count by their weights.
type PairDetail struct {
	Name      string              `json:"name"`
	Curve     []metric.CurvePoint `json:"curve,omitempty"`             // of ROC and DET, thinned to some hundred points
	Histogram *metric.Histogram   `json:"histogram,omitempty"`         // nil where pairs are of one label only
	Same      []HardPair          `json:"hardest_same,omitempty"`      // pairs called same that are least similar, the hardest first
	Different []HardPair          `json:"hardest_different,omitempty"` // pairs called different that are most similar, the hardest first
}

// Check returns what is wrong with a report that was read from a file, or nil. Evaluations make sound ones.
func (r *PairReport) Check() error {
	if r == nil {
		return errReportMissing
	}
	for _, f := range r.Rows() {
		if err := checkRow(f.Threshold, f.ROCAUC, f.EER, f.AveragePrecision, f.Accuracy, f.FPR, f.FNR); err != nil {
			return fmt.Errorf("report %q: %s: %w", r.Name, f.Name, err)
		}
	}
	for _, f := range r.Labels {
		if err := checkRow(0, f.ROCAUC, f.MAPAtR); err != nil {
			return fmt.Errorf("report %q: labels: %s: %w", r.Name, f.Name, err)
		}
	}
	if err := checkBins(r.Probabilities); err != nil {
		return fmt.Errorf("report %q: %w", r.Name, err)
	}
	if r.Details == nil {
		return nil
	}
	if err := r.Details.Cosines.check(r.Pairs, r.Items); err != nil {
		return fmt.Errorf("report %q: details: %w", r.Name, err)
	}
	for k, d := range r.Details.Of {
		if d == nil {
			return fmt.Errorf("report %q: details: kind %d is missing", r.Name, k+1)
		}
		if err := checkCurves(d.Curve, d.Histogram); err != nil {
			return fmt.Errorf("report %q: details: %s: %w", r.Name, d.Name, err)
		}
	}
	return nil
}
