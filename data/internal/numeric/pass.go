package numeric

import (
	"context"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/ondisk"
	"github.com/go-siamese/lab/data/parallel"
)

// chunkBytes is how much of the rows every range of columns goes through before the next rows: little enough to be read
// from disk once for all of them.
const chunkBytes = 8 << 20

// Pass calls do for every tile of columns [from, to) with ranges of rows [first, last), one after the other in their
// order: so that sums by column are added in the order of items, and a frame on disk is read once. Tiles run at the same
// time. The error is that of ctx.
func Pass(ctx context.Context, f *data.Frame, tile int, do func(from, to, first, last int)) error {
	width, n := f.F(), f.N()
	rows := max(1, chunkBytes/(4*max(1, width)))
	for first := 0; first < n; first += rows {
		last := min(n, first+rows)
		if err := parallel.Each(ctx, (width+tile-1)/tile, 0, func(_, t int) error {
			do(t*tile, min(width, (t+1)*tile), first, last)
			return nil
		}); err != nil {
			return err
		}
		ondisk.Touched((last - first) * width)
	}
	return nil
}
