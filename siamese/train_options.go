package siamese

import (
	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/siamese/origin"
)

// TrainOptions are optional side tasks of a run. The zero value has none. They do not change the model, so that they
// are no part of Config; only the monitors of unseen classes need Unseen, and altered views need Views.
type TrainOptions struct {
	// Progress is called about ten times a second, after every epoch and at the end, always on the goroutine that
	// trains, which waits for it. nil = silent. [Tee] joins several.
	Progress func(Progress)
	// Checkpoint is a file that holds the best model so far and is overwritten atomically. Nothing is written before an
	// epoch was judged on the validation items: until then an older file stays as it is. "" = none.
	Checkpoint string

	// BeforeCheckpoint is called once, when the first checkpoint is ready to take its place, for what belongs beside
	// it, such as the split. Its error ends the run, and the older checkpoint stays. nil = nothing.
	BeforeCheckpoint func() error

	// State is a folder that makes the run resumable: after an interruption a call with the same configuration, frames
	// and backend resumes from it and ends with the same bits, if it also runs on as many threads of the same kind of
	// processor, with the same plugin and build; elsewhere it goes on and Result.Elsewhere says what differs. It is
	// written after every epoch, every minute within long ones, and when ctx is cancelled. A finished run is returned
	// from it without training. A folder is one run's at a time. "" = none.
	State string

	// Prepared makes a second training on the same frames start sooner; a state is then first written after a minute or
	// the first epoch. nil = nothing is remembered.
	Prepared *Prepared

	// Unseen are labelled items of classes that are not trained on, evaluated after every epoch for
	// MonitorUnseenAUC and MonitorUnseenMAP. nil = none.
	Unseen *data.Frame

	// Stream reads the features of a batch from the training items when it is needed, instead of keeping those of all on
	// the device: the run takes memory for some batches, and has the same bits. It is for items on disk (package
	// data/ondisk, table.OpenOnDisk), of which the frame holds ids and labels only. Mining, PLDA, the gate and
	// preprocessing with quantiles, classes or components still take memory by the number of items; where it is too
	// little, they are refused with the figure.
	Stream bool

	// Views makes the altered views that Config.Augment asks for: package data/images/views has sources of the pictures
	// that the features of the training items were made of. Views are made beside the steps; a run that is
	// resumed needs the same pictures. nil = none can be made.
	Views augment.Source

	// Data are the files that the items are from, for Model.Origin; nil = the tables and pictures that this program has
	// opened so far.
	Data []origin.File

	// EscapeFormulas puts an apostrophe before ids and classes that a spreadsheet would run as formulas, in the CSV file
	// of [NotFiniteError], as [formula.EscapeFrame] does.
	EscapeFormulas bool
}

// Files returns the files that a run with these options leaves: its best model, and the folder of its state.
func (o TrainOptions) Files() (model, state string) { return o.Checkpoint, o.State }
