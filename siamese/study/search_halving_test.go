package study

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/search"
	"github.com/go-siamese/lab/siamese/study/space"
)

// TestHalveShared: the state of a pruned trial stays where one that goes on has the same configuration.
func TestHalveShared(t *testing.T) {
	dir := t.TempDir()
	shared, other := filepath.Join(dir, "shared"), filepath.Join(dir, "other")
	s := &searcher{factor: 3, stems: []string{other, shared, shared}}
	for _, score := range []float64{.5, .7, .7} {
		s.runs = append(s.runs, found.Run{Trial: found.Trial{State: found.Running, Score: score}})
	}
	for _, stem := range []string{shared, other} {
		if err := os.Mkdir(stem+".training", 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if alive := s.halve([]int{0, 1, 2}); !slices.Equal(alive, []int{1}) {
		t.Errorf("%v go on", alive)
	}
	if s.runs[0].State != found.Pruned || s.runs[2].State != found.Pruned {
		t.Errorf("%+v", s.runs)
	}
	if _, err := os.Stat(shared + ".training"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(other + ".training"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the state of trial 0: %v", err)
	}
}

// spy is a sampler that notes how many trials each proposal knew.
type spy struct {
	search.TPE
	knew map[int]int
}

func (s spy) Propose(of space.Space, seed uint64, n, parallel int, past []search.Trial) (space.Point, error) {
	s.knew[n] = s.Needs(of, n, parallel)
	for _, p := range past[:s.knew[n]] {
		if p.State == found.Running {
			return nil, fmt.Errorf("trial %d is running, and %d needs it", p.Number, n)
		}
	}
	return s.TPE.Propose(of, seed, n, parallel, past)
}

// TestHalvingLearns: every trial of a bracket is proposed from all results of the brackets before.
func TestHalvingLearns(t *testing.T) {
	backend := devicetest.Go(t)
	sampler := spy{search.TPE{Startup: 2}, map[int]int{}}
	cfg := toymodel.Config()
	cfg.Epochs = 4
	runSearch(t, backend, cfg, SearchOptions{Space: searchSpace(), Sampler: sampler, Trials: 10,
		Halving: &Halving{Factor: 4}})
	want := map[int]int{0: 0, 1: 0, 2: 0, 3: 0, 4: 4, 5: 4, 6: 4, 7: 4, 8: 8, 9: 8}
	if diff := cmp.Diff(want, sampler.knew); diff != "" {
		t.Error(diff)
	}
}

// TestTrainAllStops: after an error that ends the search no other trial begins.
func TestTrainAllStops(t *testing.T) {
	dir := t.TempDir()
	s := &searcher{backend: devicetest.Go(t), opt: SearchOptions{Parallel: 1},
		training: map[string]*sync.Mutex{}}
	for _, name := range []string{"a", "b"} {
		stem := filepath.Join(dir, name)
		if err := os.WriteFile(stem+".json", []byte("{}"), 0o600); err != nil { // of no trial
			t.Fatal(err)
		}
		s.stems = append(s.stems, stem)
		s.runs = append(s.runs, found.Run{Trial: found.Trial{State: found.Running}, Config: toymodel.Config()})
	}
	err := s.trainAll(t.Context(), []int{0, 1}, 1)
	labtest.WantError(t, err, "trial 0")
	if strings.Contains(err.Error(), "trial 1") {
		t.Error(err)
	}
}
