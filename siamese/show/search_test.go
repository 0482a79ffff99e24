package show

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/search"
	"github.com/go-siamese/lab/siamese/study/space"
)

// searchOf returns a search of n trials, every fourth of which was pruned and every ninth failed.
func searchOf(t *testing.T, n int) *found.Result {
	t.Helper()
	s := space.Space{space.LogRange("learning_rate", 1e-4, 1e-1), space.Choice("optimizer", "adam", "sgd"),
		space.Range("momentum", 0, .9).If("optimizer", "sgd"), space.LogIntRange("preprocess.components", 20, 200)}
	r := &found.Result{Space: s, Base: config.Recommended(), Sampler: "sobol", Monitor: config.MonitorUnseenMAP}
	for k := range n {
		at, err := search.Sobol{}.Propose(s, 1, k, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		run := found.Run{Trial: found.Trial{Number: k, Point: at, State: found.Complete,
			Score: 1 - at["learning_rate"], Step: 3}, Curve: []float64{.1, .2, .3}, HeldOut: .2, Same: -1, Config: r.Base}
		switch {
		case k%9 == 8:
			run.State, run.Error = found.Failed, "no <way>"
		case k%4 == 3:
			run.State, run.HeldOut = found.Pruned, 0
		}
		r.Runs = append(r.Runs, run)
	}
	r.Honest = found.NewHonest(r.Runs)
	return r
}

func TestSearch(t *testing.T) {
	for _, n := range []int{1, 2, 40} {
		r := searchOf(t, n)
		content, err := contentOf(SearchOutputs(r))
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, content)
		selfContained(t, content)
		has(t, content, "trials of sobol, by unseen_map", "items that chose nothing", "What matters", "Score by trial",
			">learning_rate<", ">0.001<", ">50<", "Settings and scores of all trials")
		path := filepath.Join(t.TempDir(), "search.html")
		if err := SaveSearch(path, PageOptions{}, r); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		has(t, string(text), "Search by sobol", "Trials, the best first", "items that chose nothing", "learning_rate")
	}
	failed := []found.Run{{Trial: found.Trial{State: found.Failed}}}
	for _, r := range []*found.Result{nil, {}, {Space: space.Usual(config.Recommended()), Runs: failed}} {
		if _, err := SearchOutputs(r); err == nil {
			t.Errorf("%v is shown", r)
		}
		if SaveSearch(filepath.Join(t.TempDir(), "x.html"), PageOptions{}, r) == nil {
			t.Errorf("%v has a page", r)
		}
	}
	if err := Search(searchOf(t, 3)); err != nil { // outside of a notebook it shows nothing
		t.Error(err)
	}
}
