package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/go-siamese/lab/data/describe"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/advise"
	"github.com/go-siamese/lab/siamese/explain"
	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/show"
)

// jsonObject is a value in memory that its file holds as JSON.
type jsonObject[T any] struct{ of *T }

func (o *jsonObject[T]) bytes() int64 { return 1 << 20 }
func (o *jsonObject[T]) close()       {}

// loadJSON returns what reads such a value from the file of a name.
func loadJSON[T any](name string) func(context.Context, *task, *store.Record) (object, error) {
	return func(_ context.Context, t *task, r *store.Record) (object, error) {
		of := new(T)
		return &jsonObject[T]{of}, jsonfile.Read(t.w.store.Path(r.Key, name), of)
	}
}

// Files of descriptions and explanations.
const (
	descriptionFile = "description.json"
	explanationFile = "explanation.json"
)

var (
	loadDescription = loadJSON[describe.Description](descriptionFile)
	loadExplanation = loadJSON[explained.Pair](explanationFile)
	loadBlocks      = loadJSON[explained.Blocks](explanationFile)
	loadAdvice      = loadJSON[advise.Advice](adviceFile)
)

// describeArgs describe a frame.
type describeArgs struct {
	Frame   string                  `json:"frame"`
	Options session.DescribeOptions `json:"options"`
}

func (a *describeArgs) inputs() []string { return []string{a.Frame} }
func (a *describeArgs) files() []string  { return nil }

func (a *describeArgs) run(ctx context.Context, t *task) (*made, error) {
	f, err := input[*frameObject](ctx, t, a.Frame)
	if err != nil {
		return nil, err
	}
	opt := describe.Options{Fence: a.Options.Fence}
	if a.Options.Near {
		opt.Duplicates = duplicates.Default()
		opt.Duplicates.Progress = func(done, total int64) { t.work("near duplicates", done, total) }
	}
	d, err := describe.Frame(ctx, f.Frame, opt)
	if err != nil {
		return nil, err
	}
	return &made{name: "description", text: d.String(), facts: session.Description{Missing: d.Missing,
		Constant: d.ConstantColumns, Outliers: d.Outliers, Advice: d.Advice}, object: &jsonObject[describe.Description]{d},
		write: func(folder string) error { return jsonfile.Write(filepath.Join(folder, descriptionFile), d) }}, nil
}

// explainArgs explain the similarity of two items.
type explainArgs struct {
	Model   string                 `json:"model"`
	Frame   string                 `json:"frame"`
	Left    string                 `json:"left"`
	Right   string                 `json:"right"`
	Options session.ExplainOptions `json:"options"`
}

func (a *explainArgs) inputs() []string { return []string{a.Model, a.Frame} }
func (a *explainArgs) files() []string  { return nil }

func (a *explainArgs) run(ctx context.Context, t *task) (*made, error) {
	m, f, err := inputs[*modelObject, *frameObject](ctx, t, a.Model, a.Frame)
	if err != nil {
		return nil, err
	}
	i, leftErr := itemOf(f.Frame, a.Left)
	j, rightErr := itemOf(f.Frame, a.Right)
	if err := errors.Join(leftErr, rightErr); err != nil {
		return nil, err
	}
	backend, err := t.w.openBackend()
	if err != nil {
		return nil, err
	}
	opt := explain.Options{Features: a.Options.Features, NoFeatures: a.Options.NoFeatures, Seed: a.Options.Seed}
	// Any two items are best two of those that the model was trained on, where these are known.
	if train, err := t.trainedOn(ctx, a.Model); err != nil {
		return nil, err
	} else if train != nil {
		opt.Background = train.Frame
	}
	t.seed(opt.Seed)
	x, err := explain.Pair(ctx, backend, m.Model, f.Frame, i, j, opt)
	if err != nil {
		return nil, err
	}
	facts := session.Explanation{Left: x.Left, Right: x.Right, Cosine: x.Cosine, Baseline: x.Baseline}
	for _, b := range x.Blocks {
		facts.Blocks = append(facts.Blocks, session.Part{Name: b.Name, Part: b.Part})
	}
	for _, p := range x.Features {
		facts.Features = append(facts.Features, session.Part{Name: p.Name, Part: p.Part})
	}
	return &made{name: "explanation of " + quote.Cut(a.Left, 40) + " and " + quote.Cut(a.Right, 40), text: x.String(),
		facts: facts, object: &jsonObject[explained.Pair]{x},
		write: func(folder string) error { return jsonfile.Write(filepath.Join(folder, explanationFile), x) }}, nil
}

// explanationOutputs draws an explanation, below the two items where these are pictures.
func (t *task) explanationOutputs(ctx context.Context, r *store.Record) (show.Outputs, error) {
	x, err := input[*jsonObject[explained.Pair]](ctx, t, r.Key)
	if err != nil {
		return nil, err
	}
	out, err := show.ExplanationOutputs(x.of)
	if err != nil {
		return nil, err
	}
	var args explainArgs
	if err := decodeArgs(r.Op, r.Args, &args); err != nil {
		return nil, err
	}
	pictures, err := t.pictureOf(args.Frame)
	if err != nil || pictures == nil {
		return out, err
	}
	f, err := input[*frameObject](ctx, t, args.Frame)
	if err != nil {
		return nil, err
	}
	var row []show.Tile
	for _, id := range []string{args.Left, args.Right} {
		label := ""
		if i, err := itemOf(f.Frame, id); err == nil {
			label = at(f.Labels, i)
		}
		row = append(row, show.Tile{Image: pictures(id), Text: id, Caption: captioned(id, label)})
	}
	row = append(row, show.Tile{Text: fmt.Sprintf("cosine %.4f", x.of.Cosine)})
	grid, err := show.GridOutputs("", [][]show.Tile{row})
	return append(grid, out...), err
}

// trainedOn returns the items that a model was trained on, nil where these are not known, as of one from a file. How it
// was made, by training, by another threshold or as a search's winner, makes no difference.
func (t *task) trainedOn(ctx context.Context, model string) (*frameObject, error) {
	r, err := t.w.store.Get(model)
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // it is not known any more
	}
	var facts session.Model
	if err := json.Unmarshal(r.Facts, &facts); err != nil {
		return nil, err
	}
	if s, err := t.w.store.Get(facts.Split); err != nil || s.Kind != kindSplit {
		return nil, nil //nolint:nilerr,nilnil // nor is the split, or it is one of pairs
	}
	return t.side(ctx, facts.Split, session.Train)
}

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
