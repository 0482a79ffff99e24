package study

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// countedViews makes views that are the items themselves, and counts them by the frames that they are asked for.
type countedViews struct {
	frames, rows *atomic.Int64
	frame        *data.Frame
}

func (c countedViews) Views(_ context.Context, f *data.Frame, _ augment.Options) (augment.Views, error) {
	c.frames.Add(1)
	c.frame = f
	return c, nil
}

func (c countedViews) Row(row []float32, item int, _ augment.Key) error {
	c.rows.Add(1)
	copy(row, c.frame.Row(item))
	return nil
}

// Every training of a sweep, a search and protocols gets the source of views; without one all are refused before any.
func TestViewsReachTrainings(t *testing.T) {
	backend, ctx := devicetest.Go(t), t.Context()
	cfg := protocolConfig()
	cfg.Augment = augment.Options{Share: 0.25, Shift: 0.1}
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	for name, test := range map[string]struct {
		trainings int64
		run       func(augment.Source) error
	}{
		"sweep": {1, func(s augment.Source) error {
			out, err := RunSweep(ctx, backend, []Trial{{"views", cfg}}, train, val, SweepOptions{Views: s})
			if out != nil {
				for _, r := range out.List {
					t.Cleanup(func() { _ = r.Result.Model.Close() })
				}
			}
			return err
		}},
		"search": {2, func(s augment.Source) error {
			out, err := RunSearch(ctx, backend, searchItems(), cfg,
				SearchOptions{Space: searchSpace(), Trials: 2, Seed: 5, Views: s})
			if out != nil && out.Model != nil {
				t.Cleanup(func() { _ = out.Model.Close() })
			}
			return err
		}},
		"protocols": {2, func(s augment.Source) error {
			_, err := RunProtocols(ctx, backend, train, cfg,
				ProtocolOptions{Protocols: []string{"items"}, Folds: 2, Seeds: []uint64{1}, Views: s})
			return err
		}},
	} {
		source := countedViews{frames: new(atomic.Int64), rows: new(atomic.Int64)}
		if err := test.run(source); err != nil || source.frames.Load() != test.trainings || source.rows.Load() == 0 {
			t.Errorf("%s: %v, %d trainings with views, want %d, %d views", name, err, source.frames.Load(), test.trainings,
				source.rows.Load())
		}
		if err := test.run(nil); !slices.Equal(option.Names(err), []string{"augment.share"}) {
			t.Errorf("%s without pictures: %v", name, err)
		}
	}
}
