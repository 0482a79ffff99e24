package worker

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/search"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
)

// scoreArgs compare two items.
type scoreArgs struct {
	Model string `json:"model"`
	Frame string `json:"frame"`
	Left  string `json:"left"`
	Other string `json:"other"` // frame of the right item
	Right string `json:"right"`
}

func (a *scoreArgs) inputs() []string { return []string{a.Model, a.Frame, a.Other} }
func (a *scoreArgs) files() []string  { return nil }

func (a *scoreArgs) run(ctx context.Context, t *task) (*made, error) {
	m, f, err := inputs[*modelObject, *frameObject](ctx, t, a.Model, a.Frame)
	if err != nil {
		return nil, err
	}
	other, err := input[*frameObject](ctx, t, a.Other)
	if err != nil {
		return nil, err
	}
	i, leftErr := itemOf(f.Frame, a.Left)
	j, rightErr := itemOf(other.Frame, a.Right)
	if err := errors.Join(leftErr, rightErr); err != nil {
		return nil, err
	}
	backend, err := t.w.openBackend()
	if err != nil {
		return nil, err
	}
	s, err := m.Model.Score(ctx, backend, f.Frame, i, other.Frame, j)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("%s and %s: cosine %.4f, %s (threshold %.4f)", quote.Text(a.Left), quote.Text(a.Right), s.Cosine,
		verdict(s.Same), m.Model.Threshold)
	if s.Calibrated {
		text += fmt.Sprintf(", probability of the same %.3f", s.Probability)
	}
	for _, w := range s.Warnings {
		text += "\nwarning: " + quote.Line(w)
	}
	return &made{name: "score", text: text, facts: session.Score{Left: a.Left, Right: a.Right, Cosine: s.Cosine,
		Same: s.Same, Threshold: m.Model.Threshold, Probability: s.Probability, Calibrated: s.Calibrated,
		Warnings: s.Warnings}}, nil
}

// verdict returns a decision in a word.
func verdict(same bool) string {
	if same {
		return "same"
	}
	return "different"
}

// embeddingsObject are the embeddings of a frame in memory.
type embeddingsObject struct{ *embedding.Embeddings }

func (e *embeddingsObject) bytes() int64 { return 4 * int64(len(e.Values)) }
func (e *embeddingsObject) close()       {}

// embeddingsFile holds N, E (uint32 each) and the values, little-endian.
const embeddingsFile = "embeddings"

// embedArgs embed all items of a frame.
type embedArgs struct {
	Model string `json:"model"`
	Frame string `json:"frame"`
}

func (a *embedArgs) inputs() []string { return []string{a.Model, a.Frame} }
func (a *embedArgs) files() []string  { return nil }

func (a *embedArgs) run(ctx context.Context, t *task) (*made, error) {
	m, f, err := inputs[*modelObject, *frameObject](ctx, t, a.Model, a.Frame)
	if err != nil {
		return nil, err
	}
	backend, err := t.w.openBackend()
	if err != nil {
		return nil, err
	}
	z, err := m.Model.Embed(ctx, backend, f.Frame)
	if err != nil {
		return nil, err
	}
	return &made{name: "embeddings", text: z.String(), facts: warned{z.Warnings()}, object: &embeddingsObject{z},
		write: func(folder string) error {
			return create(filepath.Join(folder, embeddingsFile), func(w *bufio.Writer) error {
				head := binary.LittleEndian.AppendUint32(nil, uint32(z.N))
				if _, err := w.Write(binary.LittleEndian.AppendUint32(head, uint32(z.E))); err != nil {
					return err
				}
				return binary.Write(w, binary.LittleEndian, z.Values)
			})
		}}, nil
}

// warned are the facts of embeddings.
type warned struct {
	Warnings []string `json:"warnings,omitempty"`
}

// loadEmbeddings reads kept embeddings, without their warnings, which are facts of the value.
func loadEmbeddings(_ context.Context, t *task, r *store.Record) (object, error) {
	b, err := os.ReadFile(t.w.store.Path(r.Key, embeddingsFile))
	if err != nil {
		return nil, err
	}
	if len(b) < 8 {
		return nil, errors.New("kept embeddings are cut short")
	}
	z := &embedding.Embeddings{N: int(binary.LittleEndian.Uint32(b)), E: int(binary.LittleEndian.Uint32(b[4:]))}
	if len(b)-8 != 4*z.N*z.E {
		return nil, errors.New("kept embeddings are cut short")
	}
	z.Values = make([]float32, z.N*z.E)
	for i := range z.Values {
		z.Values[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[8+4*i:]))
	}
	for i := range z.N {
		if embedding.Magnitude(z.Row(i)) == 0 {
			z.Zero = append(z.Zero, i)
		}
	}
	return &embeddingsObject{z}, nil
}

