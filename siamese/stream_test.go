package siamese

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// dealt returns the items of a frame in frames of the given sizes, the last one again and again.
func dealt(f *data.Frame, sizes ...int) iter.Seq2[*data.Frame, error] {
	return func(yield func(*data.Frame, error) bool) {
		for from, k := 0, 0; from < f.N(); k++ {
			to := min(f.N(), from+sizes[min(k, len(sizes)-1)])
			if !yield(items(f, from, to), nil) {
				return
			}
			from = to
		}
	}
}

// A stream has the bits of all items at once, however it is divided, with their ids, and says the same of them.
func TestEmbedStream(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		m, _ := trained(t)
		defer m.Close()
		for _, n := range []int{1, 8, 9, 512, 516, 1100} {
			f := labtest.Toy("s", 4, (n+3)/4, 9, 0.5, 7).Select(slices.Collect(func(yield func(int) bool) {
				for i := range n {
					yield(i)
				}
			}))
			f.Domains = slices.Repeat([]string{"moon"}, n)
			want := embed(t, m, backend, f)
			for _, sizes := range [][]int{{n}, {1, 700}, {512}, {509, 3, 8}, {100}} {
				var values []float32
				var ids []string
				all, zeros, err := m.EmbedStream(t.Context(), backend, dealt(f, sizes...),
					func(z *embedding.Embeddings, of *data.Frame) error {
						if z.N != of.N() || z.N > max(slices.Max(sizes), embedRows)+embedRows {
							t.Errorf("%d embeddings of %d items at once", z.N, of.N())
						}
						values, ids = append(values, z.Values...), append(ids, of.IDs...)
						return nil
					})
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(values, want.Values) || !slices.Equal(ids, f.IDs) {
					t.Errorf("%d items in %v: other embeddings, or of other items", n, sizes)
				}
				if all.N != n || all.E != want.E || zeros != len(want.Zero) || !cmp.Equal(all.Unseen, want.Unseen) ||
					len(all.Warnings()) == 0 {
					t.Errorf("%d items in %v: %+v, want %v", n, sizes, all, want.Warnings())
				}
			}
		}
	})
}

func TestEmbedStreamRefuses(t *testing.T) {
	backend := devicetest.Go(t)
	m, val := trained(t)
	defer m.Close()
	ignore := func(*embedding.Embeddings, *data.Frame) error { return nil }
	enough := errors.New("enough")
	other := *val
	other.Columns = append([]string{"other"}, val.Columns[1:]...)
	for want, frames := range map[string]iter.Seq2[*data.Frame, error]{
		"enough": func(yield func(*data.Frame, error) bool) { _ = yield(val, nil) && yield(nil, enough) },
		"other columns than the first": func(yield func(*data.Frame, error) bool) {
			_ = yield(val, nil) && yield(&other, nil)
		},
		"other": dealt(&other, 4),
	} {
		if _, _, err := m.EmbedStream(t.Context(), backend, frames, ignore); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	_, _, err := m.EmbedStream(t.Context(), backend, dealt(val, 4),
		func(*embedding.Embeddings, *data.Frame) error { return enough })
	if !errors.Is(err, enough) {
		t.Errorf("an error of write becomes %v", err)
	}
}
