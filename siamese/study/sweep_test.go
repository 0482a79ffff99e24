package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
)

// toyTrials are two trials that take a moment.
func toyTrials() []Trial {
	more := toymodel.Config()
	more.Dropout = 0.3
	return []Trial{{"plain", toymodel.Config()}, {"more dropout", more}}
}

func TestTrials(t *testing.T) {
	backend := devicetest.Go(t)
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	dir := filepath.Join(t.TempDir(), "trials")
	trained := map[string]int{} // calls of the progress function
	opt := SweepOptions{Dir: dir, Progress: func(name string, _ siamese.Progress) { trained[name]++ }}
	run := func(trials []Trial) *Sweep {
		t.Helper()
		clear(trained)
		out, err := RunSweep(t.Context(), backend, trials, train, val, opt)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range out.List {
			t.Cleanup(func() { _ = r.Result.Model.Close() })
		}
		return out
	}
	first := run(toyTrials())
	if len(first.List) != 2 || trained["plain"] == 0 || trained["more dropout"] == 0 {
		t.Fatalf("%d trials, trained %v", len(first.List), trained)
	}
	for i, trial := range toyTrials() { // the bits of Train
		want, err := siamese.Train(t.Context(), backend, trial.Config, train, val, siamese.TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got := first.List[i]
		if d := cmp.Diff(toymodel.Untimed(want.History),
			toymodel.Untimed(got.Result.History)) + cmp.Diff(want.Model.Layers, got.Result.Model.Layers); d != "" ||
			got.Result.Best != want.Best {
			t.Errorf("%s differs from Train: %s", trial.Name, d)
		}
		_ = want.Model.Close()
	}
	again := run(toyTrials())
	if len(trained) != 0 {
		t.Errorf("finished trials were trained again: %v", trained)
	}
	for i, r := range again.List {
		if d := cmp.Diff(first.List[i].Result.Model.Layers,
			r.Result.Model.Layers) + cmp.Diff(first.List[i].Result.History, r.Result.History); d != "" || !r.Kept {
			t.Errorf("%s was kept otherwise than it was: %s", r.Name, d)
		}
	}
	third := toyTrials()[0]
	third.Name, third.Config.LearningRate = "faster", 0.02
	if run(append(toyTrials(), third)); len(trained) != 1 || trained["faster"] == 0 {
		t.Errorf("only the new trial should be trained: %v", trained)
	}

	// The best is the one with the lowest loss, and the table says what differs.
	best := first.Ranked()[0]
	if best != first.Best() || best.Best().ValLoss > first.Ranked()[1].Best().ValLoss {
		t.Errorf("%s is no better than %s", best.Name, first.Ranked()[1].Name)
	}
	if text := first.String(); !strings.Contains(text, "more dropout") || !strings.Contains(text, "dropout=0.3") ||
		strings.Contains(text, "unseen") || strings.Contains(text, "batch_pairs") {
		t.Error(text)
	}

	// What is kept and damaged is named.
	records, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	if len(records) != 3 {
		t.Fatalf("%d records", len(records))
	}
	all := append(toyTrials(), third)
	var record trialRecord
	if err := jsonfile.Read(records[0], &record); err != nil {
		t.Fatal(err)
	}
	record.Machine.Threads, record.Elsewhere = record.Machine.Threads+7, []string{"resumed"}
	if err := jsonfile.Write(records[0], record); err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, r := range run(all).List { // one of them was trained where other bits come out
		told += len(r.Result.Warnings) * len(r.Result.Elsewhere)
	}
	if told != 1 {
		t.Errorf("%d warnings", told)
	}
	if err := os.WriteFile(records[0], []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	some, err := RunSweep(t.Context(), backend, all, train, val, opt)
	labtest.WantError(t, err, "trial \"", records[0], "delete")
	if some == nil || len(some.List) != 2 {
		t.Errorf("the other trials are lost: %v", some)
	}
}

func TestTrialsGoOn(t *testing.T) {
	backend := devicetest.Go(t)
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	opt := SweepOptions{Dir: t.TempDir()}
	ctx, cancel := context.WithCancel(t.Context())
	opt.Progress = func(name string, p siamese.Progress) {
		if name == "more dropout" && p.Epoch == 2 {
			cancel()
		}
	}
	out, err := RunSweep(ctx, backend, toyTrials(), train, val, opt)
	if !errors.Is(err, context.Canceled) || out == nil || len(out.List) != 1 || out.List[0].Name != "plain" {
		t.Fatalf("cancelled in the second trial: %v, %v", out, err)
	}
	labtest.WantError(t, err, "more dropout")
	opt.Progress = nil
	out, err = RunSweep(t.Context(), backend, toyTrials(), train, val, opt)
	if err != nil || len(out.List) != 2 || !out.List[0].Kept || out.List[1].Kept || out.List[1].Result.Resumed == 0 {
		t.Fatalf("%v: %v", out, err)
	}
	whole, err := siamese.Train(t.Context(), backend, toyTrials()[1].Config, train, val, siamese.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(whole.Model.Layers, out.List[1].Result.Model.Layers); d != "" {
		t.Errorf("a trial that was cut off ends otherwise: %s", d)
	}
}

func TestTrialsRefuse(t *testing.T) {
	backend := devicetest.Go(t)
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	bad := toyTrials()
	bad[1].Name, bad[1].Config = "plain", toymodel.Config()
	wrong, other := toymodel.Config(), toymodel.Config()
	wrong.Dropout, other.Monitor = 2, siamese.MonitorMAP
	bad = append(bad, Trial{"", wrong}, Trial{"other", other})
	out, err := RunSweep(t.Context(), backend, bad, train, val, SweepOptions{})
	labtest.WantError(t, err, `the name "plain" is given twice`, "have the same configuration", "trial 3 has no name",
		"dropout", `"other" has monitor`)
	if out != nil {
		t.Error("trials were run")
	}
	if _, err := RunSweep(t.Context(), backend, nil, train, val, SweepOptions{}); err == nil {
		t.Error("no trials: no error")
	}
	if _, err := RunSweep(t.Context(), backend, toyTrials(), nil, val, SweepOptions{}); err == nil {
		t.Error("no items: no error")
	}
}

// Seeds change the seed alone, and their spread is that of the best epochs.
func TestTrialSeeds(t *testing.T) {
	backend := devicetest.Go(t)
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	unseen := labtest.Toy("u", 6, 10, 9, 0.5, 3)
	unseen = unseen.Select(itemset.AllItems(unseen)[40:]) // of two more classes
	seeded := Trial{"plain", toymodel.Config()}.Reseeded(7, 8, 9)
	for i, s := range seeded {
		want := toymodel.Config()
		want.Seed = uint64(7 + i)
		if d := cmp.Diff(want, s.Config); d != "" || s.Name != fmt.Sprintf("plain, seed %d", 7+i) {
			t.Errorf("%q: %s", s.Name, d)
		}
	}
	tried, err := RunSweep(t.Context(), backend, seeded, train, val, SweepOptions{Unseen: unseen})
	if err != nil {
		t.Fatal(err)
	}
	header, rows, err := tried.Spread()
	if err != nil || len(header) != 5 || len(rows) != 4 {
		t.Fatalf("%q, %q, %v", header, rows, err)
	}
	a, b, c := tried.List[0].Best().UnseenMAP, tried.List[1].Best().UnseenMAP, tried.List[2].Best().UnseenMAP
	mean := (a + b + c) / 3
	sd := math.Sqrt(((a-mean)*(a-mean) + (b-mean)*(b-mean) + (c-mean)*(c-mean)) / 2)
	want := []string{"unseen MAP@R"}
	for _, v := range []float64{mean, min(a, b, c), max(a, b, c), sd} {
		want = append(want, fmt.Sprintf("%.4f", v))
	}
	if d := cmp.Diff(want, rows[3]); d != "" || want[2] == want[3] {
		t.Errorf("%q: %s", want, d)
	}
	tried.Unseen, tried.List = false, tried.List[:1]
	if _, _, err := tried.Spread(); err == nil || !strings.Contains(err.Error(), "val loss") {
		t.Errorf("of one trial: %v", err)
	}
}
