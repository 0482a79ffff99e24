package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/report"
)

// evaluateCommand evaluates a model, or several.
type evaluateCommand struct {
	Paths        []string `arg:"" name:"model ... data" help:"Files of one model or more, as train writes them, and last DATA. ${data_help}"`
	Split        string   `required:"" placeholder:"FILE" help:"File with the split, as train and split write it: its test items are evaluated on."`
	Pairs        string   `placeholder:"TABLE" help:"Table of labelled pairs to evaluate on."`
	Baselines    bool     `default:"true" negatable:"" help:"Also evaluate what else can be made of the features, fitted on the training items of the split: principal components, linear discriminants and others (default: yes)."`
	Resamples    int      `placeholder:"N" help:"Resamples of a bootstrap over items that intervals come from, such as 1000; 0 = intervals by the delta method, which needs none."`
	Confidence   float64  `default:"0.95" help:"Confidence of the intervals."`
	CostFP       float64  `placeholder:"COST" help:"Cost of calling different items the same, for the threshold of least cost in the page and the JSON."`
	CostFN       float64  `placeholder:"COST" help:"Cost of calling the same items different."`
	Estimate     int      `placeholder:"N" help:"Test items to draw as queries against all, such as 2000, where the pairs of all items are too many to look at; 0 = exact figures over all pairs."`
	EstimateSeed uint64   `default:"42" help:"Seed of these queries."`
	Name         string   `placeholder:"TEXT" help:"What the test items are (default: new items, or unseen classes or domains)."`
	JSON         string   `placeholder:"FILE" help:"File for the report as JSON, with all that a page needs."`
	pageFlags
	modelFlags
}

// Help is the text below the usage.
func (*evaluateCommand) Help() string {
	return `Evaluates a model on the test items of a split, over all their pairs or, with --pairs, on the given pairs of them,
beside all that can be made of the features without it, fitted on the training items of the split: raw, standardised
and block-scaled features, principal components, linear discriminants, an untrained encoder, a classifier
(--no-baselines leaves all but the standardised features out, which is faster). Where items have several classes
each (--label-separator of train), pairs of test items that their labels tell of are used, at most 200,000 drawn at
random, and MAP@R is given over all of them. The threshold was chosen on validation items. With several models the
others are compared with the first on the same items or pairs, with intervals; all of them must have been trained on
this split. A model knows what it was trained on: where test items are among that, or are exact copies of it, the
report warns.

  siamese evaluate --split=model.split.json --html=report.html model.safetensors builtin
  siamese evaluate --split=split.json --json=report.json model.safetensors items.parquet
  siamese evaluate --split=split.json --html=both.html --images=pictures a.safetensors b.safetensors items.parquet
  siamese evaluate --split=split.json --pairs=pairs.csv --html=pairs.html model.safetensors items.parquet

Exact figures look at every pair, so that their time grows with the square of the number of items: 100,000 take 25
times as long as 20,000, and a million 2,500 times. --estimate=2000 draws so many of the items as queries against
all. Its figures are estimates, with intervals that say where the exact ones lie and nothing of other items, and a
page of them has no details.

The page of --html needs no network: verdict, figures, curves, histograms, thresholds, classes, domains, a map of
the embeddings and the hardest pairs, with their pictures where DATA is builtin or --images says where they are. The
file of --json holds the same; report makes pages of such files.
`
}

