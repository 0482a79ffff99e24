package study

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/go-siamese/lab/siamese/study/found"
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
