package session

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data"
)

// OpenOptions say how a table or a folder of pictures is read. The zero value infers everything; see package table and
// package images for the rules.
type OpenOptions struct {
	// ID, Label and Domain name columns of a table; "" = by the usual names, "-" = none has that role.
	ID     string `json:"id,omitempty"`
	Label  string `json:"label,omitempty"`
	Domain string `json:"domain,omitempty"`
	// Ignore names columns to leave out, Keep columns that are features although they look like row numbers.
	Ignore []string `json:"ignore,omitempty"`
	Keep   []string `json:"keep,omitempty"`
	// Blocks assign the features of a table to blocks; nil = by their names.
	Blocks []data.BlockRule `json:"blocks,omitempty"`
	// AllowMissing reads missing and infinite values of a table as NaN instead of refusing them.
	AllowMissing bool `json:"allow_missing,omitempty"`
	// Labels is another table with the labels of the items, by id; "" = none.
	Labels string `json:"labels,omitempty"`

	// Width and Height are the size that pictures are brought to before their features are computed; 0 = all must have
	// one size.
	Width  int `json:"width,omitempty"`
	Height int `json:"height,omitempty"`
	// Settings say how the features of pictures are computed, for instance those of a model; "" = HOG and GLCM with
	// their defaults. Width and Height count before those of Settings.
	Settings data.Settings `json:"settings,omitempty"`
	// SkipCorrupt leaves out pictures that cannot be read, and says so, instead of refusing the folder.
	SkipCorrupt bool `json:"skip_corrupt,omitempty"`
}

// Ways to split, for [SplitOptions].By.
const (
	ByItem   = "items"   // the test has new items of classes that are trained on
	ByClass  = "classes" // the test has items of classes that are not trained on
	ByDomain = "domains" // the test has items of domains that are not trained on
)

// SplitOptions say which items are trained on, validated on and tested on. The zero value draws a tenth of the items
// of every class for validation and another for the test.
type SplitOptions struct {
	By string `json:"by,omitempty"` // ByItem, ByClass or ByDomain; "" = what HeldOut says, else ByItem
	// Val and Test are shares below 1 and counts from 1 on; 0 = .1. Test is for ByItem.
	Val  float64 `json:"val,omitempty"`
	Test float64 `json:"test,omitempty"`
	// HeldOut names the classes, or with ByDomain the domains, to test on; or HeldOutCount says how many are drawn.
	HeldOut      []string `json:"held_out,omitempty"`
	HeldOutCount int      `json:"held_out_count,omitempty"`
	// TestItems bounds the items of held-out classes or domains to test on; 0 = all.
	TestItems int    `json:"test_items,omitempty"`
	Seed      uint64 `json:"seed,omitempty"` // of what is drawn
	// KeepCopies lets items with exactly the same values be on two sides, which leaks; without it copies stay together.
	KeepCopies bool `json:"keep_copies,omitempty"`
	// Near is the similarity, in (0, 1], from which on two items are near duplicates and stay together too; 0 = they are
	// not looked for, which takes comparing all pairs.
	Near float64 `json:"near,omitempty"`
	// Groups is a table that says which items stay together, by id; "" = none.
	Groups string `json:"groups,omitempty"`
	// Allow names kinds of leak that are intended; others are errors.
	Allow []string `json:"allow,omitempty"`
}

// DescribeOptions say what to look for in a frame.
type DescribeOptions struct {
	Fence float64 `json:"fence,omitempty"` // of outliers, in spreads; 0 = 3
	Near  bool    `json:"near,omitempty"`  // look for near duplicates too, which takes comparing all pairs
}

// TrainOptions are what a training does beside its configuration. They do not change the model.
type TrainOptions struct {
	// Progress is called some times a second, always from one goroutine; nil = silent.
	Progress func(Progress)
	// Paused is asked before Progress is reported, if not nil: true makes the training wait until it is false.
	Paused func() bool
}

