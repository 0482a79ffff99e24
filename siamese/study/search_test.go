package study

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/show"
	"github.com/go-siamese/lab/siamese/study/export"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/search"
	"github.com/go-siamese/lab/siamese/study/space"
)

// searchSpace is a space for toymodel.Config.
func searchSpace() space.Space {
	return space.Space{space.LogRange("learning_rate", 1e-3, 1e-1), space.Choice("layers", "8", "6,4"),
		space.Range("dropout", 0, .5).If("layers", "8")}
}

func searchItems() *data.Frame { return labtest.Toy("s", 9, 12, 9, .5, 3) }

// sameResult compares two results, times aside.
func sameResult(t *testing.T, what string, want, got *Search) {
	t.Helper()
	if diff := cmp.Diff(want.Result, got.Result, cmpopts.IgnoreFields(found.Run{}, "Seconds")); diff != "" {
		t.Errorf("%s: %s", what, diff)
	}
	if diff := cmp.Diff(want.Model.Layers, got.Model.Layers); diff != "" {
		t.Errorf("%s: the model differs", what)
	}
}

func runSearch(t *testing.T, backend compute.Backend, cfg siamese.Config, opt SearchOptions) *Search {
	t.Helper()
	out, err := RunSearch(t.Context(), backend, searchItems(), cfg, opt)
	if err != nil {
		t.Fatal(err)
	}
	if out.Model == nil {
		t.Fatalf("no model: %+v", out.Result)
	}
	t.Cleanup(func() { _ = out.Model.Close() })
	return out
}

// TestSearch: the sides share no class, the result adds up, and a folder is gone on from.
func TestSearch(t *testing.T) {
	backend := devicetest.Go(t)
	dir := filepath.Join(t.TempDir(), "search")
	trained := map[int]bool{}
	opt := SearchOptions{Space: searchSpace(), Trials: 4, Seed: 5, Dir: dir, Progress: func(p SearchProgress) {
		if p.Training != nil {
			trained[p.Trial] = true
		}
	}}
	first := runSearch(t, backend, toymodel.Config(), opt)
	if len(first.Runs) != 4 || len(trained) != 4 || first.Honest == nil || first.Honest.Of != 4 || first.Report == nil {
		t.Fatalf("%v, trained %v", first, trained)
	}
	all := slices.Concat(first.Trained, first.Watched, first.HeldOut)
	slices.Sort(all)
	if len(first.Watched) != 2 || len(first.HeldOut) != 2 || len(slices.Compact(all)) != 9 {
		t.Errorf("trained on %q, watched %q, held out %q", first.Trained, first.Watched, first.HeldOut)
	}
	if first.Monitor != siamese.MonitorUnseenMAP {
		t.Error(first.Monitor)
	}
	for _, r := range first.Runs {
		if r.State != found.Complete || r.Score != slices.Max(r.Curve) || len(r.Curve) != toymodel.Config().Epochs {
			t.Errorf("%+v", r)
		}
	}
	winner, _ := first.Winner()
	h := first.Honest
	if got := first.Report.Trained.Values["map_at_r"]; !labtest.Near(got, winner.HeldOut, 1e-9) ||
		h.HeldOut != winner.HeldOut || h.Selection != winner.Score || !(h.Low <= h.HeldOut && h.HeldOut <= h.High) {
		t.Errorf("%+v, evaluated %v, %v", h, got, winner.HeldOut)
	}
	var saved found.Result
	text, err := os.ReadFile(filepath.Join(dir, "search.json"))
	if err == nil {
		err = json.Unmarshal(text, &saved)
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.Result, &saved, cmpopts.IgnoreFields(found.Run{}, "Seconds")); diff != "" {
		t.Error(diff)
	}
	if models, _ := filepath.Glob(filepath.Join(dir, "*.safetensors")); len(models) != 1 {
		t.Errorf("models %q", models)
	}
	if states, _ := filepath.Glob(filepath.Join(dir, "*.training")); len(states) != 0 {
		t.Errorf("states %q", states)
	}
	clear(trained)
	sameResult(t, "again", first, runSearch(t, backend, toymodel.Config(), opt))
	if len(trained) != 0 {
		t.Errorf("trained again: %v", trained)
	}
	opt.Trials = 6
	more := runSearch(t, backend, toymodel.Config(), opt)
	if len(more.Runs) != 6 || len(trained) > 2 {
		t.Errorf("%d trials, trained %v", len(more.Runs), trained)
	}
	if diff := cmp.Diff(first.Runs, more.Runs[:4], cmpopts.IgnoreFields(found.Run{}, "Seconds")); diff != "" {
		t.Error(diff)
	}
	// The best model of the smaller search may be gone: it is trained again, to the same bits.
	opt.Trials = 4
	sameResult(t, "the smaller one", first, runSearch(t, backend, toymodel.Config(), opt))
	if text := first.String(); !strings.Contains(text, "best of 4") || !strings.Contains(text, "learning_rate") {
		t.Error(text)
	}
}

