package show

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese"
)

// A training that was stopped ends its cell like any other, with what was kept and where; other errors are errors.
func ExampleTrained() {
	r := trainedFor(3)
	r.Model, r.Saved = &siamese.Model{Threshold: .5, Cut: "stopped after epoch 3 of 20 at 2026-11-29 20:38 UTC"}, 2
	opts := siamese.TrainOptions{Checkpoint: "runs/model.safetensors"}
	fmt.Println(Trained(r, fmt.Errorf("epoch 4: %w", context.Canceled), opts))
	// Output:
	// best epoch: 2 of 3 trained (stopped after epoch 3 of 20 at 2026-11-29 20:38 UTC), threshold 0.500
	// validation: loss 0.0910, ROC-AUC 0.9532, MAP@R 0.6161
	// kept: the model of epoch 2, in runs/model.safetensors
	// <nil>
}

func TestTrained(t *testing.T) {
	opts := siamese.TrainOptions{Checkpoint: "m.safetensors"}
	for _, r := range []*siamese.Result{nil, {}} {
		err := Trained(r, context.Canceled, opts)
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "nothing is written to m.safetensors") {
			t.Errorf("stopped before an epoch was judged: %v", err)
		}
		if Trained(r, nil, opts) == nil {
			t.Error("a result without epochs is no error")
		}
	}
	whole := trainedFor(2)
	whole.Model = &siamese.Model{}
	if err := Trained(whole, nil, siamese.TrainOptions{}); err != nil {
		t.Error(err)
	}
	failed := errors.New("the disk is full")
	if err := Trained(whole, failed, opts); !errors.Is(err, failed) {
		t.Errorf("%v", err)
	}
	if text := kept(whole.Outcome(), "", ""); !strings.Contains(text, "not saved") {
		t.Error(text)
	}
	whole.Saved = 2
	if text := kept(whole.Outcome(), "m", "s"); !strings.Contains(text, "goes on") {
		t.Error(text)
	}
}
