package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/tensorboard"
)

const trainHelp = `usage: siamese train -out model.safetensors [flags] DATA

Trains an encoder on the items of DATA and writes the model of the best epoch. Without -split a split is drawn and written
beside the model, so that evaluate judges on items that were not trained on. What two sides have in common and should not
is reported, and is an error unless -allow names it. Ctrl-C ends a run and keeps the best model; with -state the same
command goes on where it stood, to the same bits, even after a crash.

  siamese train -out model.safetensors builtin
  siamese train -out model.safetensors -split split.json -loss supcon -epochs 3 -state state items.parquet
  siamese train -out model.safetensors -held-out sneaker,bag -layers 512,128 -preprocess.equal_blocks items.parquet
  siamese train -out model.safetensors -pairs pairs.csv items.parquet
  siamese train -out model.safetensors -label_separator "|" -loss supcon items.parquet

` + dataHelp + `
The settings of the configuration are flags too, with the names they have in its file.

`

// trainFlags are those of train.
type trainFlags struct {
	data                                 dataFlags
	config                               configFlags
	split                                splitFlags
	out, splitFile, pairs, unseen        string
	state, history, tensorboard, backend string
	show                                 bool
}

// trainCommand trains a model.
func trainCommand(ctx context.Context, args []string, out, complaints io.Writer) error {
	var t trainFlags
	flags := newFlags("train", trainHelp)
	t.data.register(flags)
	t.config.register(flags)
	t.split.register(flags)
	flags.StringVar(&t.out, "out", "", "`file` to write the model to, ending in .safetensors")
	flags.StringVar(&t.splitFile, "split", "", "`file` with the split, as the command split writes it (default: draw one)")
	flags.StringVar(&t.pairs, "pairs", "", "`table` of labelled pairs (left, right, label and perhaps weight) to train on, instead of classes")
	flags.StringVar(&t.unseen, "unseen", "", "`file` with items of classes that are not trained on, or names of classes of DATA to take out, judged after every epoch")
	flags.StringVar(&t.state, "state", "", "`folder` for all it takes to go on with a run that was cut off")
	flags.StringVar(&t.history, "history", "", "`file` that gets a line of JSON an epoch")
	flags.StringVar(&t.tensorboard, "tensorboard", "", "`folder` for TensorBoard's event files")
	flags.StringVar(&t.backend, "backend", "", backendUsage)
	flags.BoolVar(&t.show, "print-config", false, "write the configuration that the other flags make as JSON, and stop")
	rest, err := parse(flags, args, out)
	if err != nil {
		return err
	}
	monitor := siamese.MonitorMAP
	if t.pairs != "" {
		monitor = siamese.MonitorAUC
	}
	cfg, err := t.config.config(monitor)
	if t.show {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return errors.Join(err, encoder.Encode(cfg))
	}
	switch {
	case err != nil:
		return err
	case t.out == "":
		return usageError{errors.New("-out is missing: say which file to write the model to")}
	case !strings.HasSuffix(t.out, modelEnding):
		return usageError{fmt.Errorf("-out %s: the name of a model ends in %s", t.out, modelEnding)}
	case len(rest) != 1:
		return usageError{fmt.Errorf("%d tables are given, want one DATA", len(rest))}
	case t.unseen == "" && (cfg.Monitor == siamese.MonitorUnseenAUC || cfg.Monitor == siamese.MonitorUnseenMAP):
		return usageError{fmt.Errorf("-monitor %s watches classes that are not trained on: name them with -unseen", cfg.Monitor)}
	}
	if t.pairs != "" {
		if clash := given(flags, "items_per_class", "within_domain"); clash != "" {
			return usageError{fmt.Errorf("-pairs are taken as they are listed: leave out -%s, which is for pairs that are drawn by class", clash)}
		}
	}
	if t.splitFile != "" {
		if clash := given(flags, "val", "test", "held-out", "held-out-domains", "test-items", "stratify", "duplicates", "groups"); clash != "" {
			return usageError{fmt.Errorf("-split names a split that was drawn: leave out -%s, which is for drawing one", clash)}
		}
	}
	return t.train(ctx, cfg, rest[0], out, complaints)
}

// modelEnding is that of a model's file.
const modelEnding = ".safetensors"

