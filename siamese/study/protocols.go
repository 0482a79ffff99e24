package study

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/protocol"
	"github.com/go-siamese/lab/siamese/report"
)

// RunProtocols evaluates a configuration on items, classes and domains that it was not trained on. For each fold of
// each protocol it trains a model with every seed and evaluates it as [evaluate.Items] does with the training items.
// The baselines are evaluated once a fold, with the first seed if they need one.
//
// Test items choose nothing. The epoch and the threshold come from Val items of the training classes; a monitor of
// unseen classes uses ValClasses of the classes that are not test classes of the fold.
//
// If ctx is cancelled or a training fails, the report of all finished trainings is returned with the error. Invalid
// options return no report. It takes folds x seeds trainings, and a short one of a classifier in every fold. frame is
// only read; models are closed as soon as they are evaluated.
func RunProtocols(ctx context.Context, backend compute.Backend, frame *data.Frame, cfg siamese.Config,
	opt ProtocolOptions) (*protocol.Report, error) {
	r, err := newProtocolRun(backend, frame, cfg, opt)
	if err == nil {
		err = option.Under("augment.", cfg.Augment.Check(opt.Views))
	}
	if err != nil {
		return nil, fmt.Errorf("protocols: %w", err)
	}
	// Two runs would train everything twice, and take the files from under one another.
	unlock, err := atomicfile.LockFolder(opt.State)
	if err != nil {
		return nil, fmt.Errorf("protocols: state: %w", err)
	}
	defer unlock()
	err = r.run(ctx)
	for _, p := range r.report.Protocols {
		p.SumUp(r.report.Seeds, opt.Evaluate.Confidence)
	}
	if err != nil {
		err = fmt.Errorf("protocols: %w", err)
	}
	return r.report, err
}

// protocolRun is a run of protocols.
type protocolRun struct {
	prepared siamese.Prepared // of the fold: its seeds train on the same items
	backend  compute.Backend
	frame    *data.Frame
	cfg      siamese.Config    // as given; every training has a seed of its own
	opt      ProtocolOptions   // with the default Seeds filled in
	report   *protocol.Report  // grows with every training
	folds    [][]protocolSplit // by protocol, in the order of report.Protocols
	at       ProtocolProgress  // the current position
	machine  device.Machine    // that trains; zero where no state is kept
}

// newProtocolRun checks everything that can be checked before the first training, makes all splits and creates the
// state folder: an error after hours of training would cost these hours.
func newProtocolRun(backend compute.Backend, frame *data.Frame, cfg siamese.Config,
	opt ProtocolOptions) (*protocolRun, error) {
	if err := errors.Join(cfg.Validate(), opt.Evaluate.Validate()); err != nil {
		return nil, err
	}
	// Folds of classes and items of a class need one class an item.
	if err := itemset.OneClass(cfg.LabelSeparator, "a protocol"); err != nil {
		return nil, err
	}
	if opt.Evaluate.Estimate != 0 {
		return nil, option.Errorf("Evaluate.Estimate", "%d: protocols sum up exact metrics, leave it out",
			opt.Evaluate.Estimate)
	}
	if err := frame.ValidateStructure(); err != nil { // values are checked by the training
		return nil, err
	}
	if names, _ := frame.Classes(); len(names) < 2 {
		return nil, fmt.Errorf("the items have %d class(es), and two are needed to train and to evaluate", len(names))
	}
	if len(opt.Seeds) == 0 {
		opt.Seeds = []uint64{cfg.Seed, cfg.Seed + 1, cfg.Seed + 2}
	}
	// A repeated seed would count as agreement between trainings that are one and the same.
	for i, seed := range opt.Seeds {
		if slices.Contains(opt.Seeds[:i], seed) {
			return nil, option.Errorf("Seeds", "%d is given twice: the two trainings would be the same", seed)
		}
	}
	// From here on opt is complete. What is kept is not trained again: its seeds are told here.
	for _, seed := range opt.Seeds {
		provenance.Seed(seed)
	}
	r := &protocolRun{backend: backend, frame: frame, cfg: cfg, opt: opt,
		report: &protocol.Report{Config: cfg, Seeds: opt.Seeds}}
	names, err := r.names()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		folds, err := r.split(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		r.folds = append(r.folds, folds)
		r.report.Protocols = append(r.report.Protocols, &protocol.Protocol{Name: name, Planned: len(folds)})
		r.at.All += len(folds) * len(opt.Seeds)
	}
	return r, r.checkState()
}

