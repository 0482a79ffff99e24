package study

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
)

// Trial is a configuration to try, under a name.
type Trial struct {
	Name   string // what tables and errors call it; one of its own
	Config siamese.Config
}

// SweepOptions are what [RunSweep] does beside training. The zero value keeps nothing.
type SweepOptions struct {
	// Dir is a folder that keeps every trial: its model and, as JSON, its epochs, under a hash of its configuration, of the
	// items and of the backend's name, not of the trial's name. A later call trains only what is not there, and goes on with
	// a trial that was cut off. Files of trials that are no longer asked for stay. "" = nothing is kept.
	Dir string

	// Unseen are labelled items of classes that are not trained on, as in [siamese.TrainOptions]. nil = none.
	Unseen *data.Frame

	Progress func(name string, p siamese.Progress) // of the trial that is trained, as in [siamese.TrainOptions]; nil = silent
}

// RunSweep trains a model with every configuration on the items of train and judges it, after every epoch, on those of val
// and of opt.Unseen: a trial is worth what its best epoch is. A trial's model is that of [siamese.Train], bit for bit. Trials are held
// against one another by Config.Monitor, which must be the same in all of them.
//
// The best of many trials on the same validation items looks better there than it is, the more so the more are tried and the
// fewer the items are. So keep the test items away until a trial was chosen, and look at them once, with that one.
//
// Trials that are wrong (no name, a name or a configuration given twice, a configuration that is not valid) are told of
// together before anything is trained. A trial whose training fails, for instance because its loss is not finite, does not
// stop the others. When ctx is cancelled, no more are trained. Either way those that are finished are returned beside the
// error, which names the trial; without any finished they are nil.
func RunSweep(ctx context.Context, backend compute.Backend, trials []Trial, train, val *data.Frame, opt SweepOptions) (*Sweep, error) {
	kept, err := newTrialFiles(backend, trials, train, val, opt)
	if err != nil {
		return nil, fmt.Errorf("trials: %w", err)
	}
	out := &Sweep{Unseen: opt.Unseen != nil}
	var failed []error
	for i, t := range trials {
		done, err := kept[i].read(t)
		if err == nil && done == nil {
			done, err = runTrial(ctx, backend, t, kept[i], train, val, opt)
		}
		if done != nil {
			out.List = append(out.List, done)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("trial %q: %w", t.Name, err))
		}
		if err != nil && ctx.Err() != nil {
			break
		}
	}
	err = errors.Join(failed...)
	if len(out.List) == 0 {
		out = nil
	}
	return out, err
}

// runTrial trains one and keeps it.
func runTrial(ctx context.Context, backend compute.Backend, t Trial, file trialFile, train, val *data.Frame, opt SweepOptions) (*TrialResult, error) {
	opts := siamese.TrainOptions{Unseen: opt.Unseen, State: file.training()}
	if opt.Progress != nil {
		opts.Progress = func(p siamese.Progress) { opt.Progress(t.Name, p) }
	}
	begun := time.Now()
	result, err := siamese.Train(ctx, backend, t.Config, train, val, opts)
	if err != nil {
		if result != nil {
			err = errors.Join(err, result.Model.Close())
		}
		return nil, err
	}
	done := &TrialResult{Trial: t, Result: result, Model: file.model(), Seconds: time.Since(begun).Seconds()}
	return done, file.write(done)
}

// checkTrials returns all that is wrong with trials, or nil.
func checkTrials(trials []Trial) error {
	if len(trials) == 0 {
		return errors.New("there are none: give one or more")
	}
	var errs []error
	named, same := map[string]bool{}, map[string]string{}
	for i, t := range trials {
		switch {
		case t.Name == "":
			errs = append(errs, fmt.Errorf("trial %d has no name", i+1))
		case named[t.Name]:
			errs = append(errs, fmt.Errorf("the name %q is given twice", t.Name))
		}
		named[t.Name] = true
		if err := t.Config.Validate(); err != nil {
			errs = append(errs, fmt.Errorf("trial %q: %w", t.Name, err))
			continue
		}
		text := fmt.Sprintf("%+v", t.Config)
		if other, ok := same[text]; ok {
			errs = append(errs, fmt.Errorf("trials %q and %q have the same configuration", other, t.Name))
		}
		same[text] = t.Name
		if first := trials[0].Config.Monitor; t.Config.Monitor != first {
			errs = append(errs, fmt.Errorf("trial %q has the monitor %q and the first one %q: give all the same, such as %q", t.Name, t.Config.Monitor, first, siamese.MonitorMAP))
		}
	}
	return errors.Join(errs...)
}