// Sides of a split.
const (
	Train = "train"
	Val   = "val"
	Test  = "test"
)

// EvaluateOptions say what an evaluation does beside the metrics; the zero value gives exact metrics with 95 %
// intervals on the test items, beside features without training.
type EvaluateOptions struct {
	NoIntervals bool    `json:"no_intervals,omitempty"` // leave out intervals, which take most of the time
	Confidence  float64 `json:"confidence,omitempty"`   // of intervals; 0 = .95
	Bootstrap   bool    `json:"bootstrap,omitempty"`    // intervals from resamples
	Estimate    int     `json:"estimate,omitempty"`     // queries to estimate the metrics by; 0 = exact
	Baselines   bool    `json:"baselines,omitempty"`    // add those that are fitted on the training items
	Details     bool    `json:"details,omitempty"`      // curves, classes and hardest pairs, as a page shows them

	// Of decisions, for the costs of the evidence and the threshold of least cost: what it costs to call a different pair
	// same and a same pair different (both 0 = 1 and 1), and the share of same pairs, in (0, 1); 0 = .5, for the threshold
	// that of the validation pairs. Metrics and verdict do not depend on them.
	CostFP float64 `json:"cost_fp,omitempty"`
	CostFN float64 `json:"cost_fn,omitempty"`
	Prior  float64 `json:"prior,omitempty"`
	// Guarantee is the error rate that guaranteed thresholds keep to, in (0, 1); 0 = .05.
	Guarantee float64 `json:"guarantee,omitempty"`
	// Transductive adds a row of the model adapted to the test items without their labels; it needs PLDA of the features.
	Transductive bool `json:"transductive,omitempty"`
	// Gallery adds rows that use the gallery; not of pairs, which have none.
	Gallery GalleryOptions `json:"gallery,omitzero"`
}

// GalleryOptions say how a search uses what the items searched among say of each other: expansion and k-reciprocal
// re-ranking, see package gallery and the flags of the same names. The zero value uses nothing.
type GalleryOptions struct {
	Expand       int     `json:"expand,omitempty"`        // average every item with so many of its nearest; 0 = none
	ExpandPower  float64 `json:"expand_power,omitempty"`  // of cosines as weights of these averages; 0 = 1
	Rerank       int     `json:"rerank,omitempty"`        // re-rank by so many neighbours; 0 = do not
	RerankK2     int     `json:"rerank_k2,omitempty"`     // whose neighbourhoods are averaged; 1 = none; 0 = 6
	RerankLambda float64 `json:"rerank_lambda,omitempty"` // share of the cosine, in (0, 1]; 0 = .1
}

// String returns what is used, "" where nothing is.
func (o GalleryOptions) String() string {
	var parts []string
	if o.Expand != 0 {
		parts = append(parts, fmt.Sprintf("expanded by %d", o.Expand))
	}
	if o.Rerank != 0 {
		parts = append(parts, fmt.Sprintf("re-ranked by %d neighbours", o.Rerank))
	}
	if len(parts) == 0 {
		return ""
	}
	return "uses the gallery, " + strings.Join(parts, ", ")
}

// IndexOptions say how an index is searched. The zero value compares all of its items, or asks its graph.
type IndexOptions struct {
	Labels  []string `json:"labels,omitzero"`  // only items with one of these labels; nil = all
	Domains []string `json:"domains,omitzero"` // only items of these domains; nil = all
	Exact   bool     `json:"exact,omitempty"`  // exact answers where int8 numbers or a graph give approximate ones
	Ef      int      `json:"ef,omitempty"`     // how many of the nearest a search in a graph keeps; 0 = that of the index
}

// ExplainOptions say how a similarity is explained.
type ExplainOptions struct {
	Features   int    `json:"features,omitempty"`    // to list; 0 = 10
	NoFeatures bool   `json:"no_features,omitempty"` // explain by blocks only
	Seed       uint64 `json:"seed,omitempty"`        // of the background that is drawn
}
