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

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

const evaluateHelp = `usage: siamese evaluate -split split.json [flags] MODEL [MODEL ...] DATA

Judges a model on the test items of a split, over all their pairs or, with -pairs, on the given pairs of them, beside
all that can be made of the features without it, fitted on the training items of the split: raw, standardised and block-scaled
features, principal components, linear discriminants, an untrained encoder, a classifier (-baselines=false leaves all but the
standardised features out, which is faster). Where items have several classes each (-label_separator of train), pairs of test
items that their labels tell of are judged, at most 200,000 drawn at random, and MAP@R is given over all of them. The threshold
was chosen on validation items. With several models the others are compared with the first on the same items or pairs, with
intervals; all of them must have been trained on this split. A model knows
what it was trained on: where test items are among that, or are exact copies of it, the report warns.

  siamese evaluate -split model.split.json -html report.html model.safetensors builtin
  siamese evaluate -split split.json -json report.json model.safetensors items.parquet
  siamese evaluate -split split.json -html both.html -images pictures a.safetensors b.safetensors items.parquet
  siamese evaluate -split split.json -pairs pairs.csv -html pairs.html model.safetensors items.parquet
  siamese evaluate -split split.json -pairs pairs.csv -html both.html a.safetensors b.safetensors items.parquet
  siamese evaluate -split split.json -estimate 2000 model.safetensors many.parquet

Exact figures look at every pair, so that their time grows with the square of the number of items: 100,000 take 25 times as long as
20,000, and a million 2,500 times. -estimate 2000 draws so many of the items as queries against all. Its figures are estimates,
with intervals that say where the exact ones lie and nothing of other items, and a page of them has no details.

The page of -html needs no network: verdict, figures, curves, histograms, thresholds, classes, domains, a map of the embeddings and the
hardest pairs, with their pictures where DATA is builtin or -images says where they are. The file of -json holds the same;
"siamese report" makes pages of such files.

` + dataHelp + "\n"

// evaluateFlags are those of evaluate.
type evaluateFlags struct {
	modelFlags
	split, pairs, title string
	baselines           bool
	rounds              int
	level               float64
	costFP, costFN      float64
	estimate            int
	estimateSeed        uint64
	page                pageFlags
	json                string
}

