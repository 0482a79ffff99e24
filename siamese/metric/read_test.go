package metric

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// slowRows are rows in memory that are read as if they were elsewhere.
type slowRows struct {
	x    []float32
	e    int
	fail error
}

func (r slowRows) Size() (int, int) { return len(r.x) / r.e, r.e }

func (r slowRows) Read(to []float32, from int) error {
	copy(to, r.x[from*r.e:])
	return r.fail
}

// Rows that are read give the estimate of rows in memory, to the bit, however many queries are compared in a pass: also
// where a batch of queries ends amid a pass, and where rows are zero.
func TestEstimateRead(t *testing.T) {
	x, labels := clusters(700, 7, 6, 1.5, 3)
	clear(x[7*13 : 7*14])
	clear(x[7*600 : 7*601])
	opt := EstimateOptions{Queries: 90, Batches: 7, Seed: 5, Options: Options{Ks: []int{1, 5},
		Verification: VerificationOptions{Thresholds: []float64{.2}}}}
	want, err := EstimatePairs(t.Context(), x, labels, opt)
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Warnings) == 0 || want.Batches() != 7 {
		t.Fatalf("%+v", want)
	}
	for _, c := range []struct {
		workers, bytes int
		listed         int64
	}{{1, 0, listLimit}, {3, 4 * 704 * 20, listLimit}, {2, math.MaxInt32, 0}} {
		opt.Workers = c.workers
		got, err := estimateRead(t.Context(), slowRows{x, 7, nil}, labels, opt, c.bytes, c.listed)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(Estimate{}, batchMetrics{})); diff != "" {
			t.Errorf("%+v: %s", c, diff)
		}
	}
	// All of few are exact.
	few, err := EstimateRead(t.Context(), slowRows{x[:7*50], 7, nil}, labels[:50], opt)
	if err != nil {
		t.Fatal(err)
	}
	if want, err = EstimatePairs(t.Context(), x[:7*50], labels[:50], opt); err != nil || few.Batches() != 0 {
		t.Fatal(few.Batches(), err)
	}
	if diff := cmp.Diff(want, few, cmp.AllowUnexported(Estimate{})); diff != "" {
		t.Error(diff)
	}
}

func TestEstimateReadErrors(t *testing.T) {
	x, labels := clusters(200, 4, 3, 1, 1)
	opt := EstimateOptions{Queries: 60}
	read := func(ctx context.Context, rows Reader, opt EstimateOptions) error {
		_, err := EstimateRead(ctx, rows, labels, opt)
		return err
	}
	broken := errors.New("the disk is broken")
	if err := read(t.Context(), slowRows{x, 4, broken}, opt); !errors.Is(err, broken) {
		t.Error(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := read(gone, slowRows{x, 4, nil}, opt); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	labtest.WantError(t, read(t.Context(), slowRows{x[:400], 4, nil}, opt), "100 rows and 200 labels")
	opt.Similarity = Euclidean
	labtest.WantError(t, read(t.Context(), slowRows{x, 4, nil}, opt), "by their cosine")
	opt.Similarity, x[4*150+2] = Cosine, float32(math.NaN())
	labtest.WantError(t, read(t.Context(), slowRows{x, 4, nil}, opt), "number 2 of item 150 is NaN")
}
