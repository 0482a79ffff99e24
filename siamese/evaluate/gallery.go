package evaluate

import (
	"context"
	"errors"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/gallery"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
)

// GalleryOptions ask for the trained encoder and the best untrained features once more, each item compared by what the
// other items of its side say of it; see package gallery. Where both are asked for there are three rows of each:
// expanded, re-ranked, and re-ranked after expansion. The zero value asks for none.
type GalleryOptions struct {
	Expand *gallery.Options       // every item averaged with its nearest; nil = no
	Rerank *gallery.RerankOptions // all pairs re-ranked, not only those with a high cosine; nil = no
}

// wanted returns whether anything is asked for.
func (g GalleryOptions) wanted() bool { return g.Expand != nil || g.Rerank != nil }

// refused returns an error that names what is asked for, nil where nothing is: why says why there can be no such row.
func (g GalleryOptions) refused(why string) error {
	var expand, rerank error
	if g.Expand != nil {
		expand = option.Errorf("Expand", "%s: leave it out", why)
	}
	if g.Rerank != nil {
		rerank = option.Errorf("Rerank", "%s: leave it out", why)
	}
	return errors.Join(expand, rerank)
}

// validate returns all that is wrong with the options, joined, or nil.
func (g GalleryOptions) validate() error {
	var expand, rerank error
	if g.Expand != nil {
		expand = g.Expand.Validate()
	}
	if g.Rerank != nil {
		rerank = g.Rerank.Validate()
	}
	return errors.Join(expand, rerank)
}

// gallery adds Report.Gallery where it is asked for. Thresholds are chosen on validation items that were treated the
// same, because their similarities are others than cosines.
func (e *evaluation) gallery(ctx context.Context) error {
	if !e.opt.Gallery.wanted() {
		return nil
	}
	expand, rerank := e.opt.Gallery.Expand, e.opt.Gallery.Rerank
	for _, k := range []int{e.best(), 0} {
		of, name := remembered(e.methods[k].of), e.methods[k].metrics.Name // three rows need the same vectors
		var expanded embedding.Source
		if expand != nil {
			expanded = remembered(gallery.Source(of, *expand))
			if err := e.untrained(ctx, e.galleryRow(), expanded, report.GalleryName(name)); err != nil {
				return err
			}
		}
		if rerank == nil {
			continue
		}
		if err := e.reranked(ctx, of, report.RerankedName(name)); err != nil {
			return err
		}
		if expand == nil {
			continue
		}
		if err := e.reranked(ctx, expanded, report.BothName(name)); err != nil {
			return err
		}
	}
	return nil
}

// transductive adds the model adapted to the test items to Report.Gallery, where it is asked for.
func (e *evaluation) transductive(ctx context.Context) error {
	if !e.opt.Transductive {
		return nil
	}
	_, test := e.on.sides()
	adapted, err := e.model.Adapt(ctx, e.backend, test, nil)
	if err != nil {
		return err
	}
	defer adapted.Close()
	if err := e.untrained(ctx, e.galleryRow(), func(ctx context.Context, f *data.Frame) (*embedding.Embeddings, error) {
		return adapted.Embed(ctx, e.backend, f)
	}, report.TransductiveName); err != nil {
		return err
	}
	e.methods[len(e.methods)-1].of = nil // its model is closed
	return nil
}

// galleryRow returns a new row of Report.Gallery.
func (e *evaluation) galleryRow() *report.Metrics {
	f := &report.Metrics{}
	e.report.Gallery = append(e.report.Gallery, f)
	return f
}

// reranked measures a source whose items are re-ranked by those of their side. The evaluation is over items.
func (e *evaluation) reranked(ctx context.Context, of embedding.Source, name string) error {
	e.stage(name)
	onVal, onTest, err := e.source(ctx, of)
	if err != nil {
		return err
	}
	var all [2]*gallery.Overlaps
	for k, z := range []*embedding.Embeddings{onVal, onTest} {
		r, err := gallery.NewReranker(ctx, z, *e.opt.Gallery.Rerank)
		if err != nil {
			return err
		}
		if all[k], err = r.Overlaps(ctx); err != nil {
			return err
		}
	}
	drawn := e.on.(*overItems).pairs
	scores, same := make([]float64, drawn.Len()), make([]bool, drawn.Len())
	for k := range scores {
		i, j := int(drawn.Left[k]), int(drawn.Right[k])
		scores[k], same[k] = all[0].Similarity(i, j), drawn.Same(k)
	}
	threshold, err := bestThreshold(scores, same)
	if err != nil {
		return err
	}
	return e.measureMixed(ctx, e.galleryRow(), onVal, onTest, [2]metric.Mixture{all[0], all[1]}, name, threshold)
}
