package session

import "context"

// DecideOptions say which pairs a threshold is counted on.
type DecideOptions struct {
	Side      string   // Val, the pairs on which training chose the threshold, or Test, all pairs of test items; "" = Val
	Threshold *float64 // from which cosine on two items are the same; nil = the model's own
}

// Decisions are what a threshold does to the pairs of a side: how many of them are called same and different.
type Decisions struct {
	Value     `json:"-"`
	Side      string  `json:"side"`
	Threshold float64 `json:"threshold"`
	Own       float64 `json:"own"`   // the model's own threshold
	Pairs     int     `json:"pairs"` // that were counted
	Total     int64   `json:"total"` // that there are: of many, some are drawn

	SameSame           int `json:"same_same"`           // same pairs that are called same
	SameDifferent      int `json:"same_different"`      // same pairs that are called different
	DifferentSame      int `json:"different_same"`      // different pairs that are called same
	DifferentDifferent int `json:"different_different"` // different pairs that are called different

	BalancedAccuracy float64 `json:"balanced_accuracy"`
	FPR              float64 `json:"fpr"` // share of different pairs that are called same
	FNR              float64 `json:"fnr"` // share of same pairs that are called different
}

// Decide counts what a threshold does to the pairs of a side of the split.
func (m *Model) Decide(ctx context.Context, split *Split, opt DecideOptions) (*Decisions, error) {
	if opt.Side == "" {
		opt.Side = Val
	}
	d := &Decisions{}
	args := struct {
		Model     string   `json:"model"`
		Split     string   `json:"split"`
		Side      string   `json:"side"`
		Threshold *float64 `json:"threshold,omitempty"`
	}{m.Key, split.Key, opt.Side, opt.Threshold}
	return give(d, m.session.want(ctx, "decide", args, d, nil))
}

// WithThreshold returns the model with another threshold. It notes that it was chosen by hand, and on which pairs: on
// is a side of its split, "" = elsewhere.
func (m *Model) WithThreshold(ctx context.Context, threshold float64, on string) (*Model, error) {
	out := &Model{}
	args := struct {
		Model     string  `json:"model"`
		Threshold float64 `json:"threshold"`
		On        string  `json:"on"`
	}{m.Key, threshold, on}
	return give(out, m.session.want(ctx, "threshold", args, out, nil))
}
