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
