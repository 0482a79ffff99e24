package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/gallery"
	"github.com/go-siamese/lab/siamese/search"
	"github.com/go-siamese/lab/siamese/search/hnsw"
	"github.com/go-siamese/lab/siamese/session"
)

// similarArgs find the items most similar to one.
type similarArgs struct {
	Model string `json:"model"`
	Frame string `json:"frame"`
	Other string `json:"other"` // frame of the query
	Query string `json:"query"`
	K     int    `json:"k"`

	Gallery session.GalleryOptions `json:"gallery,omitzero"`
}

func (a *similarArgs) inputs() []string { return []string{a.Model, a.Frame, a.Other} }
func (a *similarArgs) files() []string  { return nil }

func (a *similarArgs) run(ctx context.Context, t *task) (*made, error) {
	k := a.K
	if k == 0 {
		k = 10
	}
	if k < 0 {
		return nil, option.Errorf("K", "%d is negative: 0 = 10", k)
	}
	use, err := galleryOf(a.Gallery)
	if err != nil {
		return nil, err
	}
	m, f, err := inputs[*modelObject, *frameObject](ctx, t, a.Model, a.Frame)
	if err != nil {
		return nil, err
	}
	other, err := input[*frameObject](ctx, t, a.Other)
	if err != nil {
		return nil, err
	}
	query, err := itemOf(other.Frame, a.Query)
	if err != nil {
		return nil, err
	}
	z, warnings, err := t.embeddings(ctx, a.Model, a.Frame)
	if err != nil {
		return nil, err
	}
	from, self := z, query
	if a.Other != a.Frame {
		var more []string
		if from, more, err = t.embeddings(ctx, a.Model, a.Other); err != nil {
			return nil, fmt.Errorf("the item that is searched for: %w", err)
		}
		warnings, self = append(warnings, more...), -1
	}
	ask := asked{a, use, z, from, self, query}
	list, err := ask.search(ctx, t, k)
	if err != nil {
		return nil, err
	}
	facts := session.Neighbours{Query: a.Query, Label: at(other.Labels, query), Threshold: m.Model.Threshold,
		Gallery: a.Gallery.String(), List: []session.Neighbour{}, Warnings: warnings}
	for _, n := range list {
		one := session.Neighbour{ID: f.IDs[n.Item], Label: at(f.Labels, n.Item), Domain: at(f.Domains, n.Item),
			Cosine: n.Cosine, Same: n.Cosine >= m.Model.Threshold}
		if a.Gallery != (session.GalleryOptions{}) {
			one.Similarity = n.Similarity
		}
		if m.Model.Calibration != nil {
			if one.Probability, err = m.Model.Probability(one.Cosine, 0); err != nil {
				return nil, err
			}
		}
		facts.List = append(facts.List, one)
	}
	return &made{name: "neighbours of " + quote.Cut(a.Query, 60), text: neighboursText(&facts), facts: facts}, nil
}

// neighboursText returns neighbours, a line each.
func neighboursText(n *session.Neighbours) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s (threshold %.4f)", quote.Text(n.Query), inBrackets(n.Label), n.Threshold)
	if n.Gallery != "" {
		fmt.Fprintf(&b, "\n  %s: the first number orders, the second is the cosine of the two items", n.Gallery)
	}
	if n.Recall != "" {
		fmt.Fprintf(&b, "\n  approximate: %s", n.Recall)
	}
	for _, one := range n.List {
		b.WriteString("\n")
		if n.Gallery != "" {
			fmt.Fprintf(&b, "  %.4f", one.Similarity)
		}
		fmt.Fprintf(&b, "  %.4f  %-9s  %s%s", one.Cosine, verdict(one.Same), quote.Text(one.ID), inBrackets(one.Label))
	}
	for _, w := range n.Warnings {
		fmt.Fprintf(&b, "\nwarning: %s", quote.Line(w))
	}
	return b.String()
}

// galleryOf returns the options of packages gallery and evaluate. Errors name the session's options.
func galleryOf(o session.GalleryOptions) (use evaluate.GalleryOptions, err error) {
	expand := gallery.Options{Neighbours: o.Expand, Power: o.ExpandPower}
	rerank := gallery.RerankOptions{K1: o.Rerank, K2: o.RerankK2, Lambda: o.RerankLambda}
	var errs []error
	if o.Expand == 0 && o.ExpandPower != 0 {
		errs = append(errs, option.Errorf("ExpandPower", "it has no effect without Expand"))
	}
	if o.Rerank == 0 && (o.RerankK2 != 0 || o.RerankLambda != 0) {
		errs = append(errs, option.Errorf("Rerank", "without it neither RerankK2 nor RerankLambda has an effect"))
	}
	names := map[string]string{"Neighbours": "Expand", "Power": "ExpandPower", "K1": "Rerank", "K2": "RerankK2",
		"Lambda": "RerankLambda"}
	for _, err := range []error{expand.Validate(), rerank.Validate()} {
		joined, _ := err.(interface{ Unwrap() []error }) //nolint:errorlint // one error for each option
		if joined == nil {
			continue
		}
		for _, one := range joined.Unwrap() {
			var e *option.Error
			if errors.As(one, &e) {
				one = &option.Error{Option: names[e.Option], Err: e.Err}
			}
			errs = append(errs, one)
		}
	}
	if o.Expand > 0 {
		use.Expand = &expand
	}
	if o.Rerank > 0 {
		use.Rerank = &rerank
	}
	return use, errors.Join(errs...)
}

