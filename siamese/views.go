package siamese

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// viewer makes the views of a run's batches: preprocessed features of altered training items. It is for one feed at a
// time.
type viewer struct {
	seed  uint64
	batch int // items of a batch
	count int // V, those of them that are views
	width int // of a preprocessed row
	views augment.Views
	raw   *data.Frame      // [V, F] of one batch, before preprocessing
	rows  *preprocess.Rows // of raw
}

// newViewer returns what makes views of the items of train, nil where the configuration asks for none.
func newViewer(ctx context.Context, cfg Config, transform *preprocess.Transform, train *data.Frame,
	source augment.Source) (*viewer, error) {
	v := &viewer{seed: cfg.Seed, batch: 2 * cfg.BatchPairs, count: cfg.Augment.Views(2 * cfg.BatchPairs),
		width: transform.Width()}
	if v.count == 0 {
		return nil, nil //nolint:nilnil // none is no error
	}
	var err error
	if v.views, err = source.Views(ctx, train, cfg.Augment); err != nil {
		return nil, fmt.Errorf("training items: %w", err)
	}
	v.raw = &data.Frame{X: make([]float32, v.count*train.F()), Columns: train.Columns, Blocks: train.Blocks,
		Settings: train.Settings, IDs: make([]string, v.count)}
	for k := range v.raw.IDs {
		v.raw.IDs[k] = fmt.Sprintf("view %d", k+1)
	}
	v.rows, err = transform.Rows(v.raw)
	return v, err
}

// view is a view of an item: the number of it among those of the item in an epoch.
type view struct{ item, number int32 }

// choose draws which items of an epoch's batches are views, an equal number in each, and writes that into the batches.
// It returns the views of all batches in order. Chance decides the places, so that views are of all classes and sides
// of pairs. It depends on the batches, the seed and the epoch alone, so that a state need not hold it.
func (v *viewer) choose(b *batch.Batches, epoch int) []view {
	rng := streams.Views(v.seed, epoch)
	b.ViewAt = make([]int32, len(b.Items))
	number := map[int32]int32{} // of the next view of an item
	places := make([]int, v.batch)
	for k := range places {
		places[k] = k
	}
	var out []view
	for start := 0; start < len(b.Items); start += v.batch {
		for k := range v.count { // the first of a shuffle
			at := k + rng.IntN(v.batch-k)
			places[k], places[at] = places[at], places[k]
		}
		chosen := slices.Sorted(slices.Values(places[:v.count]))
		for k, place := range chosen {
			item := b.Items[start+place]
			b.ViewAt[start+place] = int32(k + 1)
			out = append(out, view{item, number[item]})
			number[item]++
		}
	}
	return out
}

// feed makes the rows of an epoch's batches, their views or their features, beside the steps, at most some batches
// ahead of them. nil = there are none.
type feed struct {
	ready chan []float32 // rows of a batch, [V, width] or [2B, width], in order
	err   error          // why no more come; read it when ready is closed
	stop  context.CancelFunc
	taken []float32
	used  chan []float32 // rows of batches that were taken, to be written anew
}

// begin chooses the views of the batches of an epoch and begins to make those from step from on, up to ahead batches
// before they are taken. Close the feed before another one begins.
func (v *viewer) begin(b *batch.Batches, epoch, from, ahead int) *feed {
	chosen := v.choose(b, epoch)
	return newFeed("views", v.count*v.width, from, len(chosen)/v.count, ahead,
		func(ctx context.Context, to []float32, k int) error {
			return v.fill(ctx, to, chosen[k*v.count:(k+1)*v.count], epoch)
		})
}

// newFeed begins to make the rows of batches [from, end), size numbers each, up to ahead batches before they are taken.
// what they are is said in errors. write may not keep what it writes to.
func newFeed(what string, size, from, end, ahead int,
	write func(ctx context.Context, to []float32, k int) error) *feed {
	ctx, stop := context.WithCancel(context.Background())
	f := &feed{ready: make(chan []float32, ahead), stop: stop, used: make(chan []float32, ahead),
		taken: make([]float32, 0, ahead*size)}
	go func() {
		defer close(f.ready)
		for k := from; k < end; k++ {
			var made []float32
			select {
			case made = <-f.used:
			default:
				made = make([]float32, size)
			}
			if err := write(ctx, made, k); err != nil {
				f.err = fmt.Errorf("%s: %w", what, err)
				return
			}
			select {
			case f.ready <- made:
			case <-ctx.Done():
				return
			}
		}
	}()
	return f
}

// fill writes the preprocessed features of the views of one batch to dst.
func (v *viewer) fill(ctx context.Context, dst []float32, chosen []view, epoch int) error {
	err := parallel.Each(ctx, len(chosen), 0, func(_, k int) error {
		one := chosen[k]
		return v.views.Row(v.raw.Row(k), int(one.item), augment.Key{Seed: v.seed, Epoch: epoch, View: int(one.number)})
	})
	if err != nil {
		return err
	}
	return v.rows.Read(dst, 0)
}

// take returns the rows of the next n batches, which are valid until the next call. It waits for them, or for the end
// of ctx, whose error it returns; then no more may be taken.
func (f *feed) take(ctx context.Context, n int) ([]float32, error) {
	if f == nil {
		return nil, nil
	}
	f.taken = f.taken[:0]
	for range n {
		select {
		case made, ok := <-f.ready:
			if !ok {
				return nil, f.err
			}
			f.taken = append(f.taken, made...)
			select {
			case f.used <- made:
			default:
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return f.taken, nil
}

// close ends the feed and waits for it.
func (f *feed) close() {
	if f == nil {
		return
	}
	f.stop()
	for range f.ready { //nolint:revive // what was made ahead is dropped
	}
}
