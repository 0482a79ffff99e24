package lab

import (
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/session"
)

// Drawn are pairs of training items.
type Drawn struct{ *session.Drawn }

// String returns the pairs, a line each.
func (d *Drawn) String() string { return d.Drawn.String() }

// Display shows the pairs in the cell: as pictures side by side where the items are pictures, else as a table.
func (d *Drawn) Display() { display(d.Drawn) }

// Draw returns n pairs of training items, half of them of one class, as [Split.Train] with these settings draws them.
// Shares are those of 10,000 pairs.
func (s *Split) Draw(n int, settings ...Setting) *Drawn {
	cfg := change(config.Default(), settings)
	return &Drawn{result(during("drawing", func(func(session.Work)) (*session.Drawn, error) {
		return s.split.Draw(stopped(), cfg, n)
	}))}
}

// HardPairs returns n of the pairs of training items that the model gets most wrong, half of them of one class, as the
// setting HardMining draws them.
func (m *Model) HardPairs(n int) *Drawn {
	return &Drawn{result(during("looking for hard pairs", func(func(session.Work)) (*session.Drawn, error) {
		return m.model.HardPairs(stopped(), n)
	}))}
}

// Cosines are those of same and of different pairs of test items.
type Cosines struct{ *session.Cosines }

// String returns which shares of them reach the threshold.
func (c *Cosines) String() string { return c.Cosines.String() }

// Display shows both distributions in the cell, with the threshold.
func (c *Cosines) Display() { display(c.Cosines) }

// Cosines returns how far apart same and different pairs of the test items are.
func (m *Model) Cosines() *Cosines {
	return &Cosines{result(during("comparing pairs", func(func(session.Work)) (*session.Cosines, error) {
		return m.model.Cosines(stopped())
	}))}
}