// TestSearchInterrupted: a search that is cancelled at any trial, within it or after it, goes on to the same result.
func TestSearchInterrupted(t *testing.T) {
	backend := devicetest.Go(t)
	for what, opt := range map[string]SearchOptions{
		"trials":  {Space: searchSpace(), Trials: 3},
		"halving": {Space: searchSpace(), Trials: 3, Halving: &Halving{Factor: 3}},
	} {
		cfg := toymodel.Config()
		cfg.Epochs = 3
		want := runSearch(t, backend, cfg, opt)
		opt.Dir = filepath.Join(t.TempDir(), "search")
		stopped := 0
		for at := 1; ; at++ {
			ctx, cancel := context.WithCancel(t.Context())
			calls := 0
			opt.Progress = func(p SearchProgress) {
				if p.Training == nil && p.Kept {
					return
				}
				if calls++; calls == 2 {
					cancel()
				}
			}
			got, err := RunSearch(ctx, backend, searchItems(), cfg, opt)
			cancel()
			if err == nil {
				sameResult(t, what, want, got)
				_ = got.Model.Close()
				break
			}
			if got != nil && got.Model != nil {
				_ = got.Model.Close()
			}
			if stopped++; ctx.Err() == nil || at > 10_000 {
				t.Fatal(err)
			}
		}
		if stopped < 2 {
			t.Errorf("%s: it was interrupted %d times", what, stopped)
		}
	}
}

// TestMain runs the search of TestSearchKilled where this binary was started by it.
func TestMain(m *testing.M) {
	dir := os.Getenv("SIAMESE_TEST_SEARCH")
	if dir == "" {
		os.Exit(m.Run())
	}
	backend, err := devicetest.GoBackend()
	if err == nil {
		calls := 0
		opt := killedOptions()
		opt.Dir, opt.Progress = dir, func(p SearchProgress) {
			if p.Training == nil && p.Kept {
				return
			}
			if calls++; calls == 3 {
				// Nothing can be tidied up.
				if err := labtest.Must(os.FindProcess(os.Getpid())).Kill(); err != nil {
					panic(err)
				}
				select {}
			}
		}
		_, err = RunSearch(context.Background(), backend, searchItems(), toymodel.Config(), opt)
	}
	if err != nil {
		panic(err)
	}
	os.Exit(0)
}

func killedOptions() SearchOptions {
	return SearchOptions{Space: searchSpace(), Sampler: search.TPE{Startup: 2}, Trials: 4, Halving: &Halving{Factor: 4}}
}

// TestSearchKilled: a search that is killed again and again comes to the result of one that is not.
func TestSearchKilled(t *testing.T) {
	backend := labtest.Must(devicetest.GoBackend())
	want := runSearch(t, backend, toymodel.Config(), killedOptions())
	opt := killedOptions()
	opt.Dir = filepath.Join(t.TempDir(), "search")
	killed := 0
	for {
		c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
		c.Env = append(os.Environ(), "SIAMESE_TEST_SEARCH="+opt.Dir)
		if text, err := c.CombinedOutput(); err == nil {
			break
		} else if killed++; killed > 10_000 {
			t.Fatalf("%v: %s", err, text)
		}
	}
	if killed < 2 {
		t.Errorf("it was killed %d times", killed)
	}
	sameResult(t, "killed", want, runSearch(t, backend, toymodel.Config(), opt))
}

