package study

import (
	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/report"
)

// ProtocolOptions are the options of [RunProtocols]. The zero value runs every protocol that the items allow, with five
// folds and three seeds.
type ProtocolOptions struct {
	Protocols []string // each once; empty = items, classes and, where there are two domains, domains
	// Folds is the number of folds of items and of classes: 2 or more; 0 = 5, or fewer folds of classes so that each
	// has two. Domains have one fold each.
	Folds int
	Seeds []uint64 // of the trainings of every fold, each once; empty = Config.Seed and the next two numbers
	Seed  uint64   // of the splits

	// Val is the number of items that choose the epoch and the threshold: below 1 a share, from 1 a count; 0 = .1. They
	// are not tested on, and are of the classes and domains that are trained on.
	Val float64
	// ValClasses is the number of classes held out of training and test for Config.Monitor = MonitorUnseenAUC or
	// MonitorUnseenMAP; 0 = a fifth, at least 2. With another monitor it must be 0.
	ValClasses int

	Groups     []string               // items that stay on one side, see [split.ItemOptions]
	Duplicates *duplicates.Duplicates // which stay on one side too; nil = none

	// Evaluate are the options of the evaluations. Train and Progress are set by the run. Estimate must be 0: intervals
	// over folds would mix the error of an estimate with the spread of the folds.
	Evaluate evaluate.Options

	// State is a folder with the report of every finished training as JSON, and the state of the current one. A later
	// call with the same configuration, items, options and backend resumes from it with the same results; a report of
	// another run is an error that names it. More seeds or protocols can be added later if the first seed stays, since
	// the baselines have it. "" = none.
	State string

	Views          augment.Source // of altered items, as in [siamese.TrainOptions]
	EscapeFormulas bool           // as in [siamese.TrainOptions]

	// Progress is called during trainings and after each report, one call at a time; nil = silent.
	Progress func(ProtocolProgress)
}

// ProtocolProgress is the progress of [RunProtocols]: where it is, and either Training or Report.
type ProtocolProgress struct {
	Protocol    string // name of the current one
	Fold, Folds int    // number of the current fold, from 1, and of all folds of the protocol
	Seed        uint64 // of the current training

	// Done and All are the numbers of finished trainings, those read from the state included, and of all trainings of
	// all protocols. Classifiers do not count.
	Done, All int

	// Training is the progress of the current training: of the fold's classifier if Classifier is set, else of the
	// encoder. nil after a training.
	Training   *siamese.Progress
	Classifier bool

	// Report is that of the training just finished or, if Resumed is set, one that was read from the state. nil during
	// a training.
	Report  *report.Report
	Resumed bool
}
