package worker

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/session/worker/panel"
)

// TestLasting: what lasts is the same for calls that ask for the same, whatever the keys of their inputs are.
func TestLasting(t *testing.T) {
	w, err := New(Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	nothing := func(string) error { return nil }
	of := func(frame string, seed uint64) string {
		args := &splitArgs{Frame: strings.Repeat(frame, 32), Options: session.SplitOptions{Seed: seed}}
		text, err := json.Marshal(args)
		if err != nil {
			t.Fatal(err)
		}
		return w.lasting("split", text, args)
	}
	for key, lasting := range map[string]string{"a1": "frame", "a2": "frame", "b1": "another"} {
		r := &store.Record{Key: strings.Repeat(key, 32), Kind: kindFrame, Name: "f", Op: "open", Lasting: lasting}
		if err := w.store.Put(r, false, nothing); err != nil {
			t.Fatal(err)
		}
	}
	if of("a1", 7) != of("a2", 7) || of("a1", 7) == of("b1", 7) || of("a1", 7) == of("a1", 8) {
		t.Error("what lasts is not what was asked for")
	}
}

// TestListRuns: a run of a panel that is alive is what it is there; those of a worker that ended are stopped.
func TestListRuns(t *testing.T) {
	w, err := New(Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	split := strings.Repeat("ab", 32)
	nothing := func(string) error { return nil }
	if err := w.store.Put(&store.Record{Key: split, Kind: kindSplit, Name: "s", Op: "split"}, false, nothing); err != nil {
		t.Fatal(err)
	}
	runs, err := w.panelRuns(split)
	if err != nil {
		t.Fatal(err)
	}
	run, err := runs.Add(config.Default(), "")
	if err != nil {
		t.Fatal(err)
	}
	run.Status = panel.Running
	if err := runs.Put(run); err != nil {
		t.Fatal(err)
	}
	check := func(want string) {
		t.Helper()
		body, err := listRuns(w, []byte(`{"split":"`+split+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		var got []session.Run
		if err := json.Unmarshal(body, &got); err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0].Status != want {
			t.Errorf("%+v, not %s", got, want)
		}
	}
	check(panel.Stopped)
	// The same split by other code of the lab has the same runs.
	one, two := strings.Repeat("12", 32), strings.Repeat("34", 32)
	for _, key := range []string{one, two} {
		r := &store.Record{Key: key, Kind: kindSplit, Name: "s", Op: "split", Lasting: "same"}
		if err := w.store.Put(r, false, nothing); err != nil {
			t.Fatal(err)
		}
	}
	ofOne, err := w.panelRuns(one)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ofOne.Add(config.Default(), "kept"); err != nil {
		t.Fatal(err)
	}
	if ofTwo, err := w.panelRuns(two); err != nil || len(ofTwo.List()) != 1 || ofTwo.List()[0].Name != "kept" {
		t.Errorf("%v %v", ofTwo, err)
	}
	w.panels[split] = panel.New(w.life, runs)
	check(panel.Running)
	e := &panelEngine{w: w, split: split}
	end, ok := e.Begin()
	if !ok || !w.flying() {
		t.Error("what a panel computes does not count")
	}
	end()
	if w.flying() {
		t.Error("what has ended counts")
	}
	defer func() {
		w.Close()
		if _, ok := e.Begin(); ok {
			t.Error("a panel computes for a worker that was closed")
		}
	}()
	if _, err := e.Model(strings.Repeat("cd", 32)); !errors.Is(err, panel.ErrGone) {
		t.Errorf("a model that is not kept: %v", err)
	}
	if _, err := e.Report(t.Context(), ""); !errors.Is(err, panel.ErrGone) {
		t.Errorf("a report that is not kept: %v", err)
	}
}