// evaluateCommand judges a model, or several.
func evaluateCommand(ctx context.Context, args []string, out, complaints io.Writer) error {
	var e evaluateFlags
	flags := newFlags("evaluate", evaluateHelp)
	e.register(flags)
	flags.StringVar(&e.split, "split", "", "`file` with the split, as train and split write it")
	flags.StringVar(&e.pairs, "pairs", "", "`table` of labelled pairs to judge on")
	flags.BoolVar(&e.baselines, "baselines", true, "also judge what else can be made of the features, fitted on the training items of the split: principal components, linear discriminants and others")
	flags.IntVar(&e.rounds, "rounds", 0, "`number` of replicates of a bootstrap over items that intervals come from, such as 1000; 0 = intervals to the first order, which need none")
	flags.Float64Var(&e.level, "level", 0.95, "`level` of the intervals")
	flags.Float64Var(&e.costFP, "cost-fp", 0, "`cost` of calling different items the same, for the threshold of least cost in the page and the JSON")
	flags.Float64Var(&e.costFN, "cost-fn", 0, "`cost` of calling the same items different")
	flags.IntVar(&e.estimate, "estimate", 0, "`number` of test items to draw as queries against all, such as 2000, where the pairs of all items are too many to look at; 0 = exact figures over all pairs")
	flags.Uint64Var(&e.estimateSeed, "estimate-seed", 42, "`seed` of these queries")
	flags.StringVar(&e.title, "name", "", "`words` for what the test items are (default: new items, or unseen classes or domains)")
	flags.StringVar(&e.json, "json", "", "`file` for the report as JSON, with all that a page needs")
	e.page.register(flags)
	rest, err := parse(flags, args, out)
	if err != nil {
		return err
	}
	if err := e.check(rest); err != nil {
		return err
	}
	models := rest[:len(rest)-1]
	others := make([]*siamese.Model, 0, len(models))
	for _, name := range models[1:] {
		m, err := siamese.Load(name)
		if err != nil {
			return err
		}
		defer m.Close()
		others = append(others, m)
	}
	u, err := e.open(ctx, models[0], rest[len(rest)-1], complaints)
	if err != nil {
		return err
	}
	split, err := data.LoadSplit(e.split, u.frame)
	if err != nil {
		return err
	}
	if e.title == "" {
		e.title = titleOf(split)
	}
	opt := siamese.EvaluateOptions{Rounds: e.rounds, Level: e.level, CostFP: e.costFP, CostFN: e.costFN, Estimate: e.estimate, EstimateSeed: e.estimateSeed}
	if e.baselines {
		opt.Train, opt.Progress = u.frame.Select(split.Train), ofClassifier(complaints)
	}
	opt.Details = (e.page.html != "" || e.json != "") && e.estimate == 0 // which are of all pairs
	pictures, err := e.page.pictures(rest[len(rest)-1])
	if err != nil {
		return err
	}
	all := append([]*siamese.Model{u.Model}, others...)
	if e.pairs == "" {
		if err := e.oneLabelling(all, models); err != nil {
			return err
		}
	}
	if e.pairs != "" || u.Config.LabelSeparator != "" {
		return e.onPairs(ctx, u, all, models, rest[len(rest)-1], split, opt, pictures, out)
	}
	val, test := u.frame.Select(split.Val), u.frame.Select(split.Test)
	if len(others) == 0 {
		report, err := siamese.EvaluateWith(ctx, u.backend, u.Model, e.title, val, test, opt)
		if err != nil {
			return err
		}
		if err := e.addFacts(report, models[0], rest[1]); err != nil {
			return err
		}
		fmt.Fprint(out, report)
		return errors.Join(e.save(report), e.page.save(pictures, nil, report))
	}
	compared, err := siamese.EvaluateModels(ctx, u.backend, all, models, e.title, val, test, opt)
	if err != nil {
		return err
	}
	for k, r := range compared.Reports {
		if err := e.addFacts(r, models[k], rest[len(rest)-1]); err != nil {
			return err
		}
	}
	fmt.Fprint(out, compared)
	return errors.Join(e.save(compared), e.page.save(pictures, compared))
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
func (e *evaluateFlags) check(rest []string) error {
	switch {
	case e.split == "":
		return usageError{errors.New("-split is missing: say which items are to be tested on; train writes a split beside the model")}
	case len(rest) < 2:
		return usageError{fmt.Errorf("%d arguments are given, want MODEL and DATA", len(rest))}
	case e.estimate != 0 && e.pairs != "":
		return usageError{errors.New("-estimate is for all pairs of items: leave out -estimate or -pairs")}
	case e.rounds < 0 || e.rounds > 0 && e.rounds < 20:
		return usageError{fmt.Errorf("-rounds is %d: want 0, for intervals to the first order, or at least 20", e.rounds)}
	case !(e.level > 0 && e.level < 1):
		return usageError{fmt.Errorf("-level is %v: want a share between 0 and 1, both excluded, such as 0.95", e.level)}
	}
	for k, name := range rest[:len(rest)-1] {
		if slices.Contains(rest[:k], name) {
			return usageError{fmt.Errorf("the model %s is given twice", name)}
		}
	}
	return errors.Join(atomicfile.Check(e.json), e.page.check())
}

// save writes a report as JSON where that is wanted.
func (e *evaluateFlags) save(report any) error {
	if e.json == "" {
		return nil
	}
	return jsonfile.Write(e.json, report)
}

// addFacts writes into a report with details what it was made from.
func (e *evaluateFlags) addFacts(r *siamese.Report, model, items string) (err error) {
	if r.Details != nil {
		r.Details.Facts, err = e.facts(model, items)
	}
	return err
}

// facts returns what a report was made from. Files are named without their folders, which mean nothing elsewhere, and
// with a hash of their content.
func (e *evaluateFlags) facts(model, items string) ([]siamese.Fact, error) {
	list := []struct{ name, path string }{{"model", model}, {"split", e.split}}
	if e.pairs != "" {
		list = append(list, struct{ name, path string }{"pairs", e.pairs})
	}
	var out []siamese.Fact
	for _, file := range list {
		hash, err := hashOf(file.path)
		if err != nil {
			return nil, err
		}
		out = append(out, siamese.Fact{Name: file.name, Value: filepath.Base(file.path) + ", sha256:" + hash})
	}
	return append(out, siamese.Fact{Name: "data", Value: filepath.Base(items)}), nil
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
func titleOf(split *data.Split) string {
	switch {
	case split.HeldOut != nil:
		return "unseen classes"
	case split.HeldOutDomains != nil:
		return "unseen domains"
	}
	return "new items"
}
