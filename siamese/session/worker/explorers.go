package worker

import (
	"context"
	"encoding/json"
	"image"
	"slices"
	"strings"
	"time"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/kernels/widget"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/gallery"
	"github.com/go-siamese/lab/siamese/session/worker/explore"
)

// exploreArgs ask for an explorer.
type exploreArgs struct {
	Model  string `json:"model"`
	Frame  string `json:"frame"`
	At     string `json:"at"` // id of the first query; "" = the first test item
	K      int    `json:"k"`
	Judged string `json:"judged"` // path
	Name   string `json:"name"`   // what the path is called on the page
	Chosen bool   `json:"chosen"` // the path was asked for
}

// openExplorer answers with an explorer to show and its first query, or with the query alone where nobody is there to
// use one.
func openExplorer(ctx context.Context, w *Worker, c *client, body []byte) ([]byte, error) {
	var args exploreArgs
	if err := decodeArgs("explore", body, &args); err != nil {
		return nil, err
	}
	if args.K < 0 {
		return nil, option.Errorf("K", "%d is negative: 0 = 10", args.K)
	}
	if err := explore.CheckName(args.Judged); err != nil { // also where nobody judges
		return nil, err
	}
	engine := &exploreEngine{w, args.Model, args.Frame, c.cell}
	t := engine.task()
	defer t.release()
	m, f, err := inputs[*modelObject, *frameObject](ctx, t, args.Model, args.Frame)
	if err != nil {
		return nil, err
	}
	if f.Numbered && !args.Chosen { // row 5 of another table is another item
		return nil, option.Errorf("Judged", "the items have no ids, and judged pairs would be kept by numbers of rows, which "+
			"another table has too: name a file for this table alone")
	}
	query, err := t.firstQuery(ctx, &args, f)
	if err != nil {
		return nil, err
	}
	answer := struct {
		*explore.Shown
		Query string `json:"query"`
	}{Query: query}
	nobody, err := widget.Nobody(ctx)
	if err != nil {
		return nil, err
	}
	if !nobody {
		e, err := w.explorer(t, engine, &args, m.Model, f)
		if err != nil {
			return nil, err
		}
		defer w.shown(e)
		opt := explore.ShowOptions{At: query, K: args.K, Judged: args.Judged, Name: args.Name, Closed: w.dropExplorers}
		if answer.Shown, err = e.Show(ctx, opt); err != nil {
			return nil, err
		}
	}
	return json.Marshal(answer)
}

// firstQuery returns the id that an explorer begins with: what was asked for, else the first test item of what the model
// was trained on, else the first item.
func (t *task) firstQuery(ctx context.Context, args *exploreArgs, f *frameObject) (string, error) {
	if args.At != "" {
		if _, err := itemOf(f.Frame, args.At); err != nil {
			return "", option.Errorf("At", "%s", strings.TrimPrefix(err.Error(), "Item: "))
		}
		return args.At, nil
	}
	if f.N() == 0 {
		return "", option.Errorf("Frame", "it has no items")
	}
	for _, i := range t.testItems(ctx, args) {
		if i < f.N() {
			return f.IDs[i], nil
		}
	}
	return f.IDs[0], nil
}

// testItems returns the test items of what the model was trained on, among those of the frame; nil where that is not
// known any more, or was of other items.
func (t *task) testItems(ctx context.Context, args *exploreArgs) []int {
	facts, err := t.w.modelFacts(args.Model)
	if err != nil || facts.Split == "" {
		return nil
	}
	if s, err := input[*splitObject](ctx, t, facts.Split); err == nil && s.frame == args.Frame {
		return s.Test
	}
	if p, err := input[*pairsObject](ctx, t, facts.Split); err == nil && p.frame == args.Frame {
		return p.Items.Test
	}
	return nil
}

// explorer is one that is shown, or that calls are about to show.
type explorer struct {
	*explore.Explorer
	of      []string // keys of its model and its frame
	showing int      // calls
}

