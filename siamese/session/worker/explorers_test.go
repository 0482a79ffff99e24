package worker

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/worker/explore"
)

// made computes a value and returns its key.
func madeBy(t *testing.T, w *Worker, op string, args arguments) string {
	t.Helper()
	v, err := w.value(t.Context(), op, args, "c", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v.Key
}

// exploreConfig is a short training with a share of features.
func exploreConfig(share float64) config.Config {
	cfg := config.Default()
	cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch, cfg.BatchPairs, cfg.ValPairs = []int{8}, 1, 64, 16, 50
	cfg.FeatureShare = share
	return cfg
}

// TestExploreRows: the spaces of an explorer are those that a model puts together: at the model's own share the cosines
// are those of its embeddings. The first query is a test item, or the one that is asked for.
func TestExploreRows(t *testing.T) {
	w, _ := serve(t, Options{})
	frame := madeBy(t, w, "builtin", &builtinArgs{PerClass: 8})
	split := madeBy(t, w, "split", &splitArgs{Frame: frame, Options: session.SplitOptions{Val: .2, Test: .2}})
	digests := map[string]bool{}
	for _, c := range []struct {
		share, unknown    float64
		plda, named       string
		encoder, features int // widths
	}{{0, 0, "", "whitened features", 8, 20}, {.4, 0, "", "whitened features", 8, 20},
		{.4, 0, config.PLDABoth, "features by PLDA", 9, 21},
		{.4, .8, "", "whitened features", 28, 20}} { // shares are items' own: whole embeddings are explored
		cfg := exploreConfig(c.share)
		cfg.UnknownShare = c.unknown
		cfg.Preprocess.Components, cfg.Preprocess.Whiten, cfg.PLDA = 20, true, c.plda
		model := madeBy(t, w, "train", &trainArgs{split, cfg})
		e := &exploreEngine{w, model, frame, "c"}
		rows := func(space explore.Space) *embedding.Embeddings {
			t.Helper()
			z, done, err := e.Rows(t.Context(), space)
			if err != nil {
				t.Fatal(err)
			}
			done()
			return z
		}
		task := e.task()
		want, _, err := task.embeddings(t.Context(), model, frame)
		if err != nil {
			t.Fatal(err)
		}
		m, f, err := inputs[*modelObject, *frameObject](t.Context(), task, model, frame)
		if err != nil {
			t.Fatal(err)
		}
		encoder, features := rows(explore.Encoder), rows(explore.Prepared)
		if encoder.E != c.encoder || features.E != c.features || rows(explore.Plain).E != f.F() ||
			prepared(m.Model) != c.named {
			t.Errorf("widths %d, %d, %d, %q", encoder.E, features.E, rows(explore.Plain).E, prepared(m.Model))
		}
		share := besides(m.Model)
		if c.share > 0 { // of the same weights
			digests[digestOf(m.Model)] = true
		}
		if rows(explore.Encoder) != encoder {
			t.Error("rows are computed again")
		}
		if len(encoder.Zero) > 0 {
			t.Fatal("a zero embedding: the comparison below is not for it")
		}
		for i := 0; i < f.N(); i += 7 {
			for j := 0; j < f.N(); j += 5 {
				got := (1-share)*encoder.Cosine(i, j) + share*features.Cosine(i, j)
				if want := want.Cosine(i, j); math.Abs(got-want) > 1e-5 {
					t.Fatalf("share %v, items %d and %d: %v, not %v", share, i, j, got, want)
				}
			}
		}
		s, err := input[*splitObject](t.Context(), task, split)
		if err != nil {
			t.Fatal(err)
		}
		for at, want := range map[string]string{"": f.IDs[s.Test[0]], f.IDs[3]: f.IDs[3]} {
			body, err := json.Marshal(exploreArgs{Model: model, Frame: frame, At: at, Judged: "j.csv"})
			if err != nil {
				t.Fatal(err)
			}
			answer, err := openExplorer(t.Context(), w, &client{}, body)
			if got := fmt.Sprintf(`{"query":%q}`, want); err != nil || string(answer) != got {
				t.Errorf("at %q: %s %v, not %s", at, answer, err, got)
			}
		}
		task.release()
		for name, args := range map[string]exploreArgs{
			"At":     {Model: model, Frame: frame, At: "none", Judged: "j.csv"},
			"K":      {Model: model, Frame: frame, K: -1, Judged: "j.csv"},
			"Judged": {Model: model, Frame: frame, Judged: "j.txt"}} {
			body, err := json.Marshal(args)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := openExplorer(t.Context(), w, &client{}, body); !slices.Equal(option.Names(err), []string{name}) {
				t.Errorf("%s: the error is %v", name, err)
			}
		}
	}
	// On items that it was not trained on it begins with the first.
	other := madeBy(t, w, "builtin", &builtinArgs{PerClass: 9})
	model := madeBy(t, w, "train", &trainArgs{split, exploreConfig(0)})
	body := fmt.Sprintf(`{"model":%q,"frame":%q,"judged":%q}`, model, other, filepath.Join(t.TempDir(), "j.csv"))
	answer, err := openExplorer(t.Context(), w, &client{}, []byte(body))
	task := (&exploreEngine{w, model, other, "c"}).task()
	defer task.release()
	f, inputErr := input[*frameObject](t.Context(), task, other)
	if err != nil || inputErr != nil || string(answer) != fmt.Sprintf(`{"query":%q}`, f.IDs[0]) {
		t.Errorf("%s %v %v", answer, err, inputErr)
	}
	if len(digests) != 3 {
		t.Errorf("models with PLDA, with a gate and without have the digests %v", digests)
	}
}

// TestExplorersDropped: an explorer is kept while it is shown or a call is about to show it, and no longer than the values
// that it is of; what runs for one counts as what the worker does.
func TestExplorersDropped(t *testing.T) {
	w, _ := serve(t, Options{})
	frame := madeBy(t, w, "builtin", &builtinArgs{PerClass: 8})
	split := madeBy(t, w, "split", &splitArgs{Frame: frame, Options: session.SplitOptions{Val: .2, Test: .2}})
	model := madeBy(t, w, "train", &trainArgs{split, exploreConfig(0)})
	engine := &exploreEngine{w, model, frame, "c"}
	task := engine.task()
	defer task.release()
	m, f, err := inputs[*modelObject, *frameObject](t.Context(), task, model, frame)
	if err != nil {
		t.Fatal(err)
	}
	judged := filepath.Join(t.TempDir(), "judged.csv")
	begun := func(at int) *explorer {
		t.Helper()
		e, err := w.explorer(task, engine, &exploreArgs{Model: model, Frame: frame, At: f.IDs[at], Judged: judged}, m.Model, f)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	show := func(at int) *explorer {
		t.Helper()
		e := begun(at)
		opt := explore.ShowOptions{At: f.IDs[at], Judged: judged, Name: "judged.csv", Closed: w.dropExplorers}
		if _, err := e.Show(t.Context(), opt); err != nil {
			t.Fatal(err)
		}
		w.shown(e)
		return e
	}
	kept := func(want ...*explorer) {
		t.Helper()
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, e := range want {
			if !slices.Contains(slices.Collect(maps.Values(w.explorers)), e) {
				t.Error("an explorer that is shown is not kept")
			}
		}
		if len(w.explorers) != len(want) {
			t.Errorf("%d explorers are kept, want %d", len(w.explorers), len(want))
		}
	}
	one, two := show(0), show(1)
	kept(one, two)
	if show(0) != one {
		t.Error("a cell that runs again has another explorer")
	}
	again := begun(1) // a call is about to show it
	two.Close()
	w.dropExplorers()
	kept(one, two)
	w.shown(again) // and has failed to
	kept(one)
	w.closeExplorers([]string{"another"})
	kept(one)
	w.closeExplorers([]string{model})
	kept()
	show(0)
	body, err := json.Marshal(map[string][]string{"keys": nil})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := clearValues(t.Context(), w, nil, body); err != nil {
		t.Fatal(err)
	}
	kept()

	if w.flying() {
		t.Error("a worker does something that has nothing to do")
	}
	end, ok := engine.Begin()
	if !ok || !w.flying() {
		t.Error("a worker with an explorer that does something does nothing")
	}
	end()
	w.die()
	if _, ok := engine.Begin(); ok || w.flying() {
		t.Error("an explorer begins something when the worker ends")
	}
}
