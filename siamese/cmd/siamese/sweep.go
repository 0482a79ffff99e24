package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/show"
	"github.com/go-siamese/lab/siamese/study"
	"github.com/go-siamese/lab/siamese/study/export"
	"github.com/go-siamese/lab/siamese/study/search"
	"github.com/go-siamese/lab/siamese/study/space"
)

// sweepCommand searches for the best configuration. DATA is optional for kong, since --print-space needs none.
type sweepCommand struct {
	Data string `arg:"" optional:"" help:"${data_help}"`
	// What is searched, and how.
	Space      string `placeholder:"FILE" help:"${help_space}"`
	PrintSpace bool   `help:"Write the space as JSON, and stop: a start for a file of one's own."`
	Sampler    string `default:"tpe" placeholder:"NAME" help:"${help_sampler}"`
	Levels     int    `placeholder:"N" help:"Values of a range with --sampler=grid, ends included; 0 = 3."`
	Halving    bool   `option:"Halving,Halving.Least,Halving.Factor" help:"${help_halving}"`
	SplitSeed  uint64 `default:"42" help:"Seed of the split and of the sampler."`
	Parallel   int    `placeholder:"N" help:"Trials that train at a time; 0 = 1."`
	// The budget: one of them.
	Trials    int           `placeholder:"N" help:"Trials; 0 = 40, unless --max-epochs or --time is given."`
	MaxEpochs int           `placeholder:"N" help:"Epochs of all trials together; 0 = no bound."`
	Time      time.Duration `placeholder:"TIME" help:"No trial begins after it, 30m for instance; 0 = no bound."`
	// On what trials are judged.
	SameClasses  bool `help:"Judge on new items of the classes that are trained on, not on other classes."`
	HeldOutCount int  `option:"HeldOut" placeholder:"N" help:"${help_sweep_held_out}"`
	Folds        int  `placeholder:"N" help:"${help_sweep_folds}"`
	WatchedCount int  `option:"Watched" placeholder:"N" help:"Classes that give the trials' scores; 0 = a third."`
	// State is what makes hours of trainings safe; the others are written at the end.
	State       string `option:"Dir" output:"folder" placeholder:"FOLDER" help:"Folder for trials, to resume the search."`
	Out         string `output:"model" placeholder:"FILE" help:"File for the best model, ending in .safetensors."`
	HTML        string `output:"file" placeholder:"FILE" help:"File for a page with plots and the table of trials."`
	JSON        string `output:"file" placeholder:"FILE" help:"File for what was found, as JSON."`
	Journal     string `output:"file" placeholder:"FILE" help:"File for a journal of Optuna, for optuna-dashboard."`
	TensorBoard string `output:"folder" name:"tensorboard" placeholder:"FOLDER" help:"${help_sweep_tensorboard}"`
	Runs        string `output:"file" placeholder:"FILE" help:"Table of trials, ending in .csv or .parquet."`
	backendFlag
	dataFlags
	togetherFlags
	configFlags
	viewFlags
}

// Help is the text below the usage.
func (*sweepCommand) Help() string {
	return `Searches for the best settings. The configuration that the other flags make stays but for the settings of the
space. Trials are trained on some classes and judged on others, and the winner in the end on classes that chose nothing,
so that its figure is not flattered by being the best of many. With --folds that is done on several parts of the
classes, and the mean is that of searching and training. With --state the same command resumes an interrupted search,
and one with more trials continues it.

  siamese sweep --preset=recommended --trials=40 --state=search --html=search.html builtin
  siamese sweep --print-space --preset=recommended > space.json
  siamese sweep --space=space.json --sampler=random --halving --max-epochs=200 --out=best.safetensors items.parquet
`
}

// usualTrials is the budget where none is given.
const usualTrials = 40

// Run searches, prints what was found and writes it to files. An interrupted search reports what is finished.
func (c *sweepCommand) Run(ctx context.Context, parsed *kong.Context, s *streams) error {
	cfg, err := c.config(siamese.MonitorMAP)
	if err != nil {
		return err
	}
	opt, err := c.options(cfg)
	if err == nil {
		err = c.fix(parsed, cfg, &opt)
	}
	if err != nil {
		return err
	}
	if c.PrintSpace {
		text, err := json.MarshalIndent(opt.Space, "", "  ")
		if err == nil {
			_, err = fmt.Fprintln(s.out, string(text))
		}
		return err
	}
	if c.Data == "" {
		return usageError{errors.New("expected \"<data>\"")}
	}
	if opt.Views, err = c.source(cfg, c.Data); err != nil {
		return err
	}
	c.groupTable, c.escapesOutput = c.Groups, true
	frame, err := c.openTelling(ctx, c.Data, s.out, s.errOut)
	if err == nil {
		err = idleDomains(parsed, frame)
	}
	if err != nil {
		return err
	}
	if opt.Groups, opt.Duplicates, err = c.together(ctx, frame, &c.joinFlags, s.out); err != nil {
		return err
	}
	b, err := siamese.OpenBackend(c.Backend)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, b.Why)
	fmt.Fprintln(s.out, quote.Lines(opt.Space.String()))
	opt.Progress = sweepLines(s.errOut)
	found, err := study.RunSearch(ctx, b, frame, cfg, opt)
	if found == nil || len(found.Runs) == 0 {
		return err
	}
	if found.Model != nil {
		defer found.Model.Close()
	}
	fmt.Fprintln(s.out, found)
	err = errors.Join(err, c.write(found))
	if err != nil && c.State != "" {
		return fmt.Errorf("%w; the same command resumes from %s", err, quote.Text(c.State))
	}
	return err
}

