package siamese

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/itemset"
)

// Train trains an encoder, or those of an ensemble ([Config].Ensemble), on the labelled items of train: on pairs of
// them, or on all pairs of batches of them, depending on the loss. Items of val choose the best epoch and the
// threshold. Both frames need labels and the same columns, and may not share items (by id); validation items with
// exactly the values of a training item give a warning in the result.
//
// Preprocessing and PLDA are fitted on train only; the gate (Config.UnknownShare) is fitted on both. The same
// configuration and frames give the same bits where all of these are the same: the backend and its plugin, the number
// of threads (GOMAXPROCS), the kind of processor or GPU, and whether the program was built with SIMD. With a portable
// backend ([OpenBackend]) neither threads nor processors matter, where these are x86-64 with AVX2 and FMA. Elsewhere
// sums are rounded in another order, and a run may even end at another epoch.
//
// If ctx is cancelled, or training fails (a loss that is not finite, a checkpoint that cannot be written), the result
// so far is returned with the error. Its weights are those of the best epoch, or of the last step if no epoch was
// finished; only the former are written to Checkpoint. The result is nil only if nothing was trained: the
// configuration, a frame or a path is invalid, the state is another run's, or ctx was cancelled before the first step.
func Train(ctx context.Context, backend compute.Backend, cfg Config, train, val *data.Frame,
	opts TrainOptions) (*Result, error) {
	if err := cfg.Validate(); err != nil {
		return nil, errors.Join(err, checkValues(cfg, train), checkValues(cfg, val))
	}
	cfg, notes := fitBatches(cfg, func() int { return labelled(train, cfg.LabelSeparator) })
	t, err := classTask(cfg, train, val, opts)
	if err != nil {
		return nil, err
	}
	t.notes = notes
	return trainOn(ctx, backend, cfg, t, opts)
}

// task is what a run trains on and is validated on. [Train] and [TrainPairs] differ only in the task that they make.
type task struct {
	train    *data.Frame     // the items that batches refer to by row
	of       batch.Contents  // what the labels of batches are
	samplers []batch.Sampler // one for each encoder
	val      validation

	pairs    string   // hash of the pairs where they are given; "" = pairs follow from the frames and the seed
	warnings []string // about the training items
	notes    []string // of the model, beside those of its preprocessing and PLDA
}

// classTask returns the task of learning the classes of train. Everything that can be checked
// without fitting the preprocessing is checked here, before anything slow begins.
func classTask(cfg Config, train, val *data.Frame, opts TrainOptions) (task, error) {
	var problem error
	if opts.Stream { // values are checked when preprocessing is fitted: a pass over a disk is long
		problem = train.ValidateStructure()
	} else {
		problem = checkValues(cfg, train)
	}
	if err := errors.Join(cfg.Validate(), problem, checkValues(cfg, val)); err != nil {
		return task{}, err
	}
	if err := itemset.Disjoint("training", train, "validation", val); err != nil {
		return task{}, err
	}
	if err := checkMemory(cfg, train, false, opts.Stream); err != nil {
		return task{}, err
	}
	// Both samplers check labels, each for what it needs: training for its batches, validation for pairs of both kinds.
	samplers, err := samplersOf(cfg, func() (batch.Sampler, error) { return batch.NewSampler(batchOptions(cfg), train) })
	if err != nil {
		return task{}, fmt.Errorf("training items: %w", err)
	}
	valPairs, err := ValidationPairs(cfg, val)
	if err != nil {
		return task{}, fmt.Errorf("validation items: %w", err)
	}
	labels := itemset.LabelsOf(train, cfg.LabelSeparator)
	return task{
		warnings: itemset.SeparatorWarnings(train, cfg.LabelSeparator),
		train:    train, of: batch.Contents{Classes: len(labels.Names), ClassesPerItem: labels.Most}, samplers: samplers,
		val: validation{frame: val, pairs: valPairs, classes: true, unseen: opts.Unseen, separator: cfg.LabelSeparator},
	}, nil
}

// checkValues returns why the preprocessing cannot take the frame, or nil. Where only missing values are in its way,
// the error is about the setting that mends it.
func checkValues(c Config, f *data.Frame) error {
	err := c.Preprocess.Check(f)
	if err != nil && f.ValidateMissing(true) == nil {
		return option.Errorf("preprocess.impute", "it is none, and values are missing: choose mean or median (%w)", err)
	}
	return err
}

// trainOn runs a task until it has ended or failed; see [Train] for what it returns.
func trainOn(ctx context.Context, backend compute.Backend, cfg Config, t task, opts TrainOptions) (*Result, error) {
	if cfg.Precision == PrecisionBFloat16 && device.IsPortable(backend) {
		return nil, option.Errorf("precision", "%q has other bits on other processors, and the backend is portable: use %q",
			cfg.Precision, PrecisionFloat32)
	}
	if err := option.Under("augment.", cfg.Augment.Check(opts.Views)); err != nil {
		return nil, err
	}
	// Before anything slow: a second run with one state would wait for its own end only to be refused.
	unlock, err := atomicfile.LockFolder(opts.State)
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	defer unlock()
	r, err := newRun(ctx, backend, cfg, t, opts)
	if err != nil {
		return nil, err
	}
	defer r.close()
	// A state replaces the initial weights of newRun, or there is none.
	if err := r.resume(); err != nil {
		return nil, err
	}
	if r.result.Best > 0 { // what was judged before, which may be better than all that follows
		if err := r.saveCheckpoint(); err != nil {
			return r.end(err)
		}
	}
	// What is known by now is told before hours of training, not after them.
	if w := r.result.Warnings; len(w) > 0 && r.opts.Progress != nil && !r.ended() {
		r.opts.Progress(Progress{Epoch: len(r.result.History) + 1, Epochs: cfg.Epochs,
			Steps:    len(r.members) * stepsPerEpoch(cfg),
			Warnings: w})
	}
	for !r.ended() {
		// What preparation or the last validation left behind is freed. At first that follows upon compiling ahead, which
		// would only read the plugin's code again.
		if r.compiled == nil || len(r.result.History) > 0 {
			device.Settle()
		}
		if err := r.epoch(ctx); err != nil {
			return r.end(err)
		}
	}
	if err := r.addEncoderPLDA(ctx); err != nil {
		return r.end(err)
	}
	return r.end(r.addGate(ctx))
}

