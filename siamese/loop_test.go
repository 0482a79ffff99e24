//go:build cgo

package siamese

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestManyStepsInACall holds the loop inside the graph, which XLA has, against as many calls of one step: the same bits.
func TestManyStepsInACall(t *testing.T) {
	backend := onDevices(t)
	one, many := newStepCase(t, backend, 0.3), newStepCase(t, backend, 0.3)
	if many.stepper.perCall == 1 {
		t.Fatal("a call is a step")
	}
	const steps = 5
	var items []int32
	var labels []float32
	for k := range steps {
		batch := append(append([]int32{}, one.items[k%4:]...), one.items[:k%4]...)
		if _, err := one.stepper.advance(batches{items: batch, labels: one.labels}); err != nil {
			t.Fatal(err)
		}
		items, labels = append(items, batch...), append(labels, one.labels...)
	}
	if _, err := many.stepper.advance(batches{items: items, labels: labels}); err != nil {
		t.Fatal(err)
	}
	if one.stepper.step != steps || many.stepper.step != steps {
		t.Errorf("%d and %d steps are done, want %d", one.stepper.step, many.stepper.step, steps)
	}
	for _, name := range one.stepper.state.names {
		if diff := cmp.Diff(flat(t, one.stepper.state.get(name)), flat(t, many.stepper.state.get(name))); diff != "" {
			t.Errorf("state %s differs: %s", name, diff)
		}
	}
	if _, err := many.stepper.advance(batches{items: items[1:], labels: labels}); err == nil {
		t.Error("half a pair was taken")
	}
}
