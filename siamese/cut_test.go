package siamese

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// A model says where its training was cut: stopped, failed, or killed, which leaves the checkpoint as it was last
// written. That of a whole run says nothing, in memory and in the file.
func TestCutTrainingSaysSo(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	defer func(clock func() time.Time) { now = clock }(now)
	now = func() time.Time { return time.Date(2026, 11, 29, 20, 38, 0, 0, time.UTC) }
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	cfg := toyConfig()
	cfg.Epochs, cfg.Patience = 4, 0
	checkpoint, state := filepath.Join(t.TempDir(), "m.safetensors"), t.TempDir()
	inFile := func() string {
		m, err := Load(checkpoint)
		if err != nil {
			t.Fatal(err)
		}
		return m.Cut
	}
	ctx, cancel := context.WithCancel(t.Context())
	result, err := Train(ctx, backend, cfg, train, val,
		TrainOptions{Checkpoint: checkpoint, State: state, Progress: func(p Progress) {
			if p.Epoch == 2 && p.Step == p.Steps {
				if got := inFile(); !strings.HasPrefix(got, "not finished: after epoch ") {
					t.Errorf("while the run goes on its file says %q", got)
				}
				cancel()
			}
		}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	want := "stopped after epoch 2 of 4 at 2026-11-29 20:38 UTC"
	if result.Model.Cut != want || inFile() != want || !strings.Contains(result.String(), want) {
		t.Errorf("%q, in the file %q, want %q; %s", result.Model.Cut, inFile(), want, result)
	}
	// Resumed to its end, it is a whole run.
	result, err = Train(t.Context(), backend, cfg, train, val, TrainOptions{Checkpoint: checkpoint, State: state})
	if err != nil || result.Model.Cut != "" || inFile() != "" || strings.Contains(result.String(), "stopped after") {
		t.Errorf("%v: a whole run says %q, in the file %q; %s", err, result.Model.Cut, inFile(), result)
	}
	// Nothing was judged.
	ctx, cancel = context.WithCancel(t.Context())
	cfg.PairsPerEpoch *= 16
	result, err = Train(ctx, backend, cfg, train, val, TrainOptions{Progress: func(Progress) { cancel() }})
	want = "stopped in epoch 1 of 4, before one was judged at 2026-11-29 20:38 UTC"
	if errors.Is(err, context.Canceled) && len(result.History) == 0 && result.Model.Cut != want {
		t.Errorf("%q, want %q", result.Model.Cut, want)
	}
	cfg.PairsPerEpoch /= 16
	full := errors.New("the disk is full")
	result, err = Train(t.Context(), backend, cfg, train, val, TrainOptions{
		Checkpoint: filepath.Join(t.TempDir(), "m.safetensors"), BeforeCheckpoint: func() error { return full }})
	if want = "failed after epoch 1 of 4 at 2026-11-29 20:38 UTC"; !errors.Is(err, full) || result.Model.Cut != want {
		t.Errorf("%v: a run that fails gives %+v", err, result)
	}
}
