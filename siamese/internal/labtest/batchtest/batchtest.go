// Package batchtest gives tests samplers of labelled pairs.
package batchtest

import (
	"testing"

	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/pairs"
)

// LabelledSamplerOf returns a sampler of batches of size items out of n, by the labelled pairs p.
func LabelledSamplerOf(t *testing.T, p pairs.Pairs, n, size int) *batch.LabelledSampler {
	t.Helper()
	cfg := batch.Options{BatchPairs: size / 2, Devices: 1}
	table, err := batch.NewTableBatches(cfg, p, n)
	if err != nil {
		t.Fatal(err)
	}
	s, err := batch.NewLabelledSampler(cfg, table, n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// LabelsOf returns the weights of "same" and of "different" of the labelled pairs of batch at of b, by items, the lower
// one first.
func LabelsOf(s *batch.LabelledSampler, t *testing.T, b batch.Batches, at int) map[[2]int32][2]float32 {
	t.Helper()
	part := b.Part(at, at+1, len(b.Items)/s.Size)
	out := map[[2]int32][2]float32{}
	for k := range s.MaxPairs {
		x, y := part.Items[int(part.Labels[k])], part.Items[int(part.Labels[s.MaxPairs+k])]
		same, different := part.Labels[2*s.MaxPairs+k], part.Weights[2*s.MaxPairs+k]
		key := [2]int32{min(x, y), max(x, y)}
		if _, again := out[key]; again && x != y {
			t.Fatalf("items %d and %d are labelled twice", x, y)
		}
		if same+different > 0 {
			out[key] = [2]float32{same, different}
		}
	}
	return out
}
