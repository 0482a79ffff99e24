package worker

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/show"
)

// duplicatesArgs find the items of a frame that occur more than once.
type duplicatesArgs struct {
	Frame string  `json:"frame"`
	Near  float64 `json:"near"` // 0 = exact ones only
}

func (a *duplicatesArgs) inputs() []string { return []string{a.Frame} }
func (a *duplicatesArgs) files() []string  { return nil }

func (a *duplicatesArgs) run(ctx context.Context, t *task) (*made, error) {
	f, err := input[*frameObject](ctx, t, a.Frame)
	if err != nil {
		return nil, err
	}
	opt := duplicates.Options{Near: a.Near != 0, Threshold: a.Near, Progress: func(done, total int64) {
		t.work("near duplicates", done, total)
	}}
	d, err := duplicates.Find(ctx, f.Frame, opt)
	if err != nil {
		return nil, err
	}
	facts := session.Duplicates{PairCount: d.PairCount, Exact: idsOf(f.IDs, d.Exact), Near: idsOf(f.IDs, d.Near)}
	for _, p := range d.Pairs {
		facts.Pairs = append(facts.Pairs, [2]string{f.IDs[p.I], f.IDs[p.J]})
		facts.Similarities = append(facts.Similarities, p.Similarity)
	}
	return &made{name: "duplicates", text: d.String(), facts: facts}, nil
}

// idsOf returns the ids of groups of items.
func idsOf(ids []string, groups [][]int) [][]string {
	out := make([][]string, len(groups))
	for i, g := range groups {
		for _, item := range g {
			out[i] = append(out[i], ids[item])
		}
	}
	return out
}

// shownPairs bounds the near duplicates that are shown as pictures.
const shownPairs = 10

// duplicatesOutputs shows duplicates as a table, and the first ones as pictures where the items are.
func (t *task) duplicatesOutputs(r *store.Record) (show.Outputs, error) {
	var d session.Duplicates
	if err := json.Unmarshal(r.Facts, &d); err != nil {
		return nil, err
	}
	var rows [][]string
	for i, p := range d.Pairs {
		rows = append(rows, []string{fmt.Sprintf("%.4f", d.Similarities[i]), p[0], p[1]})
	}
	out := show.TableOutputs(r.Text, []string{"similarity", "item", "and item"}, rows)
	pictures, err := t.pictureOf(r.Inputs[0])
	if err != nil || pictures == nil || len(d.Pairs) == 0 {
		return out, err
	}
	grid := make([][]show.Tile, 2)
	for i, p := range d.Pairs[:min(len(d.Pairs), shownPairs)] {
		grid[0] = append(grid[0], show.Tile{Image: pictures(p[0]), Text: p[0], Caption: p[0]})
		grid[1] = append(grid[1], show.Tile{Image: pictures(p[1]), Text: p[1],
			Caption: fmt.Sprintf("%s\n%.3f", p[1], d.Similarities[i])})
	}
	shown, err := show.GridOutputs("the most similar pairs of them, by column", grid)
	return append(shown, out...), err
}