// TestSearchParallel: several trials at a time are the same ones.
func TestSearchParallel(t *testing.T) {
	backend := devicetest.Go(t)
	for _, sampler := range []search.Sampler{search.Random{}, search.Sobol{}, search.Grid{Levels: 2}} {
		opt := SearchOptions{Space: searchSpace(), Sampler: sampler, Trials: 5, Seed: 2}
		want := runSearch(t, backend, toymodel.Config(), opt)
		opt.Parallel = 3
		sameResult(t, sampler.String(), want, runSearch(t, backend, toymodel.Config(), opt))
	}
	// One that learns proposes the same for the same number.
	opt := SearchOptions{Space: searchSpace(), Sampler: search.TPE{Startup: 3}, Trials: 7, Parallel: 2}
	sameResult(t, "tpe", runSearch(t, backend, toymodel.Config(), opt), runSearch(t, backend, toymodel.Config(), opt))
}

// TestSearchHalving: of nine trials three go on and one ends, and no epoch is trained twice.
func TestSearchHalving(t *testing.T) {
	backend := devicetest.Go(t)
	cfg := toymodel.Config()
	cfg.Epochs = 9
	epochs := map[[2]int]int{}
	opt := SearchOptions{Space: searchSpace(), Sampler: search.Random{}, MaxEpochs: 27, Halving: &Halving{},
		Progress: func(p SearchProgress) {
			if t := p.Training; t != nil && t.Step == t.Steps && t.Last != nil && t.Last.Number == t.Epoch {
				epochs[[2]int{p.Trial, t.Epoch}]++
			}
		}}
	out := runSearch(t, backend, cfg, opt)
	counts := map[found.State]int{}
	steps := map[int]int{}
	for _, r := range out.Runs {
		counts[r.State]++
		steps[r.Step]++
		if len(r.Curve) != r.Step {
			t.Errorf("%+v", r)
		}
	}
	if len(out.Runs) != 9 || counts[found.Complete] != 1 || counts[found.Pruned] != 8 || steps[1] != 6 ||
		steps[3] != 2 || steps[9] != 1 {
		t.Errorf("%v, by epochs %v", counts, steps)
	}
	for at, n := range epochs {
		if n != 1 {
			t.Errorf("trial %d: epoch %d was trained %d times", at[0], at[1], n)
		}
	}
	// To the bit what a training without a stop gives.
	winner, _ := out.Winner()
	full := runSearch(t, backend, cfg, SearchOptions{Space: searchSpace(), Sampler: search.Random{},
		Trials: winner.Number + 1})
	if diff := cmp.Diff(full.Runs[winner.Number].Curve, winner.Curve); diff != "" {
		t.Error(diff)
	}
}

// TestSearchSameClasses judges on new items.
func TestSearchSameClasses(t *testing.T) {
	backend := devicetest.Go(t)
	cfg := toymodel.Config()
	cfg.Monitor = siamese.MonitorAUC
	out := runSearch(t, backend, cfg, SearchOptions{Space: searchSpace(), Trials: 2, SameClasses: true})
	if len(out.Trained) != 9 || out.Watched != nil || out.HeldOut != nil || out.Monitor != siamese.MonitorAUC ||
		!labtest.Near(out.Honest.HeldOut, out.Report.Trained.Values["roc_auc"], 1e-9) {
		t.Errorf("%+v", out.Result)
	}
}

