package evaluate

import (
	"context"

	"github.com/go-siamese/lab/siamese/gallery"
	"github.com/go-siamese/lab/siamese/report"
)

// gallery adds Report.Gallery where it is asked for: the trained encoder and the best untrained features, each with the
// items of a side expanded by each other. Thresholds are chosen on the expanded validation items, because cosines of
// expanded items are others.
func (e *evaluation) gallery(ctx context.Context) error {
	if e.opt.Gallery == nil {
		return nil
	}
	for _, k := range []int{e.best(), 0} {
		m := e.methods[k]
		f := &report.Metrics{}
		e.report.Gallery = append(e.report.Gallery, f)
		if err := e.untrained(ctx, f, gallery.Source(m.of, *e.opt.Gallery), report.GalleryName(m.metrics.Name)); err != nil {
			return err
		}
	}
	return nil
}
