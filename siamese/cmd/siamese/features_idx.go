package main

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/data/extract"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
)

// ofIDX computes the features of an IDX file of images, the format of MNIST, and of its file of labels if there is one.
// Unlike a folder it is small enough to be computed in memory, in seconds, so that there is nothing to resume.
func (c *featuresCommand) ofIDX(ctx context.Context, wanted features.Config, s *streams) error {
	// 0 = the usual limits of a picture's size; the whole set is read into memory.
	set, err := images.OpenIDX(c.Folder, c.IDXLabels, 0)
	if err != nil {
		return err
	}
	bar := newImageBar(s.errOut)
	frame, err := features.Extract(ctx, set, wanted,
		func(done, total int) { bar.show(extract.Progress{Done: done, Total: total}) })
	bar.end()
	if err != nil {
		return err
	}
	if err := table.Save(c.Out, frame); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d items x %d features\n", quote.Text(c.Out), frame.N(), frame.F())
	return nil
}