// names returns the names of the protocols to run. Domains are left out by default where there are fewer than two,
// since nothing could be held out; asked for by name they are an error of the split.
func (r *protocolRun) names() ([]string, error) {
	all := []string{protocol.Items, protocol.Classes, protocol.Domains}
	if len(r.opt.Protocols) == 0 {
		domains := map[string]bool{}
		for _, d := range r.frame.Domains {
			domains[d] = true
		}
		delete(domains, "")
		if len(domains) < 2 {
			return all[:2], nil
		}
		return all, nil
	}
	// In the order they are given.
	for i, name := range r.opt.Protocols {
		switch {
		case !slices.Contains(all, name):
			return nil, option.Errorf("Protocols", "%q is not known: use %s", name, option.Choices(all))
		case slices.Contains(r.opt.Protocols[:i], name):
			return nil, option.Errorf("Protocols", "%q is given twice", name)
		}
	}
	return r.opt.Protocols, nil
}

// run runs all folds and fills the report. A fold that ended without any report is left out of it.
func (r *protocolRun) run(ctx context.Context) error {
	for i, p := range r.report.Protocols {
		for k, split := range r.folds[i] {
			r.at.Protocol, r.at.Fold, r.at.Folds = p.Name, k+1, len(r.folds[i])
			fold := split.describe(k + 1)
			p.Folds = append(p.Folds, fold)
			if err := r.fold(ctx, p, fold, split); err != nil {
				if len(fold.Reports) == 0 { // a fold in the report would say that there is something in it
					p.Folds = p.Folds[:k]
				}
				return fmt.Errorf("%s, fold %d of %d: %w", p.Name, k+1, len(r.folds[i]), err)
			}
		}
	}
	return nil
}

// fold adds the reports of all seeds to a fold of p: those in the state, and for the others those of trainings, which
// are saved at once.
func (r *protocolRun) fold(ctx context.Context, p *protocol.Protocol, fold *protocol.Fold, split protocolSplit) error {
	sides := split.sides(r.frame)     // copied once a fold, and let go with it
	var baselines *evaluate.Baselines // made when the first model is trained: a fold that is read needs none
	for _, seed := range r.opt.Seeds {
		r.at.Seed = seed
		if err := ctx.Err(); err != nil {
			return err
		}
		unit, err := r.unit(sides, seed)
		if err != nil {
			return err
		}
		// Only what is missing is trained.
		report, was, err := unit.read()
		if err != nil {
			return err
		}
		resumed := report != nil
		if differences := was.Differences(r.machine); len(differences) > 0 {
			p.Warnings = append(p.Warnings, fmt.Sprintf("fold %d, seed %d was trained where other bits come out: %s",
				fold.Number, seed, strings.Join(differences, "; ")))
		}
		// Each report is saved before the next training begins, so that a run never loses more than one training.
		if !resumed {
			if report, err = r.train(ctx, sides, unit, &baselines); err != nil {
				return fmt.Errorf("seed %d: %w", seed, err)
			}
			if err := unit.write(report, r.machine); err != nil {
				return err
			}
		}
		fold.Seeds, fold.Reports = append(fold.Seeds, seed), append(fold.Reports, report)
		r.at.Done++
		r.tell(ProtocolProgress{Resumed: resumed, Report: report})
	}
	return nil
}

// train trains a model and returns its report. *baselines are those of the fold, nil before its first model, whose
// preprocessing they take: it does not depend on the seed. What is random in them has the first of all seeds, so that a
// run that is resumed has the same baselines.
func (r *protocolRun) train(ctx context.Context, sides protocolSides, unit protocolUnit,
	baselines **evaluate.Baselines) (*report.Report, error) {
	// With a state of its own, so that a run that is cut off goes on within the training.
	result, err := siamese.Train(ctx, r.backend, unit.cfg, sides.train, sides.val, siamese.TrainOptions{
		Unseen: sides.unseen, State: unit.training(), EscapeFormulas: r.opt.EscapeFormulas, Prepared: &r.prepared,
		Views:    r.opt.Views,
		Progress: func(p siamese.Progress) { r.tell(ProtocolProgress{Training: &p}) },
	})
	if err != nil {
		return nil, err
	}
	defer result.Model.Close()
	name := protocol.Title(r.at.Protocol)
	// A fold that is resumed may begin with any seed, and makes its baselines then.
	if *baselines == nil {
		opt := r.opt.Evaluate
		opt.Train, opt.Progress = sides.train,
			func(p siamese.Progress) { r.tell(ProtocolProgress{Training: &p, Classifier: true}) }
		first := r.cfg
		first.Seed = r.opt.Seeds[0] // whichever seed is trained first here
		if *baselines, err = evaluate.NewBaselines(ctx, r.backend, result.Model, first, name, sides.val, sides.test,
			opt); err != nil {
			*baselines = nil
			return nil, err
		}
	}
	return (*baselines).Evaluate(ctx, r.backend, result.Model, name)
}

// tell completes p, which has the training or the report, with the current position and calls the progress function, if
// there is one.
func (r *protocolRun) tell(p ProtocolProgress) {
	if r.opt.Progress == nil {
		return
	}
	at := r.at
	at.Classifier, at.Resumed, at.Training, at.Report = p.Classifier, p.Resumed, p.Training, p.Report
	r.opt.Progress(at)
}
