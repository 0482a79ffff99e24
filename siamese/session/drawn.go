package session

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/siamese/config"
)

// Drawn are pairs of training items, as a training draws them, with the shares of many.
type Drawn struct {
	Value    `json:"-"`
	List     []DrawnPair `json:"list"`
	Counted  int         `json:"counted"`  // pairs that the shares are of
	Same     float64     `json:"same"`     // share of pairs of one class
	Within   float64     `json:"within"`   // share of the different pairs whose items are of one domain
	Across   float64     `json:"across"`   // share of the same pairs whose items are of two domains
	Rarest   float64     `json:"rarest"`   // share of the same pairs that the class with the fewest has
	Commonst float64     `json:"commonst"` // and the one with the most
}

// DrawnPair is one of them.
type DrawnPair struct {
	Left, Right             string // ids
	LeftLabel, RightLabel   string
	LeftDomain, RightDomain string
	Same                    bool
	Cosine                  float64 // of hard pairs; 0 elsewhere
}

// String returns the pair in a line.
func (p DrawnPair) String() string {
	word := "different"
	if p.Same {
		word = "same"
	}
	return fmt.Sprintf("%s: %s [%s] and %s [%s]", word, p.Left, p.LeftLabel, p.Right, p.RightLabel)
}

// Draw returns n pairs of training items, half of them of one class, as a training with the configuration draws them;
// losses on all pairs of a batch draw items instead. Shares are those of 10,000 pairs.
func (s *Split) Draw(ctx context.Context, cfg config.Config, n int) (*Drawn, error) {
	d := &Drawn{}
	args := struct {
		Split  string        `json:"split"`
		Config config.Config `json:"config"`
		N      int           `json:"n"`
	}{s.Key, cfg, n}
	return give(d, s.session.want(ctx, "draw", args, d, nil))
}

// HardPairs returns n of the pairs of training items that the model gets most wrong, half of them of one class, as
// Config.HardMining draws them before an epoch. The model must be trained on a split.
func (m *Model) HardPairs(ctx context.Context, n int) (*Drawn, error) {
	d := &Drawn{}
	args := struct {
		Model string `json:"model"`
		N     int    `json:"n"`
	}{m.Key, n}
	return give(d, m.session.want(ctx, "hard pairs", args, d, nil))
}

// Cosines are those of same and of different pairs of test items.
type Cosines struct {
	Value          `json:"-"`
	Same           int     `json:"same"` // pairs
	Different      int     `json:"different"`
	Threshold      float64 `json:"threshold"`
	SameReach      float64 `json:"same_reach"`      // share of the same pairs at or above the threshold
	DifferentReach float64 `json:"different_reach"` // share of the different ones: false matches
}

// Cosines returns how far apart same and different pairs of the test items are that the model was split from: as many
// as have chosen its threshold, drawn alike; of labelled pairs the test pairs.
func (m *Model) Cosines(ctx context.Context) (*Cosines, error) {
	c := &Cosines{}
	return give(c, m.session.want(ctx, "cosines", map[string]string{"model": m.Key}, c, nil))
}
