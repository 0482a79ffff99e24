package run

import (
	"context"
	"errors"
	"path/filepath"
	"sync"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/receipt"
)

// Outcome is what became of a [Job].
type Outcome struct {
	Job
	Result Result
	State  State
	Err    error // why it failed; nil else
}

// State says how far a job came.
type State string

// States of a job.
const (
	Done        State = "done"
	Kept        State = "kept" // an earlier run has done it
	Failed      State = "failed"
	Interrupted State = "interrupted"
	NotRun      State = "not run"
)

// All executes jobs, n at a time, and returns what became of each, in their order. One that fails stops no other. When
// ctx is done those that run are interrupted, and no further one begins. begin is called for each job before it runs
// and returns its options and what to do with its outcome; it is called from several goroutines. resume = jobs that an
// earlier run has done are left out: see [Finished].
func All(ctx context.Context, jobs []Job, n int, resume bool, begin func(Job) (Options, func(Outcome))) []Outcome {
	outcomes := make([]Outcome, len(jobs))
	next := make(chan int)
	var workers sync.WaitGroup
	for range max(1, min(n, len(jobs))) {
		workers.Go(func() {
			for i := range next {
				o, end := begin(jobs[i])
				outcomes[i] = execute(ctx, jobs[i], o, resume)
				end(outcomes[i])
			}
		})
	}
	for i, job := range jobs {
		outcomes[i] = Outcome{Job: job, State: NotRun}
		select {
		case <-ctx.Done():
		default:
			select {
			case next <- i:
			case <-ctx.Done():
			}
		}
	}
	close(next)
	workers.Wait()
	return outcomes
}

// execute executes one job.
func execute(ctx context.Context, job Job, o Options, resume bool) Outcome {
	o.Sets = job.Sets
	if resume {
		if result, ok := Finished(job, o); ok {
			return Outcome{Job: job, Result: result, State: Kept}
		}
	}
	result, err := Notebook(ctx, job.Path, o)
	out := Outcome{Job: job, Result: result, State: Done, Err: err}
	switch {
	case errors.Is(err, ErrInterrupted) || err != nil && ctx.Err() != nil:
		out.State = Interrupted
	case err != nil:
		out.State = Failed
	}
	return out
}

// Finished reports whether an earlier run has executed a job to its end, and returns its result: the executed notebook
// is there, with the same cells and parameters, all of them executed, by the same kernel and the same code of the lab,
// and files that they read are as they were. Its time is not known.
func Finished(job Job, o Options) (Result, bool) {
	o.Sets = job.Sets
	p, err := newPlan(job.Path, o)
	if err != nil || o.Inplace {
		return Result{}, false
	}
	nb, err := notebook.Read(p.target)
	if err != nil || len(nb.Cells) != len(p.nb.Cells) || nb.Kernel() != o.Kernel || nb.Run() != p.code(o) {
		return Result{}, false
	}
	for i, c := range nb.Cells {
		want := p.nb.Cells[i]
		if c.Type() != want.Type() || c.Source() != want.Source() {
			return Result{}, false
		}
		if c.Type() == "code" && !c.Empty() && c.Count() == 0 {
			return Result{}, false
		}
		if changed(c, job.Path, o) {
			return Result{}, false
		}
	}
	return Result{Notebook: p.target, Results: nb.Results(), Runs: p.runs}, true
}

// changed reports whether a file that a cell has read is another one now. What is gone is left to the cells that need it.
func changed(c *notebook.Cell, path string, o Options) bool {
	r := c.Receipt()
	if r == nil {
		return false
	}
	files := receipt.NewFiles("")
	for _, f := range r.Read {
		at, ok := receipt.Find(f.Name, filepath.Dir(path), o.Lab.Repo)
		if !ok || f.SHA == "" {
			continue
		}
		if now, err := files.Hash(context.Background(), at); err == nil && now.SHA != f.SHA {
			return true
		}
	}
	return false
}
