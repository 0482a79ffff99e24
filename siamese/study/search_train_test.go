package study

import (
	"errors"
	"io"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/search"
	"github.com/go-siamese/lab/siamese/study/space"
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

// fixed is a sampler that proposes what it was given, one after the other.
type fixed struct {
	search.Random
	points []space.Point
}

func (f fixed) Propose(_ space.Space, _ uint64, n, _ int, _ []search.Trial) (space.Point, error) {
	return f.points[n], nil
}

// TestSame: a trial shares the training of an earlier one with its configuration, whether or not that is over and has
// failed when it is proposed. What is never trained is shared by none.
func TestSame(t *testing.T) {
	of := space.Space{space.Choice("pairs_per_epoch", "64", "128"), space.Choice("batch_pairs", "16", "128")}
	point := func(pairs, batch float64) space.Point {
		return space.Point{"pairs_per_epoch": pairs, "batch_pairs": batch}
	}
	invalid, valid, other := point(0, 1), point(0, 0), point(1, 0)
	base := toymodel.Config()
	base.PairsPerEpoch, base.BatchPairs = 128, 16
	want := []int{-1, -1, -1, -1, 2, 3, 2}
	for _, early := range []bool{false, true} {
		s := &searcher{backend: devicetest.Go(t), base: base, opt: SearchOptions{Space: of,
			Sampler: fixed{points: []space.Point{invalid, invalid, valid, other, valid, other, valid}}}}
		var got []int
		for n := range want {
			if _, err := s.propose(n, 4); err != nil {
				t.Fatal(err)
			}
			if early && n == 2 {
				s.fail(2, errors.New("the loss is not finite"))
			}
			got = append(got, s.runs[n].Same)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the first failed early %v: %v", early, got)
		}
		if s.runs[1].State != found.Failed || s.runs[4].State != found.Running {
			t.Errorf("%+v", s.runs)
		}
	}
}
