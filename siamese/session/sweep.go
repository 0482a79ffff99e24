package session

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// Trial is a configuration of a sweep with its name, which is unique in it.
type Trial struct {
	Name   string        `json:"name"`
	Config config.Config `json:"config"`
}

// String returns the name.
func (t Trial) String() string { return t.Name }

// Sweep is what trials on one split came to, the best first.
type Sweep struct {
	Value  `json:"-"`
	Trials []TrialResult `json:"trials"`
}

// TrialResult is a finished trial.
type TrialResult struct {
	Trial
	Model     string        `json:"model"`     // key of its model
	Monitored float64       `json:"monitored"` // Config.Monitor at the best epoch, in its own sign
	Best      history.Epoch `json:"best"`      // epoch
}

// String returns the trial in a line.
func (t TrialResult) String() string { return t.Name + ": " + t.Best.String() }

// Sweep trains a model with each configuration and compares them on the validation items, as study.RunSweep does; the
// best of many looks better there than it is. Trainings are those of [Split.Train]: what one of the two has trained
// the other one knows. A failed trial does not stop the others; what was finished comes with the error.
func (s *Split) Sweep(ctx context.Context, trials []Trial, opt TrainOptions) (*Sweep, error) {
	args := struct {
		Split  string  `json:"split"`
		Trials []Trial `json:"trials"`
	}{s.Key, trials}
	w := &Sweep{}
	err := s.session.pausing(ctx, "sweep", args, w, opt.Paused, func(e wire.Message) { decodeEvent(e, opt.Progress) })
	return give(w, err)
}

// Model returns the model of a trial, by its place: 0 is the best.
func (s *Sweep) Model(ctx context.Context, place int) (*Model, error) {
	if place < 0 || place >= len(s.Trials) {
		return nil, fmt.Errorf("there are %d trials: place %d is none of them", len(s.Trials), place)
	}
	return s.session.ModelByID(ctx, s.Trials[place].Model)
}
