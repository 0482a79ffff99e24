package lab

import (
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/session"
)

// Draw returns n pairs of training items, half of them of one class, as [Split.Train] with these settings draws them.
// Shares are those of 10,000 pairs. In last place in a cell they are shown as pictures, where the items are.
func (s *Split) Draw(n int, settings ...Setting) *session.Drawn {
	cfg := change(config.Default(), settings)
	return result(during("drawing", func(func(session.Work)) (*session.Drawn, error) {
		return s.split.Draw(stopped(), cfg, n)
	}))
}

// HardPairs returns n hard pairs of training items, half of them of one class: of items by chance, with one of the ten
// partners each that the model gets most wrong, as the setting HardMining draws them.
func (m *Model) HardPairs(n int) *session.Drawn {
	return result(during("looking for hard pairs", func(func(session.Work)) (*session.Drawn, error) {
		return m.model.HardPairs(stopped(), n)
	}))
}

// Cosines returns how far apart same and different pairs of the test items are; in last place in a cell it shows both
// distributions, with the threshold.
func (m *Model) Cosines() *session.Value {
	return result(during("comparing pairs", func(func(session.Work)) (*session.Value, error) {
		return m.model.Cosines(stopped())
	}))
}
