package panel

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/session"
)

// job is the run that is computed now.
type job struct {
	run      Run
	engine   Engine
	live     live // what is told of it, also while the plots of another run are seen
	cancel   context.CancelFunc
	pause    func(on bool) // nil = the training has not begun
	paused   bool
	stopped  bool // by the user
	training bool // else it is evaluated
}

// start keeps a new run of a configuration and computes it when those before it are done. p.mu is held.
func (p *Panel) start(cfg config.Config, name string) error {
	run, err := p.runs.Add(cfg, name)
	if err != nil {
		return err
	}
	p.enqueue(run)
	return nil
}

// enqueue computes a run when those before it are done. p.mu is held.
func (p *Panel) enqueue(run *Run) {
	run.Status, run.Problem = Waiting, ""
	p.keep(run)
	p.queue = append(p.queue, run)
	p.next()
	p.tell()
}

// next begins the next run, unless one runs. p.mu is held.
func (p *Panel) next() {
	for p.job == nil && len(p.queue) > 0 {
		run := p.runs.Get(p.queue[0].ID)
		p.queue = p.queue[1:]
		if run == nil { // it was deleted
			continue
		}
		end, ok := p.engine.Begin()
		if !ok {
			return
		}
		ctx, cancel := context.WithCancel(p.ctx)
		run.Status = Running
		p.keep(run)
		p.job = &job{run: *run, engine: p.engine, live: newLive(run), cancel: cancel, training: true}
		p.shown, p.live = run.ID, p.job.live
		p.uncut()
		go func(j *job) {
			defer end() // after the next one has begun: no gap is between them
			p.work(ctx, j)
		}(p.job)
	}
}

// keep writes a run. p.mu is held.
func (p *Panel) keep(run *Run) {
	if err := p.runs.Put(run); err != nil {
		p.said = fmt.Sprintf("run %d is not kept: %v", run.Number, err)
	}
}

// work computes a run to its end.
func (p *Panel) work(ctx context.Context, j *job) {
	defer j.cancel()
	begun := time.Now()
	run := j.run
	model, err := p.train(ctx, j)
	var rep *session.Report
	var outcome error
	if model != nil {
		if run.Model != model.Key { // a threshold is one of a model
			run.Threshold, run.ThresholdOn = nil, ""
		}
		run.Model, run.Cut, run.Epochs = model.Key, model.Cut, len(model.History)
		run.Warnings = model.Warnings
		p.mu.Lock()
		j.training = false
		j.live.finished(model)
		p.follow(j)
		p.tell()
		p.mu.Unlock()
		if err == nil {
			rep, outcome = p.evaluate(ctx, j, &run)
		}
	}
	run.Seconds += time.Since(begun).Seconds()
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.runs.Get(run.ID); now != nil { // it may have got a name meanwhile
		run.Name = now.Name
	}
	err = errors.Join(err, outcome)
	switch {
	case err == nil:
		run.Status, run.Verdict = Done, rep.Verdict
	case errors.Is(err, context.Canceled), errors.Is(err, p.ctx.Err()):
		run.Status = Stopped
	default:
		run.Status, run.Problem = Failed, err.Error()
		p.said = fmt.Sprintf("run %d failed: %v", run.Number, err)
	}
	p.keep(&run)
	j.live.ended(&run)
	p.follow(j)
	p.job = nil
	p.next()
	if p.shown == run.ID && p.job == nil {
		p.load(&run, session.Val)
	}
	p.static = true
	p.tell()
}

// train trains the model of a job.
func (p *Panel) train(ctx context.Context, j *job) (*session.Model, error) {
	return j.engine.Train(ctx, j.run.Config, func(pause func(bool)) {
		p.mu.Lock()
		defer p.mu.Unlock()
		j.pause = pause
		if j.paused {
			pause(true)
		}
	}, func(progress history.Progress) {
		p.mu.Lock()
		defer p.mu.Unlock()
		j.live.progress(progress)
		p.follow(j)
		p.tell()
	})
}

// evaluate evaluates the model of a run that is done.
func (p *Panel) evaluate(ctx context.Context, j *job, run *Run) (*session.Report, error) {
	rep, whole, err := j.engine.Evaluate(ctx, run.Model)
	if err != nil {
		return nil, err
	}
	run.Report, run.Metrics = rep.Key, map[string]session.Measure{}
	for _, m := range rep.Methods {
		if m.Name == report.TrainedName {
			run.Metrics = m.Metrics
		}
	}
	run.Warnings = append(run.Warnings, rep.Warnings...)
	p.mu.Lock()
	defer p.mu.Unlock()
	j.live.evaluated(whole)
	p.follow(j)
	return rep, nil
}

// follow shows what is told of a job, if its run is the one whose plots are seen. p.mu is held.
func (p *Panel) follow(j *job) {
	if p.shown == j.run.ID {
		p.live = j.live
	}
}

// pause pauses what runs, or lets it go on. p.mu is held.
func (p *Panel) pause() error {
	j := p.job
	if j == nil || !j.training {
		return errors.New("nothing runs that could wait")
	}
	j.paused = !j.paused
	if j.pause != nil {
		j.pause(j.paused)
	}
	p.tell()
	return nil
}

// stop ends what runs, and what waits. p.mu is held.
func (p *Panel) stop() {
	for _, run := range p.queue {
		if run = p.runs.Get(run.ID); run != nil {
			run.Status = Stopped
			p.keep(run)
		}
	}
	p.queue = nil
	if p.job != nil {
		p.job.stopped = true
		p.job.cancel()
	}
	p.tell()
}
