package session_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/gallery"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/session"
)

// usesGallery compares searches that use the gallery with package gallery, for an item of the frame and for one of
// another, and looks for the rows of reports.
func usesGallery(t *testing.T, m *session.Model, f *session.Frame, split *session.Split, backend *siamese.Backend,
	model *siamese.Model, frame *data.Frame) {
	t.Helper()
	ctx := t.Context()
	z := labtest.Must(model.Embed(ctx, backend, frame))
	test := labtest.Must(split.Side(ctx, session.Test))
	other := labtest.Must(test.Data(ctx))
	outside := labtest.Must(model.Embed(ctx, backend, other)).Select([]int{2})
	expand := gallery.Options{Neighbours: 3, Power: 2}
	rerank := gallery.RerankOptions{K1: 5, K2: 2, Lambda: .4}
	expanded := labtest.Must(gallery.Expand(ctx, z, expand))
	expandedOutside := labtest.Must(gallery.ExpandQueries(ctx, outside, z, expand))
	for _, c := range []struct {
		use      session.GalleryOptions
		z, query *embedding.Embeddings
	}{
		{session.GalleryOptions{Expand: 3, ExpandPower: 2}, expanded, expandedOutside},
		{session.GalleryOptions{Rerank: 5, RerankK2: 2, RerankLambda: .4}, z, outside},
		{session.GalleryOptions{Expand: 3, ExpandPower: 2, Rerank: 5, RerankK2: 2, RerankLambda: .4}, expanded,
			expandedOutside},
	} {
		var own, others []gallery.Reranked
		if c.use.Rerank > 0 {
			r := labtest.Must(gallery.NewReranker(ctx, c.z, rerank))
			own, others = labtest.Must(r.SearchItem(ctx, 3, 4, 0)), labtest.Must(r.Search(ctx, c.query, 4, 0))[0]
		} else {
			for _, n := range labtest.Must(embedding.Nearest(c.z, c.z, 4, true))[3] {
				own = append(own, gallery.Reranked{Item: n.Item, Similarity: float64(n.Cosine)})
			}
			for _, n := range labtest.Must(embedding.Nearest(c.query, c.z, 4, false))[0] {
				others = append(others, gallery.Reranked{Item: n.Item, Similarity: float64(n.Cosine)})
			}
		}
		for range 2 { // what is computed once is used again
			near := labtest.Must(m.SimilarWith(ctx, f, f, "i3", 4, c.use))
			foundAs(t, near, own, frame, func(item int) float64 { return z.Cosine(3, item) })
			near = labtest.Must(m.SimilarWith(ctx, f, test, other.IDs[2], 4, c.use))
			foundAs(t, near, others, frame, func(item int) float64 { return embedding.Dot(outside.Row(0), z.Row(item)) })
			if near.Gallery == "" || !strings.Contains(near.String(), near.Gallery) {
				t.Errorf("%q: the gallery is not named", near)
			}
		}
	}
	rep, err := m.Evaluate(ctx, split, session.EvaluateOptions{NoIntervals: true,
		Gallery: session.GalleryOptions{Expand: 3, Rerank: 5}})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{report.GalleryName(report.TrainedName), report.RerankedName(report.TrainedName),
		report.BothName(report.TrainedName)} {
		if !slices.ContainsFunc(rep.Methods, func(m session.Method) bool { return m.Name == name }) {
			t.Errorf("the report has no row %q", name)
		}
	}
	for want, use := range map[string]session.GalleryOptions{"Expand": {Expand: -1}, "ExpandPower": {ExpandPower: 2},
		"Rerank": {RerankK2: 2}, "RerankK2": {Rerank: 3, RerankK2: -1}, "RerankLambda": {Rerank: 3, RerankLambda: 2}} {
		_, search := m.SimilarWith(ctx, f, f, "i3", 4, use)
		_, report := m.Evaluate(ctx, split, session.EvaluateOptions{Gallery: use})
		for _, err := range []error{search, report} {
			if !about(err, want) {
				t.Errorf("%+v: %v, want an error about %s", use, err, want)
			}
		}
	}
}

// foundAs fails unless neighbours are those wanted, in order, with both similarities.
func foundAs(t *testing.T, got *session.Neighbours, want []gallery.Reranked, f *data.Frame,
	cosine func(item int) float64) {
	t.Helper()
	if len(got.List) != len(want) {
		t.Fatalf("%d neighbours, want %d", len(got.List), len(want))
	}
	for k, n := range got.List {
		w := want[k]
		if n.ID != f.IDs[w.Item] || math.Abs(n.Similarity-w.Similarity) > 1e-6 || math.Abs(n.Cosine-cosine(w.Item)) > 1e-6 ||
			n.Same != (n.Cosine >= got.Threshold) {
			t.Errorf("place %d: %+v, want item %s, %v, cosine %v", k, n, f.IDs[w.Item], w, cosine(w.Item))
		}
	}
}
