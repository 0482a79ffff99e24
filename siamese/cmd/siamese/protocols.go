package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/show"
)

const protocolsHelp = `usage: siamese protocols [flags] DATA

Says how well a configuration does where it was not trained, with every seed on every fold of up to three protocols: new
items of classes that are trained on, classes that are not, and domains that are not. Beside it stands what can be had
without training, and whether the trained encoder is better, with intervals for other folds and for other seeds. It takes
folds x seeds trainings; with -state the same command goes on where it was cut off.

  siamese protocols -state state -json protocols.json -html protocols.html builtin
  siamese protocols -protocols classes -folds 4 -seeds 42,43 -loss supcon -epochs 3 items.parquet

` + dataHelp + `
The settings of the configuration are flags too, with the names they have in its file.

`

// protocolsCommand runs protocols.
func protocolsCommand(ctx context.Context, args []string, out, complaints io.Writer) error {
	var input dataFlags
	var config configFlags
	var split splitFlags
	var opt siamese.ProtocolOptions
	flags := newFlags("protocols", protocolsHelp)
	input.register(flags)
	config.register(flags)
	split.registerTogether(flags)
	protocols := flags.String("protocols", "", "`names` of protocols, with commas between them: items, classes, domains (default: all that the items allow)")
	flags.IntVar(&opt.Folds, "folds", 0, "`number` of folds of items and of classes (default: 5, or as many as leave two classes to each)")
	seeds := flags.String("seeds", "", "`seeds` of the trainings, with commas between them (default: that of the configuration and the two numbers after it)")
	flags.Uint64Var(&opt.Seed, "split-seed", 42, "`seed` of the splits")
	flags.Float64Var(&opt.Val, "val", 0.1, "`amount` of items that choose the epoch and the threshold: below 1 a share, from 1 on a count")
	flags.IntVar(&opt.ValClasses, "val-classes", 0, "`number` of classes taken from training for -monitor unseen_map or unseen_auc (default: a fifth, at least 2)")
	flags.BoolVar(&opt.Evaluate.NoIntervals, "no-intervals", false, "leave the intervals out of the reports of single trainings, which saves time; those over folds and seeds stay")
	flags.StringVar(&opt.State, "state", "", "`folder` for all it takes to go on with a run that was cut off")
	page := flags.String("html", "", "`file` for a page with verdicts, figures, intervals and folds: one file that needs no network")
	to := flags.String("json", "", "`file` for the report, with that of every training, as JSON")
	backend := flags.String("backend", "", backendUsage)
	rest, err := parse(flags, args, out)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usageError{fmt.Errorf("%d tables are given, want one DATA", len(rest))}
	}
	if err := errors.Join(atomicfile.Check(*page), atomicfile.Check(*to)); err != nil {
		return err
	}
	cfg, err := config.config(siamese.MonitorMAP)
	if err != nil {
		return err
	}
	if opt.Seeds, err = seedList(*seeds); err != nil {
		return usageError{err}
	}
	if *protocols != "" {
		opt.Protocols = strings.Split(*protocols, ",")
	}
	frame, how, err := input.open(ctx, rest[0])
	if err != nil {
		return err
	}
	fmt.Fprintln(out, how)
	if opt.Groups, opt.Duplicates, err = split.together(ctx, frame); err != nil {
		return err
	}
	b, err := siamese.OpenBackend(*backend)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, b.Why)
	opt.Progress = protocolLines(complaints)
	report, err := siamese.RunProtocols(ctx, b, frame, cfg, opt)
	if report == nil {
		return err
	}
	if err != nil {
		fmt.Fprintln(complaints) // the bar ends in the middle of its line
	}
	fmt.Fprint(out, report)
	if *page != "" {
		err = errors.Join(err, show.SaveProtocols(*page, show.PageOptions{}, report))
	}
	if *to != "" {
		err = errors.Join(err, jsonfile.Write(*to, report))
	}
	if err != nil && opt.State != "" {
		return fmt.Errorf("%w; the same command goes on from %s", err, opt.State)
	}
	return err
}

// seedList parses seeds with commas between them; nil = none are given.
func seedList(text string) ([]uint64, error) {
	if text == "" {
		return nil, nil
	}
	var seeds []uint64
	for _, word := range strings.Split(text, ",") {
		seed, err := strconv.ParseUint(word, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("-seeds %q: %q is no seed: want whole numbers from 0 on, such as 42,43,44", text, word)
		}
		seeds = append(seeds, seed)
	}
	return seeds, nil
}

// protocolLines returns a function that writes a line for every training that is judged, and a bar for those under way.
func protocolLines(w io.Writer) func(siamese.ProtocolProgress) {
	bar := siamese.Bar(w)
	return func(p siamese.ProtocolProgress) {
		if p.Training != nil {
			bar(*p.Training)
			return
		}
		how := ""
		if p.Resumed {
			how = " (from the state)"
		}
		fmt.Fprintf(w, "%d/%d %s, fold %d of %d, seed %d: MAP@R %.4f, without training %.4f%s\n", p.Done, p.All, p.Protocol, p.Fold, p.Folds, p.Seed,
			p.Report.Trained.MAPAtR, p.Report.Untrained().MAPAtR, how)
	}
}