// asked is an item that is searched for among embeddings.
type asked struct {
	args  *similarArgs
	use   evaluate.GalleryOptions
	z     *embeddingsObject // of the items that are searched
	from  *embeddingsObject // of those that the query is one of
	self  int               // its number among those searched, else -1
	query int               // its number among its own
}

// search returns the k most similar items, as the command's search finds them.
func (a *asked) search(ctx context.Context, t *task, k int) ([]gallery.Reranked, error) {
	z, one := a.z.Embeddings, a.from.Select([]int{a.query})
	var err error
	if a.use.Expand != nil {
		if z, err = a.expanded(ctx, t); err != nil {
			return nil, err
		}
		if a.self >= 0 { // as an item of the gallery, which is not a neighbour of itself
			one = z.Select([]int{a.self})
		} else if one, err = gallery.ExpandQueries(ctx, one, a.z.Embeddings, *a.use.Expand); err != nil {
			return nil, err
		}
	}
	var list []gallery.Reranked
	if a.use.Rerank != nil {
		list, err = a.reranked(ctx, t, z, one, k)
	} else {
		// One more: the query is its own nearest. It is taken out by its number: a copy under another id is a finding.
		var found [][]embedding.Neighbour
		if found, err = embedding.Nearest(one, z, min(k, z.N)+1, false); err != nil {
			return nil, err
		}
		near := slices.DeleteFunc(found[0], func(n embedding.Neighbour) bool { return n.Item == a.self })
		for _, n := range near[:min(k, len(near))] {
			list = append(list, gallery.Reranked{Item: n.Item, Similarity: float64(n.Cosine), Cosine: float64(n.Cosine)})
		}
	}
	if a.use.Expand != nil { // what verdicts are about is the cosine of the two items
		for i, n := range list {
			list[i].Cosine = embedding.Cosine(a.from.Row(a.query), a.z.Row(n.Item))
		}
	}
	return list, err
}

// expanded returns the items that are searched, expanded by each other. They stay in memory while there is room.
func (a *asked) expanded(ctx context.Context, t *task) (*embedding.Embeddings, error) {
	name := fmt.Sprintf("expanded %s %s by %d %v", a.args.Model, a.args.Frame, a.use.Expand.Neighbours, a.use.Expand.Power)
	x, err := t.remember(name, func() (object, error) {
		z, err := gallery.Expand(ctx, a.z.Embeddings, *a.use.Expand)
		return &embeddingsObject{z}, err
	})
	if err != nil {
		return nil, err
	}
	return x.(*embeddingsObject).Embeddings, nil //nolint:forcetypeassert // only these have such names
}

// rerankerObject is a gallery that is ready to be re-ranked.
type rerankerObject struct {
	*gallery.Reranker
	size int64
}

func (r *rerankerObject) bytes() int64 { return r.size }
func (r *rerankerObject) close()       {}

// reranked returns the k most similar items of z, re-ranked. What is known of z stays in memory while there is room.
func (a *asked) reranked(ctx context.Context, t *task, z, one *embedding.Embeddings, k int) ([]gallery.Reranked, error) {
	name := fmt.Sprintf("reranker %s %s %+v", a.args.Model, a.args.Frame, a.args.Gallery)
	x, err := t.remember(name, func() (object, error) {
		r, err := gallery.NewReranker(ctx, z, *a.use.Rerank)
		return &rerankerObject{r, 4*int64(len(z.Values)) + 16*int64(z.N)*int64(min(a.use.Rerank.K1, z.N))}, err
	})
	if err != nil {
		return nil, err
	}
	r := x.(*rerankerObject) //nolint:forcetypeassert // only these have such names
	if a.self >= 0 {
		return r.SearchItem(ctx, a.self, k, 0)
	}
	found, err := r.Search(ctx, one, k, 0)
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// remember returns the object of a name in memory, which is made where it is not there.
func (t *task) remember(name string, compute func() (object, error)) (object, error) {
	x, done := t.w.objects.get(name)
	if x == nil {
		made, err := compute()
		if err != nil {
			return nil, err
		}
		x, done = t.w.objects.put(name, made)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done = append(t.done, done)
	return x, nil
}

// indexObject is an index that is open.
type indexObject struct{ search.Index }

func (x *indexObject) bytes() int64 { s := x.Stats(); return s.Memory + 70*int64(s.Items) }
func (x *indexObject) close()       { _ = x.Close() } // nothing was written

// open returns the index, which stays open while there is room. It is of the model, or refused.
func (a *similarInArgs) open(ctx context.Context, t *task) (search.Index, error) {
	sum, err := t.w.hashes.Of(a.Index)
	if err != nil {
		return nil, err
	}
	x, err := t.remember("index "+a.Index+" "+sum, func() (object, error) {
		x, err := hnsw.Open(ctx, a.Index)
		return &indexObject{x}, err
	})
	if err != nil {
		return nil, err
	}
	_, hash, err := openfile.Hash(t.w.store.Path(a.Model, modelFile))
	if err != nil {
		return nil, err
	}
	index := x.(*indexObject) //nolint:forcetypeassert // only these have such names
	if short, narrow := strings.CutPrefix(index.Of(), hash+" width "); narrow {
		return nil, fmt.Errorf("%s has the first %s numbers of the encoder alone: make it again without --width",
			quote.Text(a.Index), quote.Line(short))
	}
	if index.Of() != hash {
		return nil, fmt.Errorf("%s was made with another model, whose file has the SHA-256 %.12s and not %.12s: make it "+
			"again with this one", quote.Text(a.Index), quote.Line(index.Of()), hash)
	}
	return index, nil
}
