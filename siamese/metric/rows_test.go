package metric

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Metrics from the rows are those of AllPairs, exactly, and every place is visited once.
func TestRowsAreThoseOfAllPairs(t *testing.T) {
	ctx := context.Background()
	emb, labels := clusters(203, 7, 5, 1.2, 3)
	for _, sim := range []Similarity{Cosine, InnerProduct, Euclidean} {
		r, err := AllPairs(ctx, emb, labels, Options{Similarity: sim, NoRetrieval: true})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := NewRows(emb, labels, sim)
		if err != nil {
			t.Fatal(err)
		}
		matrix := make([][]float32, rows.N())
		done := 0.0
		err = rows.Sweep(ctx, 3, func(d float64) { done = d }, func(_, place int, scores []float32) {
			if matrix[place] != nil {
				t.Errorf("place %d comes twice", place)
			}
			matrix[place] = append([]float32(nil), scores...)
		})
		if err != nil || done != 1 {
			t.Fatalf("error %v, %v done", err, done)
		}
		var acc accumulator
		seen := make([]bool, rows.N())
		for p := range matrix {
			a, b := rows.Class(p)
			seen[rows.Item(p)] = true
			for q := p + 1; q < rows.N(); q++ {
				same := labels[rows.Item(p)] == labels[rows.Item(q)]
				if same != (a <= q && q < b) {
					t.Fatalf("class of place %d is %d to %d, and place %d of the same class: %v", p, a, b, q, same)
				}
				if matrix[p][q] != matrix[q][p] {
					t.Fatalf("scores of places %d and %d differ", p, q)
				}
				acc.add(float64(matrix[p][q]), same, 1)
			}
		}
		for i, s := range seen {
			if !s {
				t.Errorf("item %d has no place", i)
			}
		}
		v, err := acc.verification(VerificationOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(r.Verification, v); d != "" {
			t.Errorf("%v:\n%s", sim, d)
		}
	}
}

func TestRowsErrors(t *testing.T) {
	if _, err := NewRows([]float32{1, 2, 3}, []int32{0, 1}, Cosine); err == nil {
		t.Error("3 numbers for 2 items are taken")
	}
	if _, err := NewRows([]float32{1, 2}, []int32{0, 1}, Similarity(9)); err == nil {
		t.Error("an unknown similarity is taken")
	}
	rows, err := NewRows(nil, nil, Cosine)
	if err != nil || rows.N() != 0 {
		t.Fatalf("no items: %v", err)
	}
	visit := func(_, _ int, _ []float32) { t.Error("visited") }
	if err := rows.Sweep(context.Background(), 0, nil, visit); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	rows, err = NewRows([]float32{1, 2}, []int32{0, 1}, Cosine)
	if err != nil {
		t.Fatal(err)
	}
	if err := rows.Sweep(context.Background(), -1, nil, visit); err == nil {
		t.Error("a negative number of workers is no error")
	}
	if err := rows.Sweep(ctx, 1, nil, visit); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