// train reads the data, splits it, trains and writes.
func (t *trainFlags) train(ctx context.Context, cfg siamese.Config, name string, out, complaints io.Writer) error {
	frame, how, err := t.data.open(ctx, name)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, how)
	sides, err := t.sides(ctx, frame, cfg.Seed, out)
	if err != nil {
		return err
	}
	if cfg.LabelSeparator != "" && sides.Items.HeldOut != nil {
		return usageError{errors.New("-label_separator gives items several classes, and the split holds labels out, not classes: items that share a class with them would be trained on; split by item")}
	}
	opts := siamese.TrainOptions{Checkpoint: t.out, State: t.state}
	if t.unseen != "" {
		if opts.Unseen, err = t.takeUnseen(ctx, frame, sides.Items, cfg.LabelSeparator); err != nil {
			return fmt.Errorf("-unseen: %w", err)
		}
		fmt.Fprintf(out, "unseen classes: %d items\n", opts.Unseen.N())
	}
	if err := t.report(ctx, frame, sides.Items, out); err != nil {
		return err
	}
	backend, err := siamese.OpenBackend(t.backend)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, backend.Why)
	tell, closeLogs, err := t.progress(complaints)
	if err != nil {
		return err
	}
	opts.Progress = tell
	var result *siamese.Result
	if t.pairs != "" {
		result, err = siamese.TrainPairs(ctx, backend, cfg, frame, sides.Train, sides.Val, opts)
	} else {
		result, err = siamese.Train(ctx, backend, cfg, frame.Select(sides.Items.Train), frame.Select(sides.Items.Val), opts)
	}
	if err = errors.Join(err, closeLogs()); err != nil {
		return t.cutOff(ctx, result, err, complaints)
	}
	if err := result.Model.Save(t.out); err != nil { // a run that had ended before wrote nothing
		return err
	}
	fmt.Fprintf(out, "%s\nmodel: %s\n", result, t.out)
	return nil
}

// cutOff says what a run that did not come to its end leaves behind.
func (t *trainFlags) cutOff(ctx context.Context, result *siamese.Result, err error, complaints io.Writer) error {
	if result == nil {
		return err
	}
	fmt.Fprintln(complaints) // the bar ends in the middle of its line
	left := fmt.Sprintf("the model of epoch %d is in %s", result.Best, t.out)
	switch {
	case ctx.Err() == nil && result.Best == 0:
		return err // there may be no model: weights that are not finite are not kept
	case ctx.Err() == nil:
		return fmt.Errorf("%w; %s", err, left)
	case result.Best == 0:
		left = "no epoch was trained to its end: the weights as they were are in " + t.out
	}
	if t.state == "" {
		return fmt.Errorf("%w; %s; with -state FOLDER the run could go on", err, left)
	}
	return fmt.Errorf("%w; %s; the same command goes on from %s", err, left, t.state)
}

// sides returns the split: that of the file, or one that is drawn.
func (t *trainFlags) sides(ctx context.Context, frame *data.Frame, seed uint64, out io.Writer) (*siamese.PairSplit, error) {
	sides := &siamese.PairSplit{}
	var err error
	if t.splitFile != "" {
		sides.Items, err = data.LoadSplit(t.splitFile, frame)
	} else if t.pairs == "" {
		sides.Items, err = t.split.draw(ctx, frame, seed)
	}
	if err != nil {
		return nil, err
	}
	if t.pairs != "" {
		if sides, err = t.split.dealPairs(ctx, frame, t.pairs, sides.Items, seed); err != nil {
			return nil, err
		}
		fmt.Fprintln(out, strings.TrimSpace(sides.String()))
	}
	return sides, nil
}

// report says what the sides have in common, and writes a split that was drawn beside the model.
func (t *trainFlags) report(ctx context.Context, frame *data.Frame, split *data.Split, out io.Writer) error {
	if err := t.split.report(ctx, frame, split, out); err != nil || t.splitFile != "" {
		return err
	}
	path := strings.TrimSuffix(t.out, modelEnding) + ".split.json"
	if err := split.Save(path, frame); err != nil {
		return err
	}
	fmt.Fprintf(out, "split: %s\n", path)
	return nil
}

// progress returns what is told of a run: a bar, and the history and event files that are asked for.
func (t *trainFlags) progress(complaints io.Writer) (tell func(siamese.Progress), closeLogs func() error, err error) {
	tell, closeLogs = siamese.Bar(complaints), func() error { return nil }
	if t.history != "" {
		log, err := siamese.OpenHistory(t.history)
		if err != nil {
			return nil, nil, err
		}
		tell, closeLogs = siamese.Tee(tell, log.Progress()), log.Close
	}
	if t.tensorboard != "" {
		events, err := tensorboard.NewWriter(t.tensorboard)
		if err != nil {
			return nil, nil, errors.Join(err, closeLogs())
		}
		before := closeLogs
		tell, closeLogs = siamese.Tee(tell, tensorboard.Progress(events)), func() error { return errors.Join(before(), events.Close()) }
	}
	return tell, closeLogs, nil
}

// given returns the first of some flags that is on the command line, or "".
func given(flags *flag.FlagSet, names ...string) (found string) {
	flags.Visit(func(f *flag.Flag) {
		for _, name := range names {
			if f.Name == name && found == "" {
				found = name
			}
		}
	})
	return found
}
