package study

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/siamese"
)

// Trial is a named configuration of a sweep.
type Trial struct {
	// Name tells it from others in tables and errors. It must be unique in a sweep, and is no part of what is trained:
	// a trial that was renamed is found in the folder again.
	Name   string
	Config siamese.Config
}

// SweepOptions are the options of [RunSweep]. The zero value saves nothing.
type SweepOptions struct {
	// Dir is a folder for the model and the history (JSON) of every trial, under a hash of the configuration, the items
	// and the backend's name. A later call trains only missing trials and resumes an interrupted one; trials may be
	// added, left out and renamed in between. Other files stay.
	// "" = nothing is saved.
	Dir string

	// Unseen are labelled items of classes that are not trained on, as in [siamese.TrainOptions]. nil = none.
	Unseen *data.Frame

	Views          augment.Source // of altered items, as in [siamese.TrainOptions]
	EscapeFormulas bool           // as in [siamese.TrainOptions]

	// Progress is called during trainings with the name of the current trial, one call at a time; see
	// [siamese.TrainOptions]. Trials that are read from Dir do not call it. nil = silent.
	Progress func(name string, p siamese.Progress)
}

// RunSweep trains a model with every configuration on the items of train, validated on val and opt.Unseen after every
// epoch, and compares trials by Config.Monitor at their best epochs. The monitor must be the same for all. Each model
// equals that of [siamese.Train] to the bit. Trials are trained one after another in the given order; the models of all
// are in memory until the caller closes them.
//
// The best of many trials looks better on the validation items than it is, the more trials and the fewer items there
// are. Use the test items only once, for the chosen trial.
//
// Invalid trials (without a name, with a repeated name or configuration, or an invalid configuration) are reported
// together before any training. A failed training, for instance with a loss that is not finite, does not stop the
// others; a cancelled ctx does. In both cases the finished trials are returned with the error, which names the trial;
// nil if there are none.
func RunSweep(ctx context.Context, backend compute.Backend, trials []Trial, train, val *data.Frame,
	opt SweepOptions) (*Sweep, error) {
	kept, err := newTrialFiles(backend, trials, train, val, opt)
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	unlock, err := atomicfile.LockFolder(opt.Dir) // two sweeps would train everything twice
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	defer unlock()
	// All that is wrong with the trials has been found: what fails from here on fails in a training.
	out := &Sweep{Unseen: opt.Unseen != nil}
	var prepared siamese.Prepared
	var failed []error // one bad configuration must not cost the others, which may take hours
	for i, t := range trials {
		done, err := kept[i].read(t)
		if err == nil && done == nil {
			done, err = runTrial(ctx, backend, t, kept[i], train, val, opt, &prepared)
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
	// Finished trials count, whatever happened to the others.
	err = errors.Join(failed...)
	if len(out.List) == 0 {
		out = nil
	}
	return out, err
}

// runTrial trains and saves one trial. If it cannot be saved, the trained trial is returned with the error.
func runTrial(ctx context.Context, backend compute.Backend, t Trial, file trialFile, train, val *data.Frame,
	opt SweepOptions, prepared *siamese.Prepared) (*TrialResult, error) {
	// With a state an interrupted training resumes; without a folder there is none.
	opts := siamese.TrainOptions{Unseen: opt.Unseen, State: file.training(), EscapeFormulas: opt.EscapeFormulas,
		Prepared: prepared, Views: opt.Views}
	if opt.Progress != nil {
		opts.Progress = func(p siamese.Progress) { opt.Progress(t.Name, p) }
	}
	begun := time.Now()
	result, err := siamese.Train(ctx, backend, t.Config, train, val, opts)
	if err != nil {
		if result != nil { // what was trained up to the error; the state has it too
			err = errors.Join(err, result.Model.Close())
		}
		return nil, err
	}
	// On disk last, and in memory in any case: a full disk must not cost a finished training.
	done := &TrialResult{Trial: t, Result: result, Model: file.model(), Seconds: time.Since(begun).Seconds()}
	return done, file.write(done)
}

// checkTrials returns all problems of trials, joined, or nil. Two trials with the same configuration would be the same
// training twice, and in a folder the same files.
func checkTrials(trials []Trial) error {
	if len(trials) == 0 {
		return errors.New("there are no trials: give one or more")
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
		text := fmt.Sprintf("%+v", t.Config) // Config has slices, and cannot be a key itself
		if other, ok := same[text]; ok {
			errs = append(errs, fmt.Errorf("trials %q and %q have the same configuration", other, t.Name))
		}
		same[text] = t.Name
		// Values of different monitors have no common order.
		if first := trials[0].Config.Monitor; t.Config.Monitor != first {
			errs = append(errs, fmt.Errorf("trial %q has monitor %q and the first one %q: use one for all, such as %q",
				t.Name, t.Config.Monitor, first, siamese.MonitorMAP))
		}
	}
	return errors.Join(errs...)
}