// Run evaluates the models.
func (e *evaluateCommand) Run(ctx context.Context, s *streams) error {
	if err := e.check(); err != nil {
		return err
	}
	items := e.Paths[len(e.Paths)-1]
	models := e.Paths[:len(e.Paths)-1]
	others := make([]*siamese.Model, 0, len(models))
	for _, name := range models[1:] {
		m, err := siamese.Load(name)
		if err != nil {
			return err
		}
		defer m.Close()
		others = append(others, m)
	}
	u, err := e.open(ctx, models[0], items, s.complaints)
	if err != nil {
		return err
	}
	split, err := split.Load(e.Split, u.frame)
	if err != nil {
		return err
	}
	if e.Name == "" {
		e.Name = titleOf(split)
	}
	opt := evaluate.Options{Bootstrap: e.Resamples > 0, Resamples: e.Resamples, Confidence: e.Confidence,
		CostFP: e.CostFP, CostFN: e.CostFN, Estimate: e.Estimate, EstimateSeed: e.EstimateSeed}
	if e.Baselines {
		opt.Train, opt.Progress = u.frame.Select(split.Train), ofClassifier(s.complaints)
	}
	opt.Details = (e.HTML != "" || e.JSON != "") && e.Estimate == 0 // which are of all pairs
	pictures, err := e.pictures(items)
	if err != nil {
		return err
	}
	all := []evaluate.Model{{Model: u.Model}}
	for k, m := range others {
		all = append(all, evaluate.Model{Name: models[k+1], Model: m})
	}
	if len(all) > 1 {
		all[0].Name = models[0]
	}
	compared, err := e.evaluate(ctx, u, all, split, opt)
	if err != nil {
		return err
	}
	for k, r := range compared.Reports {
		if r.Details != nil {
			if r.Details.Facts, err = e.facts(models[k], items); err != nil {
				return err
			}
		}
	}
	if e.JSON != "" {
		if err := compared.Save(e.JSON); err != nil {
			return err
		}
	}
	return e.tell(pictures, compared, s.out)
}

// evaluate evaluates models on the test items of a split, or on given pairs of them.
func (e *evaluateCommand) evaluate(ctx context.Context, u *used, models []evaluate.Model, split *split.Split,
	opt evaluate.Options) (*report.Compared, error) {
	if e.Pairs == "" {
		return evaluate.Items(ctx, u.backend, models, e.Name, u.frame.Select(split.Val), u.frame.Select(split.Test),
			opt)
	}
	val, test, err := u.givenPairs(ctx, e.Pairs, split)
	if err != nil {
		return nil, err
	}
	return evaluate.Pairs(ctx, u.backend, models, e.Name, u.frame, val, test, opt)
}

// ofClassifier returns what shows the training of the classifier among the baselines, and says what is trained.
func ofClassifier(complaints io.Writer) func(siamese.Progress) {
	bar, told := siamese.Bar(complaints), false
	return func(p siamese.Progress) {
		if !told {
			fmt.Fprintln(complaints, "a classifier to compare with is trained:")
			told = true
		}
		bar(p)
	}
}

// check returns what is wrong with the command line.
func (e *evaluateCommand) check() error {
	switch {
	case len(e.Paths) < 2:
		return usageError{errors.New("missing positional arguments: give a model and the table of items")}
	case e.Estimate != 0 && e.Pairs != "":
		return wrongFlag("estimate", "it is for all pairs of items: leave out --estimate or --pairs")
	case e.Resamples < 0 || e.Resamples > 0 && e.Resamples < 20:
		return wrongFlag("resamples", "%d is neither 0, for intervals by the delta method, nor 20 or more", e.Resamples)
	case !(e.Confidence > 0 && e.Confidence < 1):
		return wrongFlag("confidence", "%v is not in (0, 1); 0.95 is usual", e.Confidence)
	}
	for k, name := range e.Paths[:len(e.Paths)-1] {
		if slices.Contains(e.Paths[:k], name) {
			return usageError{fmt.Errorf("the model %s is given twice", name)}
		}
	}
	return errors.Join(atomicfile.Check(e.JSON), e.pageFlags.check())
}

// facts returns what a report was made from. Files are named without their folders, which mean nothing elsewhere, and
// with a hash of their content.
func (e *evaluateCommand) facts(model, items string) ([]report.Fact, error) {
	list := []struct{ name, path string }{{"model", model}, {"split", e.Split}}
	if e.Pairs != "" {
		list = append(list, struct{ name, path string }{"pairs", e.Pairs})
	}
	var out []report.Fact
	for _, file := range list {
		hash, err := hashOf(file.path)
		if err != nil {
			return nil, err
		}
		out = append(out, report.Fact{Name: file.name, Value: filepath.Base(file.path) + ", sha256:" + hash})
	}
	return append(out, report.Fact{Name: "data", Value: filepath.Base(items)}), nil
}

// hashOf returns the SHA-256 of a file in hex.
func hashOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	h := sha256.New()
	_, err = io.Copy(h, file)
	return hex.EncodeToString(h.Sum(nil)), err
}

// titleOf says what the test items of a split are.
func titleOf(split *split.Split) string {
	switch {
	case split.HeldOut != nil:
		return "unseen classes"
	case split.HeldOutDomains != nil:
		return "unseen domains"
	}
	return "new items"
}
