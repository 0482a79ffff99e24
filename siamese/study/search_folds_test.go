package study

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/stats"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/search"
)

// TestSearchFolds: every class is held out of one search, whose winner is that of a search on its own, and one that was
// interrupted goes on to the same mean.
func TestSearchFolds(t *testing.T) {
	backend := devicetest.Go(t)
	trained := map[string]bool{}
	opt := SearchOptions{Space: searchSpace(), Sampler: search.Random{}, Trials: 2, Seed: 5, Folds: 3}
	want := runSearch(t, backend, toymodel.Config(), opt)
	n := want.Outer
	if n == nil || len(n.Folds) != 3 {
		t.Fatalf("%+v", n)
	}
	var held []string
	var scores []float64
	mean, chosen := 0., 0.
	for _, f := range n.Folds {
		held = append(held, f.HeldOut...)
		scores = append(scores, f.Honest.HeldOut)
		mean, chosen = mean+f.Honest.HeldOut/3, chosen+f.Honest.Selection/3
		if len(f.HeldOut) != 3 || f.Honest.Of != 2 || !(f.Honest.Low <= f.Honest.HeldOut && f.Honest.HeldOut <= f.Honest.High) {
			t.Errorf("%+v", f)
		}
	}
	names, _ := searchItems().Classes()
	if slices.Sort(held); !slices.Equal(held, names) {
		t.Errorf("held out %q of %q", held, names)
	}
	spread := labtest.Must(stats.Folds(scores, 3./6, 0)) // three classes of nine, which are of one size
	if !labtest.Near(n.Mean, mean, 1e-12) || !labtest.Near(n.Selection, chosen, 1e-12) ||
		!labtest.Near(n.Low, spread.Mean.Low, 1e-12) || !labtest.Near(n.High, spread.Mean.High, 1e-12) {
		t.Errorf("%v, want %v", n, spread)
	}
	if winner, _ := want.Winner(); !cmp.Equal(n.Folds[0], found.Fold{HeldOut: want.HeldOut, Winner: winner.Config,
		Honest: *want.Honest}) {
		t.Errorf("the first fold is %+v", n.Folds[0])
	}
	if text := want.String(); !strings.Contains(text, "on 3 folds") || !strings.Contains(text, "best of 2") {
		t.Error(text)
	}
	// Interrupted in the second fold, it has what the first one found.
	opt.Dir = filepath.Join(t.TempDir(), "search")
	ctx, cancel := context.WithCancel(t.Context())
	opt.Progress = func(p SearchProgress) {
		trained[strings.SplitAfter(p.String(), ", ")[0]] = true
		if p.Fold == 2 && p.Run != nil {
			cancel()
		}
	}
	got, err := RunSearch(ctx, backend, searchItems(), toymodel.Config(), opt)
	if !errors.Is(err, context.Canceled) || got == nil || got.Model == nil || got.Outer != nil {
		t.Fatalf("%v, %+v", err, got)
	}
	if diff := cmp.Diff(want.Honest, got.Honest); diff != "" {
		t.Error(diff)
	}
	_ = got.Model.Close()
	if !trained["fold 1 of 3, "] || !trained["fold 2 of 3, "] || trained["fold 3 of 3, "] {
		t.Errorf("%v", trained)
	}
	clear(trained)
	opt.Progress = func(p SearchProgress) {
		if p.Training != nil {
			trained[strings.SplitAfter(p.String(), ", ")[0]] = true
		}
	}
	again := runSearch(t, backend, toymodel.Config(), opt)
	if diff := cmp.Diff(want.Result, again.Result, cmpopts.IgnoreFields(found.Run{}, "Seconds")); diff != "" {
		t.Error(diff)
	}
	if trained["fold 1 of 3, "] || !trained["fold 3 of 3, "] {
		t.Errorf("trained again: %v", trained)
	}
}

// TestSearchFoldsSameClasses: with the same classes the folds are of items.
func TestSearchFoldsSameClasses(t *testing.T) {
	backend := devicetest.Go(t)
	out := runSearch(t, backend, toymodel.Config(), SearchOptions{Space: searchSpace(), Trials: 1, Folds: 2, SameClasses: true})
	if out.Outer == nil || len(out.Outer.Folds) != 2 || out.Outer.Folds[1].HeldOut != nil || len(out.Trained) != 9 ||
		out.Outer.Folds[0].Honest == out.Outer.Folds[1].Honest {
		t.Errorf("%+v", out.Outer)
	}
}
