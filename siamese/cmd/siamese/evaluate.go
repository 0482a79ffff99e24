package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/advise"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/internal/bar"
	"github.com/go-siamese/lab/siamese/report"
)

// evaluateCommand evaluates one model, or compares several, on the test items of a split. It only reads flags and
// files: what is measured, and how, is in the package evaluate.
type evaluateCommand struct {
	// Paths are the models and, last, DATA. It is one list since kong, like most parsers, allows a list of arguments
	// only at the end; check counts it.
	Paths     []string `arg:"" name:"model ... data" help:"Files of one or more models, then DATA. ${data_help}"`
	Split     string   `required:"" placeholder:"FILE" help:"File with the split whose test items are used."`
	Pairs     string   `placeholder:"TABLE" help:"Table of labelled pairs to evaluate on."`
	Baselines bool     `default:"true" negatable:"" help:"${help_baselines}"`
	// Numbers go to [evaluate.Options] as they are given; 0 means there what the help says.
	Resamples  int     `placeholder:"N" help:"${help_resamples}"`
	Confidence float64 `default:"0.95" help:"Confidence of the intervals."`
	// CostFP, CostFN and Prior are for the costs of the evidence and one more threshold, that of least cost, beside the
	// model's own. The verdict does not depend on them.
	CostFP    float64 `default:"1" placeholder:"COST" help:"${help_cost_fp}"`
	CostFN    float64 `default:"1" placeholder:"COST" help:"Cost of calling the same items different."`
	Prior     float64 `placeholder:"SHARE" help:"${help_prior}"`
	Guarantee float64 `placeholder:"RATE" help:"${help_guarantee}"`
	// Estimate and EstimateSeed trade exactness for time, where N^2 pairs are too many.
	Estimate     int    `placeholder:"N" help:"${help_estimate}"`
	EstimateSeed uint64 `default:"42" help:"Seed of these queries."`
	Name         string `placeholder:"TEXT" help:"Name of the test items (default: by the kind of split)."`
	Advise       bool   `help:"${help_evaluate_advise}"`
	Transductive bool   `help:"${help_transductive}"`
	JSON         string `output:"file" placeholder:"FILE" help:"File for the report as JSON, with all that a page needs."`
	pageFlags
	modelFlags
	streamFlag
	expandFlags
	rerankFlags
}

// Help is the text below the usage.
func (*evaluateCommand) Help() string {
	return `Evaluates a model on the test items of a split, over all their pairs or, with --pairs, over the given
pairs among them. Beside it stand methods without the trained encoder, fitted on the training items of the split: raw,
standardised and block-scaled features, principal components, linear discriminants, PLDA, the metrics of KISSME, LFDA
and NCA, an untrained encoder, a classifier (--no-baselines leaves out all but the standardised features, which is
faster). Where items have several classes each
(--label-separator of train), pairs of test items whose labels say same or different are used, at most 200,000 drawn
at random, and MAP@R is over all of them. The threshold was chosen on validation items. With several models the others
are compared with the first on the same items or pairs, with intervals; all of them must have been trained on this
split. A model records what it was trained on: the report warns where test items are among that, or are exact copies
of it.

  siamese evaluate --split=model.split.json --html=report.html model.safetensors builtin
  siamese evaluate --split=split.json --json=report.json model.safetensors items.parquet
  siamese evaluate --split=split.json --html=both.html --images=pictures a.safetensors b.safetensors items.parquet
  siamese evaluate --split=split.json --pairs=pairs.csv --html=pairs.html model.safetensors items.parquet

--expand=30 adds rows that use the gallery: the encoder and the best untrained features with every item averaged with
its 30 nearest test items. --rerank=20 adds rows with all test items re-ranked by which of their 20 nearest they have
in common; with both there are also rows re-ranked after expansion. They show what search --expand and --rerank gain,
and no verdict counts them.

Exact metrics look at every pair, so that their time grows with the square of the number of items: 100,000 take 25
times as long as 20,000, and a million 2,500 times. --estimate=2000 draws so many of the items as queries against all.
Its metrics are estimates, with intervals that say where the exact values lie, not what other items would give, and
its page has no details. With --stream the features of a million items stay on disk, and what the embeddings and
estimates take is said first.

The evidence says how far similarities can be believed: the Cllr of their log likelihood ratios with the part that
calibration could mend, the cost of deciding by them at --prior, --cost-fp and --cost-fn, the LLRs that so many
independent pairs bear out, error rates as bounds where they have too few errors, and thresholds that keep an error
rate (--guarantee) on other items or other classes.

The page of --html needs no network: verdict, metrics, curves, histograms, thresholds, classes, domains, a map of the
embeddings and the hardest pairs, with their pictures where DATA is builtin or --images names their folder. The file
of --json holds the same; the command report makes pages of such files.
`
}