// options returns the options of the search, all but what the items decide.
func (c *sweepCommand) options(cfg siamese.Config) (study.SearchOptions, error) {
	opt := study.SearchOptions{Space: space.Usual(cfg), Seed: c.SplitSeed, Trials: c.Trials, MaxEpochs: c.MaxEpochs,
		Time: c.Time, Parallel: c.Parallel, SameClasses: c.SameClasses, HeldOut: c.HeldOutCount, Watched: c.WatchedCount,
		Folds: c.Folds, Dir: c.State, EscapeFormulas: c.EscapeFormulas}
	if c.Trials == 0 && c.MaxEpochs == 0 && c.Time == 0 {
		opt.Trials = usualTrials
	}
	if c.Halving {
		opt.Halving = &study.Halving{}
	}
	if c.Out != "" && !strings.HasSuffix(c.Out, modelEnding) {
		return opt, wrongFlag("out", "%s does not end in %s", quote.Text(c.Out), modelEnding)
	}
	if c.Runs != "" && !strings.HasSuffix(c.Runs, ".csv") && !strings.HasSuffix(c.Runs, ".parquet") {
		return opt, wrongFlag("runs", "%s ends neither in .csv nor in .parquet", quote.Text(c.Runs))
	}
	if c.Space != "" {
		opt.Space = nil
		if err := jsonfile.Read(c.Space, &opt.Space); err != nil {
			return opt, option.Errorf("space", "%w; sweep --print-space shows what such a file looks like", err)
		}
	}
	var err error
	opt.Sampler, err = search.ByName(c.Sampler)
	_, grid := opt.Sampler.(search.Grid)
	switch {
	case err != nil:
		return opt, err
	case grid:
		opt.Sampler = search.Grid{Levels: c.Levels}
	case c.Levels != 0:
		return opt, wrongFlag("levels", "%s has none: give --sampler=grid too", c.Sampler)
	}
	return opt, nil
}

// fix takes what flags set out of the usual space; a space of the user's own must not have it. It returns the error of a
// flag that would have no effect, see [idle], unless the space varies what that depends on.
func (c *sweepCommand) fix(parsed *kong.Context, cfg siamese.Config, opt *study.SearchOptions) error {
	varies := false
	var left space.Space
	for _, p := range opt.Space {
		varies = varies || p.Name == space.Loss || p.Name == "optimizer"
		flag := given(parsed, kebab(p.Name))
		switch {
		case flag == "":
			left = append(left, p)
		case c.Space != "":
			return wrongFlag(flag, "the search varies it: leave it out, or take it out of %s", quote.Text(c.Space))
		}
	}
	opt.Space = left
	if varies {
		return nil
	}
	return idle(parsed, cfg, false, false)
}

// write writes what was found to the files that flags name, each whatever becomes of the others: it took hours.
func (c *sweepCommand) write(found *study.Search) error {
	var errs []error
	if c.Out != "" && found.Model != nil {
		errs = append(errs, found.Model.Save(c.Out))
	}
	if c.JSON != "" {
		errs = append(errs, jsonfile.Write(c.JSON, found.Result))
	}
	if c.Journal != "" {
		errs = append(errs, export.Journal(c.Journal, "siamese sweep", found.Result, time.Now()))
	}
	switch {
	case strings.HasSuffix(c.Runs, ".csv"):
		errs = append(errs, export.CSV(c.Runs, found.Result))
	case c.Runs != "":
		errs = append(errs, export.Parquet(c.Runs, found.Result))
	}
	if c.TensorBoard != "" {
		errs = append(errs, export.TensorBoard(c.TensorBoard, found.Result))
	}
	if c.HTML != "" && found.Model != nil { // without a trial that is complete there is nothing to draw
		errs = append(errs, show.SaveSearch(c.HTML, show.PageOptions{}, found.Result))
	}
	return errors.Join(errs...)
}

// sweepLines returns a progress function that writes a line on w for every trial, and a bar for the current training.
func sweepLines(w io.Writer) func(study.SearchProgress) {
	bar := history.Bar(w)
	return func(p study.SearchProgress) {
		if p.Training != nil {
			bar(*p.Training)
			return
		}
		kept := ""
		if p.Kept {
			kept = " (from the state)"
		}
		fmt.Fprintf(w, "%s%s\n", p, kept)
	}
}
