package describe

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/ondisk"
)

// A frame on disk is described as the same frame in memory, to the bit, in however many passes its columns are gathered.
func TestFrameOnDisk(t *testing.T) {
	const n, width = 3000, 37
	rng := rand.New(rand.NewPCG(4, 2))
	f := &data.Frame{Blocks: []data.Block{{Name: "a", End: 20}, {Name: "b", Start: 20, End: width}}}
	items := make([]int, n)
	for i := range n {
		items[i] = i
		f.IDs, f.Labels = append(f.IDs, strconv.Itoa(i)), append(f.Labels, strconv.Itoa(i%3))
		for j := range width {
			v := float32(rng.NormFloat64())
			switch {
			case j == 30: // a copy of another column
				v = f.X[i*width+7]
			case j == 31 && i != 2999: // almost one
				v = f.X[i*width+7]
			case j == 12 || j == 33:
				v = 4
			case rng.IntN(500) == 0:
				v = []float32{float32(math.NaN()), float32(math.Inf(-1)), 50}[rng.IntN(3)]
			}
			f.X = append(f.X, v)
		}
	}
	for j := range width {
		f.Columns = append(f.Columns, "c"+strconv.Itoa(j))
	}
	copy(f.Row(2000), f.Row(10))
	opt := Options{Duplicates: duplicates.Default()}
	want, err := Frame(t.Context(), f, opt)
	if err != nil {
		t.Fatal(err)
	}
	if want.Outliers == 0 || want.Missing == 0 || want.RepeatedColumns != 2 || len(want.Duplicates.Exact) != 1 {
		t.Fatalf("%+v", want)
	}
	on, release, err := ondisk.Select(t.Context(), f, items, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	defer func(was int) { gatherBytes = was }(gatherBytes)
	for _, columns := range []int{1, 5, 1000} {
		gatherBytes = 4 * n * columns
		got, err := Frame(t.Context(), on, opt)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d columns at once: %s", columns, diff)
		}
	}
	if few, all := 12.*n, Bytes(on); all < 4*n*width || all > 4*n*width+few*64+200*n {
		t.Errorf("%g bytes", all)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Frame(gone, on, opt); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