// TestSearchSeeds: a search of an empty space trains one configuration with one seed after the other, the first as a search
// that proposed it has trained it, and is shown and written with its seeds.
func TestSearchSeeds(t *testing.T) {
	backend := devicetest.TestBackends(t)[0]
	cfg := toymodel.Config()
	cfg.Seed = 1<<53 + 1 // which no float64 is
	searched := runSearch(t, backend, cfg, SearchOptions{Space: space.Space{space.Choice("layers", "8", "6,4")},
		Sampler: search.Grid{}, Trials: 2})
	for _, halving := range []*Halving{nil, {}} {
		out := runSearch(t, backend, searched.Runs[0].Config, SearchOptions{Trials: 3, Parallel: 2, Halving: halving,
			Sampler: search.CMAES{}})
		if out.Sampler != "seeds" || len(out.Runs) != 3 || out.Report == nil {
			t.Fatalf("%+v", out.Result)
		}
		for k, r := range out.Runs {
			want := searched.Runs[0].Config
			want.Seed += uint64(k)
			if diff := cmp.Diff(want, r.Config); diff != "" || r.Same >= 0 || len(r.Point) > 0 {
				t.Errorf("trial %d: %s %+v", k, diff, r.Trial)
			}
		}
		if one := out.Runs[0]; halving == nil && (one.Score != searched.Runs[0].Score || one.HeldOut != searched.Runs[0].HeldOut) {
			t.Errorf("the same configuration scores %v and %v", one, searched.Runs[0])
		}
		header, rows := out.Table()
		best := fmt.Sprint(out.Runs[out.Honest.Winner].Config.Seed)
		if header[len(header)-1] != "seed" || rows[0][len(header)-1] != best || !strings.Contains(out.String(), best) {
			t.Errorf("%v %v", header, rows)
		}
		if _, err := show.SearchOutputs(out.Result); err != nil {
			t.Error(err)
		}
		dir := t.TempDir()
		csv := filepath.Join(dir, "runs.csv")
		if err := errors.Join(show.SaveSearch(filepath.Join(dir, "page.html"), show.PageOptions{}, out.Result),
			export.CSV(csv, out.Result), export.Parquet(filepath.Join(dir, "runs.parquet"), out.Result),
			export.TensorBoard(filepath.Join(dir, "tb"), out.Result),
			export.Journal(filepath.Join(dir, "study.journal"), "seeds", out.Result, time.Now())); err != nil {
			t.Error(err)
		}
		for _, name := range []string{"runs.csv", "study.journal"} {
			if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.Contains(string(text), best) {
				t.Errorf("%s has no seed %s: %v\n%s", name, best, err, text)
			}
		}
	}
}

// TestSearchFailed: a trial that cannot be trained does not end the search.
func TestSearchFailed(t *testing.T) {
	backend := devicetest.Go(t)
	s := space.Space{space.Choice("pairs_per_epoch", "64", "128"), space.Choice("batch_pairs", "16", "64", "32")}
	cfg := toymodel.Config()
	cfg.PairsPerEpoch, cfg.BatchPairs = 128, 16
	if err := s.Validate(cfg); err != nil {
		t.Fatal(err)
	}
	s[1].Choices[1] = "128" // valid with 128 pairs, not with 64
	out := runSearch(t, backend, cfg, SearchOptions{Space: s, Sampler: search.Grid{}, Trials: 10})
	failed := 0
	for _, r := range out.Runs {
		if r.State == found.Failed && strings.Contains(r.Error, "pairs_per_epoch") {
			failed++
		}
	}
	if len(out.Runs) != 6 || failed != 1 || out.Honest.Of != 5 {
		t.Errorf("%v", out)
	}
}

// TestSearchNone: a search in which every trial fails is an error that says why.
func TestSearchNone(t *testing.T) {
	backend := devicetest.Go(t)
	cfg := toymodel.Config()
	cfg.BatchPairs, cfg.Loss, cfg.Monitor = 512, labtest.LossOf("supcon"), siamese.MonitorMAP // more items than there are
	out, err := RunSearch(t.Context(), backend, searchItems(), cfg, SearchOptions{Space: searchSpace(), Trials: 2})
	labtest.WantError(t, err, "no trial is complete", "trial 0 failed", "batch_pairs")
	if out == nil || len(out.Runs) != 2 || out.Model != nil || out.Honest != nil {
		t.Errorf("%+v", out)
	}
}

