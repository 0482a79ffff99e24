package siamese

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// What belongs beside the model is written once, when there is a model to write, and if it cannot be, or the model
// cannot, the older model stays.
func TestBeforeCheckpoint(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	cfg, train, val := resumeCase()
	cfg.Epochs, cfg.PairsPerEpoch = 3, 1024
	dir := t.TempDir()
	path := filepath.Join(dir, "m.safetensors")
	older := func() {
		t.Helper()
		if content, err := os.ReadFile(path); err != nil || string(content) != "older" {
			t.Errorf("the older model is %d bytes, %v", len(content), err)
		}
	}
	if err := os.WriteFile(path, []byte("older"), 0o644); err != nil {
		t.Fatal(err)
	}
	full := errors.New("the disk is full")
	calls := 0
	result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{Checkpoint: path,
		BeforeCheckpoint: func() error {
			calls++
			older()
			return full
		}})
	if !errors.Is(err, full) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), ".tmp") {
		t.Errorf("%v", err)
	}
	if result == nil || result.Best != 1 || result.Saved != 0 || len(result.History) != 1 || calls != 1 {
		t.Errorf("%+v after %d calls", result, calls)
	}
	older()

	calls = 0
	state := filepath.Join(dir, "state")
	result, err = Train(t.Context(), backend, cfg, train, val, TrainOptions{Checkpoint: path, State: state,
		BeforeCheckpoint: func() error {
			calls++
			older()
			return nil
		}})
	if err != nil || calls != 1 || result.Saved != result.Best || result.Best == 0 {
		t.Fatalf("%+v after %d calls, %v", result, calls, err)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// A run that had ended trains nothing and writes its model all the same.
	if err := os.WriteFile(path, []byte("older"), 0o644); err != nil {
		t.Fatal(err)
	}
	result, err = Train(t.Context(), backend, cfg, train, val, TrainOptions{Checkpoint: path, State: state})
	got, readErr := os.ReadFile(path)
	if err != nil || readErr != nil || result.Saved != result.Best || !slices.Equal(got, want) {
		t.Errorf("%+v, %v, %v", result, err, readErr)
	}
	// A run that its state refuses writes nothing.
	if err := os.WriteFile(path, []byte("older"), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg.Seed++
	if _, err = Train(t.Context(), backend, cfg, train, val, TrainOptions{Checkpoint: path, State: state,
		BeforeCheckpoint: func() error { return errors.New("called") }}); err == nil {
		t.Error("it is of another seed")
	}
	labtest.WantOptions(t, err, "seed")
	older()
}

// Of two runs with one state the second is refused, and the first is none the worse.
func TestStateIsLocked(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	cfg, train, val := resumeCase()
	cfg.Epochs, cfg.PairsPerEpoch = 2, 1024
	dir := t.TempDir()
	var second error
	first, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir, Progress: func(p Progress) {
		if p.Epoch == 1 && p.Step == p.Steps {
			_, second = Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir})
		}
	}})
	if err != nil || len(first.History) != 2 {
		t.Errorf("%v", err)
	}
	if !errors.Is(second, atomicfile.ErrInUse) || !strings.Contains(second.Error(), dir) {
		t.Errorf("the second run: %v", second)
	}
}

// Files that look like states take no place of one: those of other names are passed over, damaged ones are put aside
// and told.
func TestJunkTakesNoPlace(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	cfg, train, val := resumeCase()
	cfg.Epochs, cfg.PairsPerEpoch = 2, 1024
	dir := t.TempDir()
	train2 := func() *Result {
		t.Helper()
		result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	train2()
	names := []string{"state-9999999999.safetensors", "state-9999999998.safetensors", "state-copy.safetensors",
		"state-01.safetensors"}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("junk"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cfg.Epochs = 3
	result := train2()
	if len(result.Warnings) != 2 || !strings.Contains(result.Warnings[0], names[0]+".damaged") {
		t.Errorf("%q", result.Warnings)
	}
	files, err := stateFiles(dir)
	if err != nil || len(files) != statesKept || filepath.Base(files[0]) != fmt.Sprintf(statePattern,
		3*stepsPerEpoch(cfg)) {
		t.Errorf("%q, %v", files, err)
	}
	for _, name := range []string{names[0] + ".damaged", names[1] + ".damaged", names[2], names[3]} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	// Fewer epochs than are done would mean a model that no longer is.
	cfg.Epochs = 2
	_, err = Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir})
	labtest.WantOptions(t, err, "epochs")
	labtest.WantError(t, err, "2", "3")
}

// A run that is resumed where other bits come out goes on and says so, in the result, in the model and for good.
func TestResumedElsewhere(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	cfg, train, val := resumeCase()
	cfg.Epochs, cfg.PairsPerEpoch = 1, 1024
	dir := t.TempDir()
	path := filepath.Join(dir, "m.safetensors")
	run := func() *Result {
		t.Helper()
		result, err := Train(t.Context(), backend, cfg, train, val,
			TrainOptions{State: filepath.Join(dir, "state"), Checkpoint: path})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	if first := run(); first.Elsewhere != nil || first.Model.Notes != nil {
		t.Errorf("%q, %q", first.Elsewhere, first.Model.Notes)
	}
	// Ended runs compute nothing; one that goes on does.
	was := machineOf
	defer func() { machineOf = was }()
	machineOf = func(b compute.Backend) device.Machine {
		m := was(b)
		m.Threads, m.Plugin = m.Threads+7, "only known here"
		return m
	}
	if again := run(); again.Elsewhere != nil {
		t.Errorf("%q", again.Elsewhere)
	}
	cfg.Epochs = 2
	second := run()
	threads := fmt.Sprintf("threads were %d and are %d", runtime.GOMAXPROCS(0), runtime.GOMAXPROCS(0)+7)
	if len(second.Elsewhere) != 1 || !strings.Contains(second.Elsewhere[0], threads) ||
		strings.Contains(second.Elsewhere[0], "plugin") {
		t.Errorf("%q, want %q", second.Elsewhere, threads)
	}
	cfg.Epochs, machineOf = 3, was // back again
	third := run()
	if len(third.Elsewhere) != 2 || third.Elsewhere[0] != second.Elsewhere[0] || len(third.Warnings) != 2 {
		t.Errorf("%q, %q", third.Elsewhere, third.Warnings)
	}
	saved, err := Load(path)
	if err != nil || len(saved.Notes) != 2 || !slices.Equal(saved.Notes, third.Model.Notes) ||
		!strings.Contains(saved.Notes[0], threads) {
		t.Errorf("%+v, %v", saved, err)
	}
	cfg.Epochs = 4 // where it was before: nothing more to tell
	if last := run(); len(last.Elsewhere) != 2 {
		t.Errorf("%q", last.Elsewhere)
	}
}
