package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/show"
)

// Bounds of pairs that are drawn to be looked at.
const (
	mostDrawn    = 10_000
	mostShown    = 50     // of each kind
	countedPairs = 10_000 // that shares are of
)

// drawArgs draw pairs of training items.
type drawArgs struct {
	Split  string        `json:"split"`
	Config config.Config `json:"config"`
	N      int           `json:"n"`
}

func (a *drawArgs) inputs() []string { return []string{a.Split} }
func (a *drawArgs) files() []string  { return nil }

func (a *drawArgs) run(ctx context.Context, t *task) (*made, error) {
	if err := checkDrawn(a.N); err != nil {
		return nil, err
	}
	f, err := t.side(ctx, a.Split, session.Train)
	if err != nil {
		return nil, err
	}
	sampler, err := samplerOf(a.Config, f.Frame)
	if err != nil {
		return nil, err
	}
	p, err := sampler.Draw(a.N, a.Config.Seed)
	if err != nil {
		return nil, err
	}
	many, err := sampler.Draw(countedPairs, a.Config.Seed)
	if err != nil {
		return nil, err
	}
	return drawnMade("drawn pairs", f.Frame, p, many, nil), nil
}

// checkDrawn returns an error for a number of pairs that cannot be looked at.
func checkDrawn(n int) error {
	if n < 1 || n > mostDrawn {
		return option.Errorf("N", "%d pairs to look at: at least 1, at most %d", n, mostDrawn)
	}
	return nil
}

// samplerOf returns what draws pairs as a training does.
func samplerOf(c config.Config, f *data.Frame) (*pairs.Sampler, error) {
	return pairs.NewSampler(f, pairs.SamplerOptions{LabelSeparator: c.LabelSeparator, WithinDomain: c.WithinDomain,
		AcrossDomains: c.AcrossDomains})
}

// hardArgs find the pairs of training items that a model gets most wrong.
type hardArgs struct {
	Model string `json:"model"`
	N     int    `json:"n"`
}

func (a *hardArgs) inputs() []string { return []string{a.Model} }
func (a *hardArgs) files() []string  { return nil }

func (a *hardArgs) run(ctx context.Context, t *task) (*made, error) {
	if err := checkDrawn(a.N); err != nil {
		return nil, err
	}
	facts, side, f, err := t.sideOf(ctx, a.Model, session.Train)
	if err != nil {
		return nil, err
	}
	z, _, err := t.embeddings(ctx, a.Model, side)
	if err != nil {
		return nil, err
	}
	sampler, err := samplerOf(facts.Config, f)
	if err != nil {
		return nil, err
	}
	unit := &embedding.Embeddings{N: z.N, E: z.E, Values: slices.Clone(z.Values)}
	unit.ToUnit()
	p, err := sampler.Mine(streams.Rand(facts.Config.Seed, streams.Draw), unit, a.N)
	if err != nil {
		return nil, err
	}
	return drawnMade("hard pairs", f, p, p, unit), nil
}

// sideOf returns the facts of a model that was trained on a split, and a side of that as a frame with its key.
func (t *task) sideOf(ctx context.Context, model, side string) (*session.Model, string, *data.Frame, error) {
	facts, err := t.w.modelFacts(model)
	if err != nil {
		return nil, "", nil, err
	}
	if s, err := t.w.record(facts.Split); err != nil || s.Kind != kindSplit {
		return nil, "", nil, option.Errorf("Model", "it was not trained on a split of items here: train it there")
	}
	v, err := t.w.value(ctx, "side", &sideArgs{facts.Split, side}, t.cell, nil, t.flight.event)
	if err != nil {
		return nil, "", nil, err
	}
	f, err := input[*frameObject](ctx, t, v.Key)
	if err != nil {
		return nil, "", nil, err
	}
	return facts, v.Key, f.Frame, nil
}

// drawnMade returns pairs as a value, with shares of many. z are their embeddings, of length 1; nil = not known.
func drawnMade(name string, f *data.Frame, p, many pairs.Pairs, z *embedding.Embeddings) *made {
	d := session.Drawn{Counted: len(many.Label)}
	var cosines []float64
	if z != nil {
		cosines = pairs.Cosines(z, p)
	}
	for k := range p.Label {
		i, j := int(p.Left[k]), int(p.Right[k])
		one := session.Score{Left: f.IDs[i], Right: f.IDs[j], Same: p.Same(k)}
		if z != nil {
			one.Cosine = cosines[k]
		}
		d.List = append(d.List, one)
	}
	shares(&d, f, many)
	text := fmt.Sprintf("%s: %s", name, sharesText(&d))
	for k := range min(len(p.Label), 20) {
		i, j := int(p.Left[k]), int(p.Right[k])
		text += fmt.Sprintf("\n  %-9s  %s%s and %s%s", verdict(p.Same(k)), quote.Text(f.IDs[i]), inBrackets(at(f.Labels, i)),
			quote.Text(f.IDs[j]), inBrackets(at(f.Labels, j)))
	}
	return &made{name: name, text: text, facts: d}
}

