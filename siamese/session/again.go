package session

import (
	"context"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// TrainFor trains as [Split.Train] does and stops after some epochs, as a person would stop it: the model is that of the
// best epoch so far, marked as cut. Train goes on from there.
func (s *Split) TrainFor(ctx context.Context, cfg config.Config, epochs int, opt TrainOptions) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	args := struct {
		Split  string        `json:"split"`
		Config config.Config `json:"config"`
		Epochs int           `json:"epochs"`
	}{s.Key, cfg, epochs}
	m := &Model{}
	return give(m, s.session.pausing(ctx, "train for", args, m, opt.Paused,
		func(e wire.Message) { decodeEvent(e, opt.Progress) }))
}

// Again trains the model once more from its beginning, beside the one that is kept: on the same machine its Digest is
// the same. It is for models of [Split.Train] and [Pairs.Train].
func (m *Model) Again(ctx context.Context, opt TrainOptions) (*Model, error) {
	other := &Model{}
	return give(other, m.session.pausing(ctx, "train again", map[string]string{"model": m.Key}, other, opt.Paused,
		func(e wire.Message) { decodeEvent(e, opt.Progress) }))
}
