package advise

import "github.com/go-siamese/lab/siamese/stats"

// Advice is what [Run] found. A part that could not be told is nil, and Refused says why.
type Advice struct {
	Items      int    `json:"items"` // with a label
	Classes    int    `json:"classes"`
	Unlabelled int    `json:"unlabelled"` // items, which are left out
	Model      string `json:"model"`      // of the curves
	Repeats    int    `json:"repeats"`
	Seed       uint64 `json:"seed"`

	ByItems   *Curve      `json:"by_items,omitempty"`
	ByClasses *Curve      `json:"by_classes,omitempty"`
	Collect   *Collect    `json:"collect,omitempty"`
	Labels    *LabelCheck `json:"labels,omitempty"`

	Refused []string `json:"refused,omitempty"` // what could not be told, and why, a sentence each
}

// Curve is a learning curve.
type Curve struct {
	Of     string  `json:"of"`     // "items" of a class, or "classes"
	Metric string  `json:"metric"` // "MAP@R" or "ROC-AUC"
	Tested string  `json:"tested"` // on what, in words
	Folds  int     `json:"folds"`  // of one draw
	Points []Point `json:"points"` // by rising size
	// Forecast is for twice of what there is; nil where there are too few points.
	Forecast *Forecast `json:"forecast,omitempty"`
	// Check compares a forecast from the smaller sizes with what was measured; nil where there are too few points.
	Check *Check `json:"check,omitempty"`
}

// Point is the metric at a size.
type Point struct {
	Size   float64        `json:"size"` // items of a class, on average, or classes
	Value  stats.Interval `json:"value"`
	Values []float64      `json:"values"` // by fold, of all draws
}

// Forecast is by how much a metric would rise with twice of what there is: with as many items or classes more, of the
// same kind. It is that of a saturating power law a - b n^-c (Hestness et al. 2017) through the points, a mean over
// exponents c from .1 to 2 weighed by how well each fits. Its interval has the spread over folds (a jackknife, widened
// for folds that share training items) and that between exponents. In simulations of such curves, of 5 and 10 folds
// that share items, intervals of 95 % held the true gain in 97 % of cases or more; where no such law holds they may
// not, which is what Curve.Check is for.
type Forecast struct {
	From float64        `json:"from"` // what there is
	To   float64        `json:"to"`   // twice of it
	Gain stats.Interval `json:"gain"`
	// Trusted says that the check of the curve holds.
	Trusted bool `json:"trusted"`
}

// Outcomes of a [Check].
const (
	Holds   = "holds"   // the difference of forecast and measurement may be 0, and is known to within .1
	Fails   = "fails"   // it is not 0: forecasts of this curve are not to be trusted
	Unclear = "unclear" // it may be 0, and is not known well enough to say more
)

// Check is a forecast from the smaller sizes of a curve beside what was measured.
type Check struct {
	From       float64        `json:"from"` // the largest size that was kept
	To         float64        `json:"to"`   // the largest of all
	Forecast   stats.Interval `json:"forecast"`
	Measured   stats.Interval `json:"measured"`
	Difference stats.Interval `json:"difference"` // forecast - measured
	Outcome    string         `json:"outcome"`    // Holds, Fails or Unclear
}

// Collect says which classes and domains are worst on new items, and which classes are taken for one another. Intervals
// here are wide enough to hold for all that were compared at once (Bonferroni).
type Collect struct {
	// Classes and Domains are sorted by value, the worst first. Domains are those within which, and pairs across which,
	// there are items of one class.
	Classes  []Need      `json:"classes"`
	Domains  []Need      `json:"domains,omitempty"`
	Confused []Confusion `json:"confused,omitempty"` // the most frequent first
	Checked  int         `json:"checked"`            // ordered pairs of classes that were looked at
}

// Need is how a class or a pair of domains does, and what more items of all classes would give it.
type Need struct {
	Name  string         `json:"name"`
	With  string         `json:"with,omitempty"` // the other domain of a pair; "" = within one
	Items int            `json:"items"`
	Value stats.Interval `json:"value"` // on new items
	// Below is by how much it is below the mean of the others.
	Below stats.Interval `json:"below"`
	// Gain is the forecast for twice the items of every class; nil where there is none whose check holds.
	Gain *stats.Interval `json:"gain,omitempty"`
}

// Confusion is how often items of a class have one of another class as the nearest of the others that are tested on.
type Confusion struct {
	Label   string         `json:"label"`
	For     string         `json:"for"` // what they are taken for
	Items   int            `json:"items"`
	Of      int            `json:"of"`      // items of the class
	Share   stats.Interval `json:"share"`   // Items / Of
	Typical float64        `json:"typical"` // the mean share of all ordered pairs of classes
}

// LabelCheck is what out-of-fold predictions say of labels: the posterior of every class for an item by PLDA (Ioffe
// 2006, section 4) that was fitted without the item, at the temperature at which posteriors are calibrated best on all
// of them. As in confident learning (Northcutt, Jiang and Chuang 2021) an item counts as one of the class with the
// largest posterior among those where it reaches what items of that label have on average. It is a suspect where all of
// this holds:
//
//   - that class is another one than its label says,
//   - the posterior of its label is at most .05,
//   - at least half of its ten nearest training items, and more than are of its label, are of that class.
//
// Labels that are wrong by rule rather than by chance, as of a whole series of items, agree with each other and are not
// found.
type LabelCheck struct {
	Checked     int       `json:"checked"`     // items
	Unchecked   int       `json:"unchecked"`   // items of classes too small to be left out
	Agreement   float64   `json:"agreement"`   // share of items whose most probable class is that of their label
	Temperature float64   `json:"temperature"` // by which logarithms of posteriors are divided
	Suspects    []Suspect `json:"suspects"`    // by Probability / Given, the surest first
}

// Suspect is an item whose label looks wrong.
type Suspect struct {
	ID          string  `json:"id"`
	Item        int     `json:"item"` // its number in the frame
	Label       string  `json:"label"`
	Suggested   string  `json:"suggested"`
	Probability float64 `json:"probability"` // of the suggested class
	Given       float64 `json:"given"`       // probability of the label
	Neighbours  float64 `json:"neighbours"`  // share of the nearest items that are of the suggested class
}
