package worker

import (
	"context"
	"path/filepath"

	"github.com/go-siamese/lab/siamese/explain"
	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/session"
)

// blocksArgs explain a model on the test items of a split by blocks of features.
type blocksArgs struct {
	Model string `json:"model"`
	Split string `json:"split"`
}

func (a *blocksArgs) inputs() []string { return []string{a.Model, a.Split} }
func (a *blocksArgs) files() []string  { return nil }

func (a *blocksArgs) run(ctx context.Context, t *task) (*made, error) {
	m, err := input[*modelObject](ctx, t, a.Model)
	if err != nil {
		return nil, err
	}
	train, err := t.side(ctx, a.Split, session.Train)
	if err != nil {
		return nil, err
	}
	test, err := t.side(ctx, a.Split, session.Test)
	if err != nil {
		return nil, err
	}
	backend, err := t.w.openBackend()
	if err != nil {
		return nil, err
	}
	opt := explain.BlocksOptions{Explain: explain.Options{Background: train.Frame, NoFeatures: true},
		Progress: func(done float64) { t.work("explaining", int64(1000*done), 1000) }}
	t.seed(opt.Explain.Seed) // of the pairs that are drawn
	x, err := explain.Blocks(ctx, backend, m.Model, test.Frame, opt)
	if err != nil {
		return nil, err
	}
	return &made{name: "explanation by blocks", text: x.String(), facts: struct{}{},
		object: &jsonObject[explained.Blocks]{x},
		write:  func(folder string) error { return jsonfile.Write(filepath.Join(folder, explanationFile), x) }}, nil
}
