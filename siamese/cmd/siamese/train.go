package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/tensorboard"
)

// trainCommand trains a model. Data and Out are optional for kong, since --print-config needs neither; Run checks them.
type trainCommand struct {
	Data string `arg:"" optional:"" help:"${data_help}"`
	Out  string `output:"model" placeholder:"FILE" help:"File to write the model to, ending in .safetensors."`
	// Split and Pairs are read with the ids of DATA; a file made for other items is an error.
	Split  string `placeholder:"FILE" help:"File with the split, as split writes it (default: draw one)."`
	Pairs  string `placeholder:"TABLE" help:"${help_train_pairs}"`
	Unseen string `placeholder:"FILE|CLASS,..." help:"${help_unseen}"`
	// State, History and TensorBoard record the run. Only State is read again.
	State       string `output:"folder" placeholder:"FOLDER" help:"Folder for the state of the run, to resume it."`
	History     string `output:"append" placeholder:"FILE" help:"File that gets a line of JSON an epoch."`
	TensorBoard string `output:"folder" name:"tensorboard" placeholder:"FOLDER" help:"Folder for TensorBoard's events."`
	backendFlag
	PrintConfig bool `help:"Write the configuration that the other flags make as JSON, and stop."`
	dataFlags
	streamFlag
	splitFlags
	configFlags
	viewFlags

	altered augment.Source // what --augment asks for, nil = nothing
}

// Help is the text below the usage.
func (*trainCommand) Help() string {
	return `Trains an encoder on the items of DATA and writes the model of the best epoch. Without --split it draws a
split and writes it beside the model, so that evaluate uses items that were not trained on. It reports what two sides
share and should not, and fails unless --allow names it. Ctrl-C ends a run and keeps the best model, or, before the end
of the first epoch, what was there before; with --state the same command resumes the run, even after a crash, and on the
same machine ends with the same bits.

  siamese train --out=model.safetensors builtin
  siamese train --out=model.safetensors --split=split.json --loss=supcon --epochs=3 --state=state items.parquet
  siamese train --out=model.safetensors --held-out=sneaker,bag --layers=512,128 --preprocess-equal-blocks items.parquet
  siamese train --out=model.safetensors --pairs=pairs.csv items.parquet
  siamese train --out=model.safetensors --augment=0.3 --epochs=20 --pictures=folder features.parquet
  siamese train --out=model.safetensors --label-separator="|" --loss=supcon items.parquet
`
}

// moreOutputs returns the split that is written beside the model.
func (t *trainCommand) moreOutputs() []output {
	if t.Out == "" || t.Split != "" {
		return nil
	}
	return []output{{"out", "file", t.splitFile()}}
}

// splitFile returns the path of the split beside the model: NAME.split.json beside NAME.safetensors, so that the two
// are found together.
func (t *trainCommand) splitFile() string {
	return strings.TrimSuffix(t.Out, modelEnding) + ".split.json"
}

// Run checks the flags and trains. With --print-config it prints the configuration, even if it is invalid, and stops.
func (t *trainCommand) Run(ctx context.Context, parsed *kong.Context, s *streams) error {
	// MAP@R needs classes, which pairs do not give.
	monitor := siamese.MonitorMAP
	if t.Pairs != "" {
		monitor = siamese.MonitorAUC
	}
	cfg, err := t.config(monitor)
	if t.PrintConfig {
		// The form that --config reads again.
		encoder := json.NewEncoder(quote.NewWriter(s.out))
		encoder.SetIndent("", "  ")
		return errors.Join(err, encoder.Encode(cfg))
	}
	switch {
	case err != nil:
		return err
	case t.Out == "":
		return wrongFlag("out", "it is missing: name the file to write the model to")
	case !strings.HasSuffix(t.Out, modelEnding):
		return wrongFlag("out", "%s does not end in %s", quote.Text(t.Out), modelEnding)
	case t.Data == "":
		return usageError{errors.New("missing positional arguments <data>")}
	case t.Unseen == "" && (cfg.Monitor == siamese.MonitorUnseenAUC || cfg.Monitor == siamese.MonitorUnseenMAP):
		return wrongFlag("monitor", "%s watches classes that are not trained on: name them with --unseen", cfg.Monitor)
	}
	if err := idle(parsed, cfg, t.Pairs != "", t.Unseen != ""); err != nil {
		return err
	}
	// These flags would have no effect, and whoever gives them expects one.
	if t.Split != "" {
		if clash := given(parsed, "val", "test", "held-out", "held-out-domains", "held-out-count",
			"held-out-domain-count", "val-held-out", "val-held-out-count", "test-items", "stratify", "duplicates",
			"groups", "allow-ungrouped"); clash != "" {
			return wrongFlag(clash, "it is for drawing a split, and --split names one: leave it out")
		}
	}
	if err := t.check(parsed, t.Pairs); err != nil {
		return err
	}
	if t.altered, err = t.source(cfg, t.Data); err != nil {
		return err
	}
	return t.train(ctx, parsed, cfg, s.out, s.errOut)
}