// explorer returns the explorer of a model's items that begins with a query, one for all cells. It is to be given to
// [Worker.shown].
func (w *Worker) explorer(t *task, engine *exploreEngine, args *exploreArgs, m *siamese.Model,
	f *frameObject) (*explorer, error) {
	key := strings.Join([]string{args.Model, args.Frame, args.Judged, args.At}, "\n")
	known := func() *explorer { // w.mu is held
		e := w.explorers[key]
		if e != nil {
			e.showing++
		}
		return e
	}
	w.mu.Lock()
	e := known()
	w.mu.Unlock()
	if e != nil {
		return e, nil
	}
	find, err := t.pictureOf(args.Frame)
	if err != nil {
		return nil, err
	}
	texts := textsOf(f.Frame)
	g := &explore.Gallery{IDs: texts.IDs, Labels: texts.Labels, Domains: texts.Domains, Numbered: f.Numbered,
		Share: besides(m), Threshold: m.Threshold, Prepared: prepared(m),
		Expand: func(ctx context.Context, z *embedding.Embeddings, k int) (*embedding.Embeddings, error) {
			return gallery.Expand(ctx, z, gallery.Options{Neighbours: k})
		}}
	if find != nil {
		g.Picture = func(id string) (picture image.Image) {
			_ = guarded(func() error { picture = find(id); return nil }) // one that cannot be decoded is none
			return picture
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if e = known(); e == nil {
		e = &explorer{explore.New(w.life, engine, g), []string{args.Model, args.Frame}, 1}
		w.explorers[key] = e
	}
	return e, nil
}

// shown says that a call has shown an explorer, or has failed to.
func (w *Worker) shown(e *explorer) {
	w.mu.Lock()
	e.showing--
	w.mu.Unlock()
	w.dropExplorers()
}

// dropExplorers forgets explorers that are not shown any more, with the pictures and texts that they hold.
func (w *Worker) dropExplorers() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.life.Err() != nil { // Close waits for all
		return
	}
	for key, e := range w.explorers {
		if e.showing == 0 && !e.Open() {
			delete(w.explorers, key)
			w.leaving.Go(e.Wait)
		}
	}
}

// closeExplorers closes explorers of values that are removed; nil = all.
func (w *Worker) closeExplorers(keys []string) {
	var all []*explorer
	w.mu.Lock()
	for _, e := range w.explorers {
		if keys == nil || slices.ContainsFunc(e.of, func(key string) bool { return slices.Contains(keys, key) }) {
			all = append(all, e)
		}
	}
	w.mu.Unlock()
	for _, e := range all {
		e.Close()
	}
	w.dropExplorers()
}

// prepared says what features are as the encoder gets them, "" where they are standardised and no more.
func prepared(m *siamese.Model) string {
	spec := m.Transform.Spec
	switch {
	case m.FeaturesPLDA != nil:
		return "features by PLDA"
	case m.Transform == m.Standard:
		return ""
	case spec.Whiten:
		return "whitened features"
	case spec.Reduces():
		return "principal components"
	}
	return "features as the encoder gets them"
}

// exploreEngine computes for the explorer of a model's items.
type exploreEngine struct {
	w                  *Worker
	model, frame, cell string
}

// Begin implements [explore.Engine].
func (e *exploreEngine) Begin() (end func(), ok bool) { return e.w.begin() }

// task returns a task that is given values.
func (e *exploreEngine) task() *task {
	return &task{w: e.w, flight: &flight{}, cell: e.cell, begun: time.Now()}
}

// Rows implements [explore.Engine]. They stay in memory while there is room.
func (e *exploreEngine) Rows(ctx context.Context, space explore.Space) (rows *embedding.Embeddings, done func(),
	err error) {
	name := strings.Join([]string{"explored", string(space), e.model, e.frame}, " ")
	if x, done := e.w.objects.get(name); x != nil {
		return x.(*embeddingsObject).Embeddings, done, nil //nolint:forcetypeassert // only these have such names
	}
	err = guarded(func() error {
		t := e.task()
		defer t.release()
		m, f, err := inputs[*modelObject, *frameObject](ctx, t, e.model, e.frame)
		if err != nil {
			return err
		}
		switch space {
		case explore.Encoder:
			rows, err = e.encoded(ctx, t, m.Model, f)
		case explore.Prepared:
			rows, err = m.Model.Features(ctx, f.Frame)
		default:
			rows, err = embedding.UnitRows(ctx, m.Model.Standard, f.Frame)
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	x, done := e.w.objects.put(name, &embeddingsObject{rows})
	return x.(*embeddingsObject).Embeddings, done, nil //nolint:forcetypeassert // the same
}

// besides returns the share of the features in the cosine, beside what encoded returns. With a gate it is another one
// in every item, and whole embeddings are explored.
func besides(m *siamese.Model) float64 {
	if m.Gate != nil {
		return 0
	}
	return m.Config.FeatureShare
}

// encoded returns the output of the encoder alone, or the embeddings where besides is 0.
func (e *exploreEngine) encoded(ctx context.Context, t *task, m *siamese.Model, f *frameObject) (*embedding.Embeddings,
	error) {
	if besides(m) == 0 { // the embeddings, which are kept
		z, _, err := t.embeddings(ctx, e.model, e.frame)
		if err != nil {
			return nil, err
		}
		return z.Embeddings, nil
	}
	backend, err := e.w.openBackend()
	if err != nil {
		return nil, err
	}
	alone := m.EncoderAlone()
	z, err := alone.Embed(ctx, backend, f.Frame)
	if closeErr := alone.Close(); err == nil {
		err = closeErr
	}
	return z, err
}