// Run evaluates the models, prints the reports and writes the files that are asked for. All models are loaded, and all
// files checked, before the first pass over the pairs, so that a wrong name costs seconds and not minutes.
func (e *evaluateCommand) Run(ctx context.Context, parsed *kong.Context, s *streams) error {
	if err := e.check(parsed); err != nil {
		return err
	}
	items := e.Paths[len(e.Paths)-1]
	models := e.Paths[:len(e.Paths)-1]
	// The first model is opened below, with DATA and the backend. The others are used with the same.
	others := make([]*siamese.Model, 0, len(models))
	for _, name := range models[1:] {
		m, err := e.load(name)
		if err != nil {
			return err
		}
		defer m.Close()
		others = append(others, m)
	}
	e.pairTable, e.onDisk, e.errOut = e.Pairs, e.Stream, s.errOut
	u, err := e.open(ctx, models[0], items, s.errOut)
	if err != nil {
		return err
	}
	warnTelling(u.frame, s.errOut)
	// The same file that the models were trained with; evaluate warns of test items that a model was trained on.
	split, err := split.Load(e.Split, u.frame)
	if err != nil {
		return err
	}
	if e.Name == "" {
		e.Name = titleOf(split)
	}
	if err := e.fits(s.errOut, u.frame, split, u.E()); err != nil {
		return err
	}
	sides, err := e.sides(ctx, s.errOut, u.frame, split)
	if err != nil {
		return err
	}
	defer sides.release()
	opt := evaluate.Options{Bootstrap: e.Resamples > 0, Resamples: e.Resamples, Confidence: e.Confidence,
		CostFP: e.CostFP, CostFN: e.CostFN, Prior: e.Prior, Guarantee: e.Guarantee,
		Estimate: e.Estimate, EstimateSeed: e.EstimateSeed, Transductive: e.Transductive}
	if e.Expand > 0 {
		expansion := e.expansion()
		opt.Gallery.Expand = &expansion
	}
	if e.Rerank > 0 {
		reranking := e.reranking()
		opt.Gallery.Rerank = &reranking
	}
	// Training items are what the baselines are fitted on; without them evaluate makes none but the standardised
	// features.
	if e.Baselines {
		opt.Train, opt.Progress = sides.train, classifierProgress(s.errOut)
	}
	stage := bar.NewLine(s.errOut) // nil = no terminal
	defer stage.End()
	if stage != nil {
		opt.Stage = func(what string) { stage.Show(func(int) string { return "measuring: " + what }, "") }
	}
	if progress := opt.Progress; progress != nil {
		opt.Progress = func(p siamese.Progress) {
			stage.End()
			progress(p)
		}
	}
	// Details are curves, classes and hardest pairs over all pairs; an estimate does not see all of them.
	opt.Details = (e.HTML != "" || e.JSON != "") && e.Estimate == 0 // which are of all pairs
	// Before the evaluation: a wrong folder is found out in time.
	pictures, err := e.pictures(items)
	if err != nil {
		return err
	}
	all := []evaluate.Model{{Model: u.Model}}
	// Each is called by its file, which is what the user knows it by.
	for k, m := range others {
		all = append(all, evaluate.Model{Name: models[k+1], Model: m})
	}
	// A single model needs no name: the report calls it "trained encoder".
	if len(all) > 1 {
		all[0].Name = models[0]
	}
	// Advice is on training items, so that test items decide nothing. It takes seconds, and comes first: what it cannot be
	// given on is found out before the evaluation.
	var advice *advise.Advice
	if e.Advise {
		advice, err = adviceOn(ctx, sides.train, advise.Options{Confidence: e.Confidence,
			Seed: u.Config.Seed}, s.errOut)
		if err != nil {
			return fmt.Errorf("advice: %w", err)
		}
	}
	// One report for each model, on the same items, and their differences.
	compared, err := e.evaluate(ctx, u, all, split, sides, opt, s.errOut)
	if err != nil {
		return err
	}
	compared.Advice = advice
	// Facts belong to details, which only pages and files show.
	for k, r := range compared.Reports {
		if r.Details != nil {
			if r.Details.Facts, err = e.facts(models[k], items); err != nil {
				return err
			}
		}
	}
	// The file first: a page can be made from it again, and not the other way round.
	if e.JSON != "" {
		if err := compared.Save(e.JSON); err != nil {
			return err
		}
	}
	return e.write(pictures, compared, s.out)
}

