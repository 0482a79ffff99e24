package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/extract"
	"github.com/go-siamese/lab/data/table"
)

// idxFeatures computes the features of an IDX file of images into a table. It takes seconds, so that there is nothing to go on with.
func idxFeatures(ctx context.Context, images, labels, to string, c data.FeatureConfig, out, complaints io.Writer) error {
	set, err := data.OpenIDX(images, labels, 0)
	if err != nil {
		return err
	}
	bar := newBar(complaints, isTerminal(complaints), time.Now)
	frame, err := data.Features(ctx, set, c, func(done, total int) { bar.show(extract.Progress{Done: done, Total: total}) })
	bar.end()
	if err != nil {
		return err
	}
	if err := table.Save(to, frame); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %d items x %d features\n", to, frame.N(), frame.F())
	return nil
}