// modelEnding is the ending of a model's file. It is asked for since the file is one, and other programs go by it.
const modelEnding = ".safetensors"

// train reads the data, splits it, trains and writes the model. Results go to out, the bar to errOut. The model of the
// best epoch so far is on disk during the training, in --out, so that a crash loses an epoch at most.
//
// It checks whatever is cheap before what is not: the data, the split and its leaks, the unseen classes, and only then
// the backend and the training, which may take hours.
func (t *trainCommand) train(ctx context.Context, parsed *kong.Context, cfg siamese.Config,
	out, errOut io.Writer) error {
	// How the table was read is printed even if nothing else works: most mistakes are in it.
	t.pairTable, t.groupTable, t.other, t.onDisk, t.errOut = t.Pairs, t.Groups, "", t.Stream, errOut
	if _, err := os.Stat(t.Unseen); t.Unseen != "" && err == nil {
		t.other = t.Unseen
	}
	t.escapesOutput = true
	frame, err := t.openTelling(ctx, t.Data, out, errOut)
	if err == nil {
		err = idleDomains(parsed, frame)
	}
	if err != nil {
		return err
	}
	// The seed of the configuration draws the split too: one number repeats the whole run.
	sides, err := t.sides(ctx, frame, cfg.Seed, out)
	if err != nil {
		return err
	}
	if err := t.enough(frame, sides.Items, cfg.LabelSeparator); err != nil {
		return err
	}
	// Labels are held out as whole texts ("red+round"), so that red alone could still be trained on.
	if cfg.LabelSeparator != "" && sides.Items.HeldOut != nil {
		return wrongFlag("label-separator",
			"it gives items several classes, and the split holds labels out, not classes: "+
				"items that share a class with them would be trained on; split by item")
	}
	opts := siamese.TrainOptions{Checkpoint: t.Out, State: t.State, EscapeFormulas: t.EscapeFormulas, Views: t.altered,
		Stream: t.Stream}
	if t.Split == "" {
		// With the first model and not before: a run that is refused, or stopped before there is a model, must not
		// leave an older model beside a split that it was not trained on.
		opts.BeforeCheckpoint = func() error { return sides.Items.Save(t.splitFile(), frame) }
	}
	if t.Unseen != "" {
		if opts.Unseen, err = t.takeUnseen(ctx, frame, sides.Items, cfg.LabelSeparator); err != nil {
			return &option.Error{Option: "unseen", Err: err}
		}
		fmt.Fprintf(out, "unseen classes: %d items\n", opts.Unseen.N())
	}
	// Before the backend is opened: a leak is the more likely end. The split may differ by now from the one that was
	// drawn, by the classes of --unseen.
	if err := t.report(ctx, frame, sides.Items, out); err != nil {
		return err
	}
	backend, err := siamese.OpenBackend(t.Backend)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, backend.Why)
	tell, closeLogs, err := t.progress(errOut)
	if err != nil {
		return err
	}
	opts.Progress = tell
	var result *siamese.Result
	if t.Pairs != "" {
		// Pairs name items by their numbers in the whole frame, so that the frame is not divided.
		result, err = siamese.TrainPairs(ctx, backend, cfg, frame, sides.Train, sides.Val, opts)
	} else {
		var items *data.Frame
		var release func()
		if items, release, err = t.trainingItems(ctx, errOut, frame, sides.Items); err == nil {
			defer release()
			result, err = siamese.Train(ctx, backend, cfg, items, frame.Select(sides.Items.Val), opts)
		}
	}
	// The logs are closed whatever happened, since what they hold of an interrupted run is wanted too.
	if err = errors.Join(err, closeLogs()); err != nil {
		return t.cutOff(ctx, result, err, errOut)
	}
	if result.Saved == 0 {
		return fmt.Errorf("no epoch could be judged by %s on the validation items: %s was not written", cfg.Monitor,
			quote.Text(t.Out))
	}
	fmt.Fprintf(out, "%s\nmodel: %s\n", result, quote.Text(t.Out))
	if t.Split == "" {
		fmt.Fprintf(out, "split: %s\n", quote.Text(t.splitFile()))
	}
	return nil
}

