package study

import (
	"errors"
	"io"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/study/found"
)

// TestOfMachine: a full disk ends the search, and is no failure of a trial that its record would keep.
func TestOfMachine(t *testing.T) {
	full := atomicfile.WriteOwn(filepath.Join(t.TempDir(), "state"), func(io.Writer) error { return syscall.ENOSPC })
	missing := atomicfile.WriteOwn(filepath.Join(t.TempDir(), "none", "state"), func(io.Writer) error { return nil })
	for what, err := range map[string]error{"full": full, "missing": missing, "in use": atomicfile.ErrInUse} {
		if err == nil || !ofMachine(err) {
			t.Errorf("%s: %v counts as the trial's", what, err)
		}
	}
	for _, err := range []error{errors.New("the loss is not finite"), option.Errorf("batch_pairs", "too many")} {
		if ofMachine(err) {
			t.Errorf("%v does not count as the trial's", err)
		}
	}
}

// TestFinishFailed: a trial that failed in a later rung is read as it was in each: it has a score until then.
func TestFinishFailed(t *testing.T) {
	s := &searcher{runs: []found.Run{{Trial: found.Trial{State: found.Running}}}}
	record := searchRecord{Curve: []float64{.5, .7}, Error: "the loss is not finite"}
	record.Config.Epochs = 9
	if err := s.finish(0, record, 1, 0, true); err != nil {
		t.Fatal(err)
	}
	if r := s.runs[0]; r.State != found.Running || r.Score != .5 || r.Step != 1 || r.Error != "" {
		t.Errorf("after the first rung: %+v", r)
	}
	if err := s.finish(0, record, 3, 0, true); err != nil {
		t.Fatal(err)
	}
	if r := s.runs[0]; r.State != found.Failed || r.Error != record.Error {
		t.Errorf("after the second rung: %+v", r)
	}
	// With all its epochs it failed in what comes after them.
	s.runs[0] = found.Run{Trial: found.Trial{State: found.Running}}
	record.Config.Epochs = 2
	if err := s.finish(0, record, 2, 0, true); err != nil || s.runs[0].State != found.Failed {
		t.Errorf("after the last epoch: %v, %+v", err, s.runs[0])
	}
}