// evaluate evaluates models on the test items of a split, or with --pairs on the given pairs among them. This is the
// one place where the two ways part; both return the same kind of report.
func (e *evaluateCommand) evaluate(ctx context.Context, u *loadedModel, models []evaluate.Model, split *split.Split,
	sides *evaluatedSides, opt evaluate.Options, errOut io.Writer) (*report.Compared, error) {
	if e.Pairs == "" {
		return evaluate.Items(ctx, u.backend, models, e.Name, sides.val, sides.test, opt)
	}
	val, test, err := u.givenPairs(ctx, e.Pairs, split, &e.joinFlags, errOut)
	if err != nil {
		return nil, err
	}
	return evaluate.Pairs(ctx, u.backend, models, e.Name, u.frame, val, test, opt)
}

// classifierProgress returns a progress function for the training of the classifier among the baselines: a bar, after a
// line that says what is being trained, since the user asked for an evaluation.
func classifierProgress(errOut io.Writer) func(siamese.Progress) {
	show, announced := history.Bar(errOut), false
	return func(p siamese.Progress) {
		if !announced {
			fmt.Fprintln(errOut, "a classifier to compare with is trained:")
			announced = true
		}
		show(p)
	}
}

// check returns what is wrong with the command line, or nil, before any file is read. Resamples below 20 are refused
// since an interval of so few means nothing; other limits are those of [evaluate.Options].
func (e *evaluateCommand) check(parsed *kong.Context) error {
	switch {
	case len(e.Paths) < 2:
		return usageError{errors.New("missing positional arguments: give a model and the table of items")}
	// Given pairs are few enough to be looked at all.
	case e.Estimate != 0 && e.Pairs != "":
		return wrongFlag("estimate", "it is for all pairs of items: leave out --estimate or --pairs")
	case e.Estimate == 0 && given(parsed, "estimate-seed") != "":
		return wrongFlag("estimate-seed", "it draws the queries of --estimate, which is missing: leave it out")
	case e.Expand != 0 && e.Pairs != "":
		return wrongFlag("expand", "single pairs have no gallery: leave out --expand or --pairs")
	case e.Rerank != 0 && e.Pairs != "":
		return wrongFlag("rerank", "single pairs have no gallery: leave out --rerank or --pairs")
	case e.Resamples < 0 || e.Resamples > 0 && e.Resamples < 20 || e.Resamples > 1_000_000:
		return wrongFlag("resamples", "%d is neither 0, for intervals by the delta method, nor 20 to 1,000,000",
			e.Resamples)
	case !(e.Confidence > 0 && e.Confidence < 1):
		return wrongFlag("confidence", "%v is not in (0, 1); 0.95 is usual", e.Confidence)
	}
	// A model compared with itself gives differences of 0 with intervals of no width: a slip, not a result.
	for k, name := range e.Paths[:len(e.Paths)-1] {
		if slices.Contains(e.Paths[:k], name) {
			return usageError{fmt.Errorf("the model %s is given twice", quote.Text(name))}
		}
	}
	return errors.Join(e.expandFlags.check(), e.rerankFlags.check(), e.pageFlags.check())
}

// facts returns what a report was made from: the model, the split and the pairs, each with the SHA-256 of its file, and
// the name of DATA. Folders are left out, since they mean nothing on another machine and may tell about this one. DATA
// has no hash here: it may be gigabytes, of which the report's origin has none either, and reports are compared by the
// ids and labels of their items.
func (e *evaluateCommand) facts(model, items string) ([]report.Fact, error) {
	list := []struct{ name, path string }{{"model", model}, {"split", e.Split}}
	if e.Pairs != "" {
		list = append(list, struct{ name, path string }{"pairs", e.Pairs})
	}
	var out []report.Fact
	for _, file := range list {
		// What came from a pipe cannot be read again.
		if info, err := os.Stat(file.path); err != nil || !info.Mode().IsRegular() {
			out = append(out, report.Fact{Name: file.name, Value: "from a pipe"})
			continue
		}
		// The hash says which file it was even after the name has been used again.
		_, hash, err := openfile.Hash(file.path)
		if err != nil {
			return nil, err
		}
		out = append(out, report.Fact{Name: file.name, Value: filepath.Base(file.path) + ", sha256:" + hash})
	}
	return append(out, report.Fact{Name: "data", Value: filepath.Base(items)}), nil
}