// at returns the text of an item, "" where there are none.
func at(list []string, i int) string {
	if list == nil {
		return ""
	}
	return list[i]
}

// inBrackets returns a label in brackets after a blank, or "".
func inBrackets(label string) string {
	if label == "" {
		return ""
	}
	return " [" + quote.Cut(label, 60) + "]"
}

// embeddings returns the embeddings of a frame by a model, computed once, with their warnings.
func (t *task) embeddings(ctx context.Context, model, frame string) (*embeddingsObject, []string, error) {
	v, err := t.w.value(ctx, "embed", &embedArgs{model, frame}, t.cell, nil, t.flight.event)
	if err != nil {
		return nil, nil, err
	}
	t.tell(v.told...)
	var w warned
	if err := json.Unmarshal(v.Facts, &w); err != nil {
		return nil, nil, err
	}
	z, err := input[*embeddingsObject](ctx, t, v.Key)
	return z, w.Warnings, err
}

// similarIn is the call of similarInArgs.
const similarIn = "similar in"

// similarInArgs find the items of an index that are most similar to one.
type similarInArgs struct {
	Model   string               `json:"model"`
	Index   string               `json:"index"`           // path
	Other   string               `json:"other,omitempty"` // frame of the query; "" = it is of the index
	Query   string               `json:"query"`
	K       int                  `json:"k"`
	Options session.IndexOptions `json:"options,omitzero"`
}

func (a *similarInArgs) inputs() []string {
	if a.Other == "" {
		return []string{a.Model}
	}
	return []string{a.Model, a.Other}
}
func (a *similarInArgs) files() []string { return []string{a.Index} }

func (a *similarInArgs) run(ctx context.Context, t *task) (*made, error) {
	m, err := input[*modelObject](ctx, t, a.Model)
	if err != nil {
		return nil, err
	}
	x, err := a.open(ctx, t)
	if err != nil {
		return nil, err
	}
	facts := session.Neighbours{Query: a.Query, Threshold: m.Model.Threshold, List: []session.Neighbour{}}
	z, own, err := a.query(ctx, t, x, &facts)
	if err != nil {
		return nil, err
	}
	found, err := x.Search(ctx, z, search.Options{K: a.K, Own: []int{own}, Labels: a.Options.Labels,
		Domains: a.Options.Domains, Exact: a.Options.Exact, Ef: a.Options.Ef})
	if err != nil {
		return nil, err
	}
	if len(found.Lists[0]) == 0 && (a.Options.Labels != nil || a.Options.Domains != nil) {
		return nil, fmt.Errorf("%s has no other items of these labels and domains", quote.Text(a.Index))
	}
	if found.Certificate != nil {
		facts.Recall = found.Certificate.String()
	}
	for _, n := range found.Lists[0] {
		item := x.Item(n.Item)
		one := session.Neighbour{ID: item.ID, Label: item.Label, Domain: item.Domain, Cosine: float64(n.Cosine),
			Same: float64(n.Cosine) >= m.Model.Threshold}
		if m.Model.Calibration != nil {
			if one.Probability, err = m.Model.Probability(one.Cosine, 0); err != nil {
				return nil, err
			}
		}
		facts.List = append(facts.List, one)
	}
	return &made{name: "neighbours of " + quote.Cut(a.Query, 60), text: neighboursText(&facts), facts: facts}, nil
}

// query returns the embedding of the item that is asked for, and its number in the index, else -1.
func (a *similarInArgs) query(ctx context.Context, t *task, x search.Index, facts *session.Neighbours) (
	*embedding.Embeddings, int, error) {
	if a.Other == "" {
		n, ok := x.Number(a.Query)
		if !ok {
			return nil, 0, fmt.Errorf("%s has no item %s", quote.Text(a.Index), quote.Text(a.Query))
		}
		z, err := x.Embeddings([]int{n})
		facts.Label = x.Item(n).Label
		return z, n, err
	}
	f, err := input[*frameObject](ctx, t, a.Other)
	if err != nil {
		return nil, 0, err
	}
	i, err := itemOf(f.Frame, a.Query)
	if err != nil {
		return nil, 0, err
	}
	z, warnings, err := t.embeddings(ctx, a.Model, a.Other)
	if err != nil {
		return nil, 0, err
	}
	facts.Label, facts.Warnings = at(f.Labels, i), warnings
	return z.Select([]int{i}), -1, nil
}