// TestSearchHalvingNone: trials that fail use up the epochs of halving too, and so the search ends.
func TestSearchHalvingNone(t *testing.T) {
	backend := devicetest.Go(t)
	cfg := toymodel.Config()
	cfg.Epochs = 9
	cfg.BatchPairs, cfg.Loss, cfg.Monitor = 512, labtest.LossOf("supcon"), siamese.MonitorMAP // more items than there are
	opt := SearchOptions{Space: searchSpace(), Sampler: search.Random{}, MaxEpochs: 30, Halving: &Halving{}}
	out, err := RunSearch(t.Context(), backend, searchItems(), cfg, opt)
	labtest.WantError(t, err, "no trial is complete", "trial 0 failed", "batch_pairs")
	if out == nil || len(out.Runs) != 18 { // 9 epochs of 30 leave room for a bracket of 21, 18 do not
		t.Errorf("%+v", out)
	}
	// No configuration is valid, each setting by itself is: nothing is trained that would see that ctx is cancelled.
	cfg = toymodel.Config()
	cfg.PairsPerEpoch, cfg.BatchPairs = 128, 16
	opt.Space = space.Space{space.Choice("pairs_per_epoch", "32", "64"), space.Choice("batch_pairs", "96", "128")}
	opt.MaxEpochs, opt.Trials = 0, 1_000_000_000
	ctx, cancel := context.WithCancel(t.Context())
	opt.Progress = func(p SearchProgress) {
		if p.Training != nil || p.Run.State != found.Failed {
			t.Errorf("%+v", p)
		}
		cancel()
	}
	out, err = RunSearch(ctx, backend, searchItems(), cfg, opt)
	if !errors.Is(err, context.Canceled) || out == nil || len(out.Runs) != 9 { // one bracket
		t.Errorf("cancelled: %v, %+v", err, out)
	}
}

// TestSearchRefused checks which options errors name.
func TestSearchRefused(t *testing.T) {
	backend := devicetest.Go(t)
	for what, c := range map[string]struct {
		opt  SearchOptions
		name string
	}{
		"no budget":          {SearchOptions{Space: searchSpace()}, "Trials"},
		"two budgets":        {SearchOptions{Space: searchSpace(), Trials: 1, MaxEpochs: 9}, "Trials"},
		"negative":           {SearchOptions{Space: searchSpace(), Trials: -1}, "Trials"},
		"few epochs":         {SearchOptions{Space: searchSpace(), MaxEpochs: 1}, "MaxEpochs"},
		"many held out":      {SearchOptions{Space: searchSpace(), Trials: 1, HeldOut: 7}, "HeldOut"},
		"one held out":       {SearchOptions{Space: searchSpace(), Trials: 1, HeldOut: 1}, "HeldOut"},
		"negative folds":     {SearchOptions{Space: searchSpace(), Trials: 1, Folds: -1}, "Folds"},
		"many folds":         {SearchOptions{Space: searchSpace(), Trials: 1, Folds: 5}, "Folds"},
		"large folds":        {SearchOptions{Space: searchSpace(), Trials: 1, Folds: 2, Watched: 3}, "HeldOut"},
		"folds of all items": {SearchOptions{Space: searchSpace(), Trials: 1, Folds: 9999, SameClasses: true}, "Folds"},
		"folds of one size":  {SearchOptions{Space: searchSpace(), Trials: 1, Folds: 2, HeldOut: 2}, "HeldOut"},
		"both": {SearchOptions{Space: searchSpace(), Trials: 1, HeldOut: 2, SameClasses: true},
			"SameClasses"},
		"halve nothing": {SearchOptions{Space: searchSpace(), Trials: 1, Halving: &Halving{Least: 99}},
			"Halving.Least"},
		"halve by 1": {SearchOptions{Space: searchSpace(), Trials: 1, Halving: &Halving{Factor: 1}},
			"Halving.Factor"},
		"halve by CMA-ES": {SearchOptions{Space: searchSpace(), Trials: 1, Halving: &Halving{}, Sampler: search.CMAES{}},
			"Sampler"},
		// Generations of 9 and brackets of 4 are in step for the first two brackets only.
		"halve by long generations": {SearchOptions{Space: searchSpace(), Trials: 1, Halving: &Halving{Factor: 4},
			Sampler: search.CMAES{Population: 9}}, "Sampler"},
	} {
		_, err := RunSearch(t.Context(), backend, searchItems(), toymodel.Config(), c.opt)
		t.Log(what)
		labtest.WantOptions(t, err, c.name)
	}
}
