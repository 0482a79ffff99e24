package session

import (
	"context"

	"github.com/go-siamese/lab/siamese/config"
)

// Drawn are pairs of training items, as a training draws them, with the shares of many.
type Drawn struct {
	Value    `json:"-"`
	List     []Score `json:"list"`     // ids, and cosines of hard pairs
	Counted  int     `json:"counted"`  // pairs that the shares are of
	Same     float64 `json:"same"`     // share of pairs of one class
	Within   float64 `json:"within"`   // share of the different pairs whose items are of one domain
	Across   float64 `json:"across"`   // share of the same pairs whose items are of two domains
	Rarest   float64 `json:"rarest"`   // share of the same pairs that the class with the fewest has
	Commonst float64 `json:"commonst"` // and the one with the most
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

// HardPairs returns n hard pairs of training items, half of them of one class: of items by chance, with one of the ten
// partners each that the model gets most wrong, as Config.HardMining draws them before an epoch. The model must be
// trained on a split.
func (m *Model) HardPairs(ctx context.Context, n int) (*Drawn, error) {
	d := &Drawn{}
	args := struct {
		Model string `json:"model"`
		N     int    `json:"n"`
	}{m.Key, n}
	return give(d, m.session.want(ctx, "hard pairs", args, d, nil))
}

// Cosines returns how far apart same and different pairs of the test items are that the model was split from: as many
// as have chosen its threshold, drawn alike; of labelled pairs the test pairs.
func (m *Model) Cosines(ctx context.Context) (*Value, error) {
	c := &Value{}
	return give(c, m.session.want(ctx, "cosines", map[string]string{"model": m.Key}, c, nil))
}
