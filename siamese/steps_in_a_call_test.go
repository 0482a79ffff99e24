//go:build cgo

package siamese

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/tensortest"
)

// TestManyStepsInACall holds the loop inside the graph, which XLA has, against as many calls of one step: the same
// bits.
func TestManyStepsInACall(t *testing.T) {
	backend := devicetest.OnDevices(t)
	one, many := newStepCase(t, backend, 0.3), newStepCase(t, backend, 0.3)
	if many.stepper.PerCall == 1 {
		t.Fatal("a call is a step")
	}
	const steps = 5
	var items []int32
	var labels []float32
	for k := range steps {
		drawn := append(append([]int32{}, one.items[k%4:]...), one.items[:k%4]...)
		if _, err := one.stepper.Advance(batch.Batches{Items: drawn, Labels: one.labels}); err != nil {
			t.Fatal(err)
		}
		items, labels = append(items, drawn...), append(labels, one.labels...)
	}
	if _, err := many.stepper.Advance(batch.Batches{Items: items, Labels: labels}); err != nil {
		t.Fatal(err)
	}
	if one.stepper.Step != steps || many.stepper.Step != steps {
		t.Errorf("%d and %d steps are done, want %d", one.stepper.Step, many.stepper.Step, steps)
	}
	for _, name := range one.stepper.State.Names {
		if diff := cmp.Diff(tensortest.Flat(t, one.stepper.State.Get(name)),
			tensortest.Flat(t, many.stepper.State.Get(name))); diff != "" {
			t.Errorf("state %s differs: %s", name, diff)
		}
	}
	if _, err := many.stepper.Advance(batch.Batches{Items: items[1:], Labels: labels}); err == nil {
		t.Error("half a pair was taken")
	}
}
