package main

import (
	"context"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/describe"
)

// warnTelling writes a warning on errOut for columns of the frame that by themselves tell the class, before anything is
// trained or measured: a copy of the label among the features makes every figure meaningless, and a good one.
func warnTelling(frame *data.Frame, errOut io.Writer) {
	for _, text := range describe.TellingAdvice(describe.TellingColumns(frame), "--ignore") {
		fmt.Fprintln(errOut, "warning:", text)
	}
}

// openTelling is open for what is trained on: how the items were read is written on out, and warnings on errOut.
func (d *dataFlags) openTelling(ctx context.Context, path string, out, errOut io.Writer) (*data.Frame, error) {
	frame, how, err := d.open(ctx, path)
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(out, how)
	warnTelling(frame, errOut)
	return frame, nil
}
