package lab

import (
	"errors"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/session"
)

// TrainFor trains as [Split.Train] does and stops after some epochs, as the stop button does: the model is that of the
// best epoch so far. Train with the same settings goes on from there, to the same bits as if it had not stopped.
func (s *Split) TrainFor(epochs int, settings ...Setting) *Model {
	cfg := change(config.Default(), settings)
	m := training(func(opt session.TrainOptions) (*session.Model, error) {
		return s.split.TrainFor(stopped(), cfg, epochs, opt)
	})
	return newModel(m, s.items, s, nil)
}

// Again trains the model once more from its beginning: its Digest is the same, on the same kind of processor.
func (m *Model) Again() *Model {
	again := training(func(opt session.TrainOptions) (*session.Model, error) { return m.model.Again(stopped(), opt) })
	return newModel(again, m.items, m.split, m.pairs)
}

// Beside compares models that were trained on one split by its validation items, which is no test: those have chosen
// their epochs, and the best of many looks better there than it is. Methods of the report are the trainings, the best
// first, and Differences those from this model; it shows their MAP@R by epoch.
func (m *Model) Beside(others ...*Model) *Report {
	var all []*session.Model
	for _, m := range append([]*Model{m}, others...) {
		if m.split == nil {
			check(errors.New("a model was not trained on a split here: train it"))
		}
		all = append(all, m.model)
	}
	return newReport(during("comparing", func(func(session.Work)) (*session.Report, error) {
		return Session().Trainings(stopped(), all...)
	}))
}