// run is the state of one training run on the host. It is used by one goroutine.
type run struct {
	task
	cfg     Config
	backend compute.Backend // without the wrapper of package device
	opts    TrainOptions

	members  []*member
	viewer   *viewer   // nil = no item is altered
	compiled func()    // waits for the end of what compiles ahead, see [step.Ahead]; may be nil
	result   *Result   // its model has the weights of the best epoch
	current  *Model    // the current weights, for validation and mining; shares the transforms of the result's model
	best     float64   // Epoch.Monitored of the best epoch; -Inf = none was finished
	begun    time.Time // when this run began, without the first call of each encoder, which compiles
	first    int       // steps of these calls
	saved    time.Time // when the state was

	dataHash string         // of all frames; "" when no state is kept
	machine  device.Machine // zero when no state is kept
}

// newRun prepares a run: it fits the preprocessing, moves the transformed training items to the device and sets up the
// training step with the initial weights. Close the run to free them. On an error nothing is left on the device.
func newRun(ctx context.Context, backend compute.Backend, cfg Config, t task, opts TrainOptions) (r *run,
	err error) {
	backend, err = device.Plain(backend)
	if err != nil {
		return nil, err
	}
	if err := atomicfile.Check(opts.Checkpoint); err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if err := errors.Join(checkPLDA(cfg, t.train), checkGate(cfg, t.train, t.val.frame)); err != nil {
		return nil, err
	}
	of, err := fitKnown(ctx, cfg, t.train, t.val.frame, opts.Prepared)
	if err != nil {
		return nil, err
	}
	wait, err := compileAhead(backend, cfg, of.transform.Width(), t, opts)
	if err != nil {
		return nil, err
	}
	defer func() {
		if r == nil && wait != nil { // an error: the caller may close the backend
			wait()
		}
	}()
	model := untrained(cfg, of)
	model.Notes = append(model.Notes, t.notes...)
	if err := t.val.check(cfg, model, t.train); err != nil {
		return nil, err
	}
	// Before the origin is noted: it opens the pictures.
	viewer, err := newViewer(ctx, cfg, model.Transform, t.train, opts.Views)
	if err != nil {
		return nil, err
	}
	hashes, err := prepared(opts.Prepared, t.train, t.val.frame, "hashes",
		func() ([]uint64, error) { return model.hashes(t.train) })
	if err != nil {
		return nil, fmt.Errorf("training items: %w", err)
	}
	model.TrainedOn = slices.Clone(hashes)
	model.Origin = OriginOf(backend).With(cfg.Seed, opts.Data)
	// Equal values under other ids are a warning, not an error: they may be true measurements.
	warnings, err := prepared(opts.Prepared, t.train, t.val.frame, "copies",
		func() ([]string, error) { return itemset.Copies("training", t.train, "validation", t.val.frame) })
	if err != nil {
		return nil, err
	}
	// Rows are transformed once, straight into the memory that steps read.
	rows, err := model.Transform.Rows(t.train)
	if err != nil {
		return nil, fmt.Errorf("training items: %w", err)
	}
	provenance.Seed(cfg.Seed)
	made := &run{
		task: t, cfg: cfg, backend: backend, opts: opts, viewer: viewer, compiled: wait,
		result: &Result{Model: model, Warnings: slices.Concat(model.Notes, t.warnings, warnings)}, best: math.Inf(-1),
		begun: time.Now(),
		saved: time.Now(), current: model.Copy(),
	}
	if err := newMembers(made,
		func(x []float32, start int) error { return errors.Join(ctx.Err(), rows.Read(x, start)) }); err != nil {
		return nil, err
	}
	return made, nil
}

// stepsPerEpoch is the number of full batches: a smaller last one would need a second compiled graph for a few pairs.
func stepsPerEpoch(c Config) int { return c.PairsPerEpoch / c.BatchPairs }

// ended reports whether training is over.
func (r *run) ended() bool {
	n := len(r.result.History)
	return !r.begunEpoch() && (n >= r.cfg.Epochs || r.result.Stopped || r.result.Collapsed)
}

// hash returns one hash of all items and pairs of the run, by which a state recognises them. It reads all features.
func (t task) hash() string {
	sum := sha256.New()
	frames := []*data.Frame{t.train, t.val.frame}
	if t.val.unseen != nil {
		frames = append(frames, t.val.unseen)
	}
	for _, f := range frames {
		_, _ = io.WriteString(sum, f.Hash()) // a hash never fails
	}
	_, _ = io.WriteString(sum, t.pairs)
	return hex.EncodeToString(sum.Sum(nil))
}
