package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/show"
	"github.com/go-siamese/lab/siamese/stats"
	"github.com/go-siamese/lab/siamese/study"
)

// protocolsCommand evaluates a configuration, rather than a model: it trains one anew for every seed on every fold of
// every protocol, so that the intervals contain the variation of both.
type protocolsCommand struct {
	dataArgument
	// Protocols, Folds and Seeds say how many trainings there are: folds x seeds for each protocol.
	Protocols []string `placeholder:"NAME" help:"Protocols: items, classes, domains (default: all possible)."`
	Folds     int      `placeholder:"N" help:"Folds; 0 = 5, or as many as leave two classes to each."`
	Seeds     []uint64 `placeholder:"SEED" help:"${help_protocols_seeds}"`
	SplitSeed uint64   `default:"42" help:"Seed of the splits."`
	// Val, unlike in splitFlags, is of the training classes of each fold; there is no --test, since the fold is the
	// test.
	Val         float64 `default:"0.1" help:"Validation items: below 1 a share, from 1 on a count."`
	ValClasses  int     `placeholder:"N" help:"${help_val_classes}"`
	NoIntervals bool    `help:"${help_protocols_no_intervals}"`
	// State is what makes hours of trainings safe; HTML and JSON are written at the end only.
	State string `output:"folder" placeholder:"FOLDER" help:"Folder for the state of the run, to resume it."`
	HTML  string `output:"file" placeholder:"FILE" help:"File for a page with verdicts, intervals and folds."`
	JSON  string `output:"file" placeholder:"FILE" help:"File for the report, with that of every training, as JSON."`
	backendFlag
	dataFlags
	togetherFlags
	configFlags
	viewFlags
}

// Help is the text below the usage.
func (*protocolsCommand) Help() string {
	return `Evaluates a configuration where it was not trained, with every seed on every fold of up to three
protocols: new items of the training classes, unseen classes, and unseen domains. Each is compared with what the
features give without training, with intervals over folds and over seeds. It takes folds x seeds trainings; with
--state the same command resumes an interrupted run.

  siamese protocols --state=state --json=protocols.json --html=protocols.html builtin
  siamese protocols --protocols=classes --folds=4 --seeds=42,43 --loss=supcon --epochs=3 items.parquet
`
}

// Run runs the protocols, prints the report and writes it to --html and --json. An interrupted run reports the
// trainings that are finished, together with its error; only where none can be reported it returns the error alone.
func (c *protocolsCommand) Run(ctx context.Context, parsed *kong.Context, s *streams) error {
	if c.Val == 0 {
		return wrongFlag("val", "0 leaves no validation items, which choose the epoch and the threshold: give a share "+
			"or a count")
	}
	// Protocols always go by classes, so that training can be monitored by MAP@R.
	cfg, err := c.config(siamese.MonitorMAP)
	if err == nil {
		err = idle(parsed, cfg, false, false)
	}
	if err != nil {
		return err
	}
	opt := study.ProtocolOptions{Protocols: c.Protocols, Folds: c.Folds, Seeds: c.Seeds, Seed: c.SplitSeed, Val: c.Val,
		ValClasses: c.ValClasses, State: c.State, EscapeFormulas: c.EscapeFormulas}
	if opt.Views, err = c.source(cfg, c.Data); err != nil {
		return err
	}
	// Intervals over folds and seeds come from the spread of the trainings and are always there.
	opt.Evaluate.NoIntervals = c.NoIntervals
	c.groupTable, c.escapesOutput = c.Groups, true
	frame, err := c.openTelling(ctx, c.Data, s.out, s.errOut)
	if err == nil {
		err = idleDomains(parsed, frame)
	}
	if err != nil {
		return err
	}
	// What stays together does so in the folds of every protocol.
	if opt.Groups, opt.Duplicates, err = c.together(ctx, frame, &c.joinFlags, s.out); err != nil {
		return err
	}
	b, err := siamese.OpenBackend(c.Backend)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, b.Why)
	opt.Progress = protocolLines(s.errOut)
	report, err := study.RunProtocols(ctx, b, frame, cfg, opt)
	if report == nil {
		return err
	}
	if err != nil {
		fmt.Fprintln(s.errOut) // the bar ends in the middle of its line
	}
	// The report is printed even if a training failed: it has those that did not.
	fmt.Fprint(s.out, report)
	// A page that cannot be written must not keep the JSON from being written: the numbers took hours.
	if c.HTML != "" {
		err = errors.Join(err, show.SaveProtocols(c.HTML, show.PageOptions{}, report))
	}
	if c.JSON != "" {
		err = errors.Join(err, jsonfile.Write(c.JSON, report))
	}
	if err != nil && opt.State != "" {
		return fmt.Errorf("%w; the same command resumes from %s", err, quote.Text(opt.State))
	}
	return err
}

// protocolLines returns a progress function that writes a line on w for every finished training, with its MAP@R and
// that of the features without training, and a bar for the current one.
func protocolLines(w io.Writer) func(study.ProtocolProgress) {
	bar := history.Bar(w)
	return func(p study.ProtocolProgress) {
		// A step of the current training rather than its end.
		if p.Training != nil {
			bar(*p.Training)
			return
		}
		how := ""
		if p.Resumed {
			how = " (from the state)"
		}
		fmt.Fprintf(w, "%d/%d %s, fold %d of %d, seed %d: MAP@R %.4f, without training %.4f%s\n", p.Done, p.All,
			p.Protocol, p.Fold, p.Folds, p.Seed,
			p.Report.Trained.Values[stats.MAPAtR], p.Report.Untrained().Values[stats.MAPAtR], how)
	}
}