// cutOff returns the error of a run that did not come to its end, with what it leaves behind and how to go on. result
// is nil if nothing was trained; ctx tells an interruption from a failure.
func (t *trainCommand) cutOff(ctx context.Context, result *siamese.Result, err error, errOut io.Writer) error {
	if result == nil {
		return err
	}
	fmt.Fprintln(errOut) // the bar ends in the middle of its line
	stopped := ctx.Err() != nil
	_, older := os.Stat(t.Out)
	switch {
	case result.Saved > 0:
		err = fmt.Errorf("%w; the model of epoch %d is in %s", err, result.Saved, quote.Text(t.Out))
	case older == nil:
		err = fmt.Errorf("%w; %s is as it was before", err, quote.Text(t.Out))
	case stopped:
		err = fmt.Errorf("%w; no epoch was trained to its end, so that there is no model", err)
	}
	switch {
	case stopped && t.State == "":
		return fmt.Errorf("%w; with --state FOLDER the run could go on", err)
	case stopped:
		return fmt.Errorf("%w; the same command resumes from %s", err, quote.Text(t.State))
	// The same command would fail again where numbers run away; a disk that was full need not be.
	case t.State != "" && !errors.As(err, new(*siamese.NotFiniteError)):
		return fmt.Errorf("%w; when that is mended, the same command resumes from %s", err, quote.Text(t.State))
	}
	return err
}

// sides returns the split of items, and with --pairs of pairs: that of the file of --split, or one that is drawn with
// seed. It describes pairs on out.
func (t *trainCommand) sides(ctx context.Context, frame *data.Frame, seed uint64, out io.Writer) (*pairs.Split, error) {
	// Without --pairs only its Items are filled: the split of items.
	sides := &pairs.Split{}
	var err error
	if t.Split != "" {
		// Load refuses a split that was made for other items.
		sides.Items, err = split.Load(t.Split, frame)
	} else if t.Pairs == "" {
		sides.Items, err = t.draw(ctx, frame, seed, &t.joinFlags, out)
	}
	if err != nil {
		return nil, err
	}
	if t.Pairs != "" {
		if sides, err = t.assignPairs(ctx, frame, t.Pairs, sides.Items, seed, &t.joinFlags, out); err != nil {
			return nil, err
		}
		fmt.Fprintln(out, strings.TrimSpace(sides.String()))
	}
	return sides, nil
}

// progress returns the progress function of a run: a bar on errOut, and whatever --history and --tensorboard ask for.
// closeLogs ends those files; its error is that something could not be written to them. Both functions are nil with an
// error.
func (t *trainCommand) progress(errOut io.Writer) (tell func(siamese.Progress), closeLogs func() error, err error) {
	tell, closeLogs = history.Bar(errOut), func() error { return nil }
	// Each is one more receiver of the same progress; the bar comes first.
	if t.History != "" {
		log, err := history.Open(t.History)
		if err != nil {
			return nil, nil, err
		}
		tell, closeLogs = history.Tee(tell, log.Progress()), log.Close
	}
	if t.TensorBoard != "" {
		events, err := tensorboard.NewWriter(t.TensorBoard)
		if err != nil {
			return nil, nil, errors.Join(err, closeLogs())
		}
		before := closeLogs
		tell, closeLogs = history.Tee(tell, tensorboard.Progress(events)),
			func() error { return errors.Join(before(), events.Close()) }
	}
	return tell, closeLogs, nil
}
