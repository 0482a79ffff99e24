package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/receipt"
)

// executes is shell that copies the notebook with all code cells executed, and with a result, as a driver would.
const executes = `in=$(echo "$order" | sed 's/.*"notebook":"\([^"]*\)".*/\1/')
out=$(echo "$order" | sed 's/.*"output":"\([^"]*\)".*/\1/')
sed 's/"execution_count": null/"execution_count": 1/; s/"outputs": \[\]/"outputs": []/' "$in" > "$out"
`

// options returns the same options for every job, and nothing to do at its end.
func options(o Options) func(Job) (Options, func(Outcome)) {
	return func(Job) (Options, func(Outcome)) { return o, func(Outcome) {} }
}

// states returns how far jobs came.
func states(outcomes []Outcome) string {
	var words []string
	for _, o := range outcomes {
		words = append(words, string(o.State))
	}
	return strings.Join(words, ", ")
}

// TestAll: a job that fails stops no other, and a second time only it runs again, and what it executes now.
func TestAll(t *testing.T) {
	path, o := runsIn(t, "")
	dir := filepath.Dir(path)
	put(t, o.Python, "#!/bin/sh\nread order\ncd '"+dir+"'\n"+executes+`
case "$out" in *N=2*) [ -e mended ] || echo '{"event":"done","index":2,"error":"no"}' ;; esac
echo '{"event":"executed"}'; read command; echo '{"event":"trusted"}'; cat >/dev/null`)
	jobs, err := Jobs([]string{path}, []notebook.Asked{{Set: notebook.Set{Name: "N", Value: "1,2,3"}}}, o)
	if err != nil || len(jobs) != 3 {
		t.Fatalf("%d jobs, %v", len(jobs), err)
	}
	for _, n := range []int{1, 2, 9} {
		for _, target := range []string{"1", "2", "3"} {
			os.Remove(filepath.Join(dir, "n.N="+target+executedEnd))
		}
		os.Remove(filepath.Join(dir, "mended"))
		outcomes := All(t.Context(), jobs, n, true, options(o))
		var cell *CellError
		if states(outcomes) != "done, failed, done" || !errors.As(outcomes[1].Err, &cell) || cell.Cell != 2 {
			t.Fatalf("%d at once: %s, %v", n, states(outcomes), outcomes[1].Err)
		}
		put(t, filepath.Join(dir, "mended"), "")
		outcomes = All(t.Context(), jobs, n, true, options(o))
		if states(outcomes) != "kept, done, kept" || outcomes[0].Result.Notebook != filepath.Join(dir, "n.N=1.executed.ipynb") {
			t.Errorf("%d at once, resumed: %s, %+v", n, states(outcomes), outcomes[0].Result)
		}
		if outcomes = All(t.Context(), jobs, n, false, options(o)); states(outcomes) != "done, done, done" {
			t.Errorf("%d at once, not resumed: %s", n, states(outcomes))
		}
	}
	// Another kernel, other code and other cells are other runs.
	other := o
	other.Kernel = "siamese-xla"
	if _, ok := Finished(jobs[0], other); ok {
		t.Error("the result of another kernel was taken")
	}
	put(t, filepath.Join(dir, "go.mod"), "module x\n")
	if _, ok := Finished(jobs[0], o); ok {
		t.Error("the result of another version of the lab was taken")
	}
	os.Remove(filepath.Join(dir, "go.mod"))
	if _, ok := Finished(jobs[0], o); !ok {
		t.Error("nothing has changed, and the result was not taken")
	}
	// A file that a cell has read is another one.
	target := filepath.Join(dir, "n.N=1.executed.ipynb")
	nb, err := notebook.Read(target)
	if err != nil {
		t.Fatal(err)
	}
	data := put(t, filepath.Join(dir, "in.csv"), "a")
	nb.Cells[2].SetReceipt(&receipt.Cell{Read: []receipt.File{{Name: "in.csv", SHA: receipt.Digest([]byte("a"))}}})
	if err := nb.Write(target); err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]bool{"a": true, "b": false} {
		put(t, data, content)
		if _, ok := Finished(jobs[0], o); ok != want {
			t.Errorf("the file has %q: finished %t, want %t", content, ok, want)
		}
	}
	put(t, data, "a")
	put(t, path, strings.Replace(withRuns, "train()", "other()", 1))
	if _, ok := Finished(jobs[0], o); ok {
		t.Error("the result of other cells was taken")
	}
}

// TestAllInterrupted: the job that runs is interrupted, and no other begins.
func TestAllInterrupted(t *testing.T) {
	path, o := runsIn(t, "")
	put(t, o.Python, "#!/bin/sh\nread order\n"+executes+`echo '{"event":"cell","index":0}'
read command; echo '{"event":"executed","interrupted":true}'; cat >/dev/null`)
	jobs, err := Jobs([]string{path}, []notebook.Asked{{Set: notebook.Set{Name: "N", Value: "1,2,3"}}}, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var begun atomic.Int32
	outcomes := All(ctx, jobs, 1, false, func(Job) (Options, func(Outcome)) {
		begun.Add(1)
		o := o
		o.Log = &linesOf{each: func(string) {}}
		cancel()
		return o, func(Outcome) {}
	})
	if begun.Load() != 1 || states(outcomes) != "interrupted, not run, not run" ||
		!errors.Is(outcomes[0].Err, ErrInterrupted) && !errors.Is(outcomes[0].Err, context.Canceled) {
		t.Errorf("%d begun: %s, %v", begun.Load(), states(outcomes), outcomes[0].Err)
	}
}