// shares fills in what share of the pairs is what.
func shares(d *session.Drawn, f *data.Frame, many pairs.Pairs) {
	same, within, across, byClass := 0, 0, 0, map[string]int{}
	for k := range many.Label {
		i, j := int(many.Left[k]), int(many.Right[k])
		oneDomain := at(f.Domains, i) == at(f.Domains, j)
		switch {
		case many.Same(k):
			same++
			byClass[at(f.Labels, i)]++
			if !oneDomain {
				across++
			}
		case oneDomain:
			within++
		}
	}
	part := func(n, of int) float64 { return float64(n) / float64(max(1, of)) }
	d.Same, d.Within, d.Across = part(same, len(many.Label)), part(within, len(many.Label)-same), part(across, same)
	d.Rarest = 1
	for _, name := range classesOf(f) {
		d.Rarest, d.Commonst = min(d.Rarest, part(byClass[name], same)), max(d.Commonst, part(byClass[name], same))
	}
}

// classesOf returns the names of a frame's classes.
func classesOf(f *data.Frame) []string {
	names, _ := f.ClassCounts()
	return names
}

// sharesText returns the shares in a line.
func sharesText(d *session.Drawn) string {
	text := fmt.Sprintf("%d pairs: %.1f %% are the same, of which each class has %.1f to %.1f %%; %.1f %% of the different "+
		"ones are within a domain", d.Counted, 100*d.Same, 100*d.Rarest, 100*d.Commonst, 100*d.Within)
	if d.Across > 0 {
		text += fmt.Sprintf(", and %.1f %% of the same ones across two", 100*d.Across)
	}
	return text
}

// pairsInRow is how many pairs stand beside each other.
const pairsInRow = 5

// drawnOutputs returns pairs as pictures side by side where the items are pictures, else as a table; above it the shares.
func (t *task) drawnOutputs(ctx context.Context, r *store.Record) (show.Outputs, error) {
	var d session.Drawn
	if err := json.Unmarshal(r.Facts, &d); err != nil {
		return nil, err
	}
	key, err := t.frameBehind(r.Inputs[0])
	if err != nil {
		return nil, err
	}
	f, err := input[*frameObject](ctx, t, key)
	if err != nil {
		return nil, err
	}
	labels := map[string]string{}
	for i, id := range f.IDs {
		labels[id] = at(f.Labels, i)
	}
	picture, err := t.pictureOf(key)
	if err != nil {
		return nil, err
	}
	title := strings.ToUpper(r.Name[:1]) + r.Name[1:] + ": same class (solid green), different classes (dashed orange)"
	rows, table := [][]show.Tile{}, [][]string{}
	for _, same := range []bool{true, false} {
		n := 0
		for _, p := range d.List {
			if p.Same != same {
				continue
			}
			cosine, mark := "", show.Wrong
			if same {
				mark = show.Right
			}
			if p.Cosine != 0 {
				cosine = fmt.Sprintf("%.3f", p.Cosine)
			}
			table = append(table, []string{p.Left, labels[p.Left], p.Right, labels[p.Right], verdict(same), cosine})
			if picture == nil || n == mostShown {
				continue
			}
			if n%pairsInRow == 0 {
				rows = append(rows, nil)
			}
			n++
			rows[len(rows)-1] = append(rows[len(rows)-1],
				show.Tile{Image: picture(p.Left), Text: p.Left, Caption: labels[p.Left], Mark: mark},
				show.Tile{Image: picture(p.Right), Text: p.Right, Caption: strings.TrimSpace(labels[p.Right] + "\n" + cosine),
					Mark: mark})
		}
	}
	out := show.Outputs{{Text: sharesText(&d)}}
	if picture == nil {
		return append(out, show.TableOutputs(title, []string{"left", "label", "right", "label", "verdict", "cosine"},
			table)...), nil
	}
	grid, err := show.GridOutputs(title, rows)
	return append(out, grid...), err
}

// frameBehind returns the key of the frame that a split, or the split of a model, is of.
func (t *task) frameBehind(key string) (string, error) {
	r, err := t.w.record(key)
	if err != nil || r.Kind == kindFrame {
		return key, err
	}
	if r.Kind == kindModel {
		facts, err := t.w.modelFacts(key)
		if err != nil {
			return "", err
		}
		return t.frameBehind(facts.Split)
	}
	return t.frameBehind(r.Inputs[0])
}
