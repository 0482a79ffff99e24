package metric

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/memory"
)

// What is computed from kept scores is what is computed without, to the bit, on any number of goroutines.
func TestKeep(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 3, 31, 33, 64, 65, 130, 301} {
		for _, sim := range []Similarity{Cosine, InnerProduct, Euclidean} {
			emb, labels := make([]float32, 5*n), make([]int32, n)
			for i := range emb {
				emb[i] = float32(rng.NormFloat64())
			}
			for i := range labels {
				labels[i] = int32(rng.IntN(6))
			}
			opt := Options{Similarity: sim, Ks: []int{1, 5}, PerQuery: true, Hardest: 7,
				Verification: VerificationOptions{Thresholds: []float64{.1}, Bins: 9, Points: 20}}
			want, err := AllPairs(t.Context(), emb, labels, opt)
			if err != nil {
				t.Fatal(err)
			}
			for _, workers := range []int{1, 3} {
				t.Run(fmt.Sprintf("n=%d/%v/workers=%d", n, sim, workers), func(t *testing.T) {
					rows, err := NewRows(emb, labels, sim)
					if err != nil {
						t.Fatal(err)
					}
					before := scoresOf(t, rows, workers)
					if err := rows.Keep(t.Context(), workers); err != nil || rows.o.kept == nil {
						t.Fatal(err, rows.o.kept == nil)
					}
					if diff := cmp.Diff(before, scoresOf(t, rows, workers)); diff != "" {
						t.Errorf("scores (- computed, + kept):\n%s", diff)
					}
					opt := opt
					opt.Similarity, opt.Workers = 0, workers
					got, err := rows.AllPairs(t.Context(), opt)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("metrics (- computed, + kept):\n%s", diff)
					}
				})
			}
		}
	}
}

// scoresOf returns all scores, by place.
func scoresOf(t *testing.T, rows *Rows, workers int) map[int][]float32 {
	t.Helper()
	var mu sync.Mutex
	out := map[int][]float32{}
	if err := rows.Sweep(t.Context(), workers, nil, func(_, place int, scores []float32) {
		mu.Lock()
		defer mu.Unlock()
		out[place] = append([]float32(nil), scores...)
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// No more memory is taken than said, and a cancelled call holds nothing.
func TestKeepBounds(t *testing.T) {
	for n, want := range map[int]bool{8160: true, 8193: false} {
		labels := make([]int32, n)
		rows, err := NewRows(make([]float32, n), labels, Cosine)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // before anything is computed
		if err := rows.Keep(ctx, 0); errors.Is(err, context.Canceled) != want || rows.o.kept != nil {
			t.Errorf("%d items: %v, %d scores kept", n, err, len(rows.o.kept))
		}
	}
	rows, err := NewRows(nil, nil, Cosine)
	if err != nil {
		t.Fatal(err)
	}
	if err := rows.Keep(t.Context(), 0); err != nil {
		t.Errorf("no items: %v", err)
	}
	if err := rows.Keep(t.Context(), -1); err == nil {
		t.Error("no error for -1 workers")
	}
	// Three items take four rows of four keys or more.
	if rows, err = NewRows([]float32{1, 2, 3}, []int32{1, 1, 2}, InnerProduct); err != nil {
		t.Fatal(err)
	}
	restore := memory.Pretend(80)
	err = rows.Keep(t.Context(), 0)
	restore()
	if err != nil || rows.o.kept != nil {
		t.Errorf("%v: %d scores kept in 80 free bytes", err, len(rows.o.kept))
	}
}
