package siamese

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/ondisk"
	"github.com/go-siamese/lab/data/preprocess"
)

// reader reads the features of a run's batches from the training items, which may be on disk. It is for one feed at a
// time.
type reader struct {
	train *data.Frame
	rows  *preprocess.Rows // of train
	batch int              // items of a batch, 2B
	width int              // of a preprocessed row
}

// newReader returns a reader of batches of that many items of train.
func newReader(transform *preprocess.Transform, train *data.Frame, batch int) (*reader, error) {
	rows, err := transform.Rows(train)
	if err != nil {
		return nil, fmt.Errorf("training items: %w", err)
	}
	return &reader{train: train, rows: rows, batch: batch, width: transform.Width()}, nil
}

// soonRows is how many rows a disk is asked for at a time: it answers many at once sooner than one after the other.
const soonRows = 4096

// begin begins to read the features of batches from number from on, up to ahead batches before they are taken. items
// [n, 2B] are those of all batches. Close the feed before another one begins.
func (r *reader) begin(items []int32, from, ahead int) *feed {
	asked := from * r.batch // rows before it were asked for
	return newFeed("training items", r.batch*r.width, from, len(items)/r.batch, ahead, func(_ context.Context,
		to []float32, k int) error {
		if end := min(len(items), (k+1)*r.batch+soonRows); end-asked >= soonRows || end == len(items) {
			for ; asked < end; asked++ {
				ondisk.Prefetch(r.train.Row(int(items[asked])))
			}
		}
		return r.rows.Pick(to, items[k*r.batch:(k+1)*r.batch])
	})
}
