package session

import (
	"context"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// PairOptions say how a table of labelled pairs is read, and how its items are split. The zero value infers the columns
// and takes a tenth of the items for validation and another for the test.
type PairOptions struct {
	// Left, Right, Label and Weight name the columns; "" = by the usual names, or as in a list without a header.
	Left   string `json:"left,omitempty"`
	Right  string `json:"right,omitempty"`
	Label  string `json:"label,omitempty"`
	Weight string `json:"weight,omitempty"`
	Same   string `json:"same,omitempty"`   // the number that means "same"; "" = 1
	ByRow  bool   `json:"by_row,omitempty"` // ids are row numbers of the frame
	// AllowUnknown leaves out pairs with an id that the frame lacks.
	AllowUnknown bool `json:"allow_unknown,omitempty"`

	Val        float64 `json:"val,omitempty"`         // share or count of items; 0 = .1
	Test       float64 `json:"test,omitempty"`        // likewise
	Seed       uint64  `json:"seed,omitempty"`        // of the split
	KeepCopies bool    `json:"keep_copies,omitempty"` // see [SplitOptions]
}

// Pairs are labelled pairs of a frame's items, on sides that share no item.
type Pairs struct {
	Value    `json:"-"`
	Frame    string   `json:"frame"` // key of the frame
	Sides    Sides    `json:"sides"` // numbers of pairs
	Lost     int      `json:"lost"`  // pairs whose items are on two sides
	Warnings []string `json:"warnings,omitempty"`
}

// SplitPairs reads the labelled pairs in a table, by the ids of the frame's items, and divides them so that no item is
// on two sides, as pairs.NewSplit does. The items need no classes.
func (f *Frame) SplitPairs(ctx context.Context, path string, opt PairOptions) (*Pairs, error) {
	path, err := absolute(path)
	if err != nil {
		return nil, err
	}
	p := &Pairs{}
	args := struct {
		Frame   string      `json:"frame"`
		Path    string      `json:"path"`
		Options PairOptions `json:"options"`
	}{f.Key, path, opt}
	return give(p, f.session.want(ctx, "pairs", args, p, nil))
}

// Train trains a model on the pairs, as siamese.TrainPairs does. All else is as in [Split.Train].
func (p *Pairs) Train(ctx context.Context, cfg config.Config, opt TrainOptions) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m := &Model{}
	args := struct {
		Pairs  string        `json:"pairs"`
		Config config.Config `json:"config"`
	}{p.Key, cfg}
	return give(m, p.session.pausing(ctx, "train pairs", args, m, opt.Paused,
		func(e wire.Message) { decodeEvent(e, opt.Progress) }))
}

// EvaluatePairs returns how the model does on the test pairs, beside features without training, as evaluate.Pairs does.
func (m *Model) EvaluatePairs(ctx context.Context, p *Pairs, opt EvaluateOptions) (*Report, error) {
	r := &Report{}
	args := struct {
		Model   string          `json:"model"`
		Pairs   string          `json:"pairs"`
		Options EvaluateOptions `json:"options"`
	}{m.Key, p.Key, opt}
	return give(r, m.session.want(ctx, "evaluate pairs", args, r, nil))
}
