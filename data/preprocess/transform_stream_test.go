package preprocess

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
)

// Sums over rows give the bits of those over gathered columns, for every choice that can be streamed.
func TestFitStreamHasTheSameBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	f := &data.Frame{}
	const n, width = 301, 37
	for i := range n {
		f.IDs = append(f.IDs, fmt.Sprint("i", i))
		for j := range width {
			v := float32(rng.NormFloat64()*float64(j+1) - 1000*float64(j%3))
			if j == 5 {
				v = 7 // constant
			}
			f.X = append(f.X, v)
		}
	}
	for j := range width {
		f.Columns = append(f.Columns, fmt.Sprint("c", j))
	}
	f.Blocks = []data.Block{{Name: "a", Start: 0, End: 10}, {Name: "b", Start: 10, End: width}}
	holes := *f
	holes.X = append([]float32(nil), f.X...)
	for range 200 {
		holes.X[rng.IntN(len(holes.X))] = float32(math.NaN())
	}
	var items []int
	for i := n - 1; i >= 0; i -= 2 {
		items = append(items, i)
	}
	for _, c := range []struct {
		f    *data.Frame
		spec Options
	}{
		{f, Options{}}, {f, Options{Scale: ScaleNone}}, {f, Options{Scale: ScaleNone, EqualBlocks: true}},
		{f, Options{SignedSqrt: true, EqualBlocks: true}}, {f, Options{Components: 3}},
		{&holes, Options{Impute: ImputeMean}}, {&holes, Options{Impute: ImputeMean, SignedSqrt: true}},
		{&holes, Options{Impute: ImputeMean, Scale: ScaleNone}},
	} {
		want, err := Fit(t.Context(), c.f, items, c.spec)
		if err != nil {
			t.Fatal(err)
		}
		got, err := streamed(t, c.f, items, c.spec)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v: %s", c.spec, diff)
		}
	}
	for _, spec := range []Options{{Scale: ScaleRobust}, {Scale: ScaleWithin}, {Impute: ImputeMedian}} {
		if Streams(spec) {
			t.Errorf("%+v cannot be learnt in passes over rows", spec)
		}
	}
	if _, err := streamed(t, &holes, items, Options{}); err == nil || !strings.Contains(err.Error(), `item "i`) ||
		!strings.Contains(err.Error(), `column "c`) {
		t.Errorf("missing values: %v", err)
	}
	for i := range n {
		holes.X[i*width+4] = float32(math.NaN())
	}
	if _, err := streamed(t, &holes, items, Options{Impute: ImputeMean}); err == nil ||
		!strings.Contains(err.Error(), `column "c4" has no known value`) {
		t.Errorf("a column without values: %v", err)
	}
}

func streamed(t *testing.T, f *data.Frame, items []int, spec Options) (*Transform, error) {
	t.Helper()
	was := streamFrom
	streamFrom = 0
	defer func() { streamFrom = was }()
	return Fit(t.Context(), f, items, spec)
}
