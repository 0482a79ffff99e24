// Recipe measures [siamese.Recommended] and what else was tried on the built-in data, as MAP@R:
//
//	go run ./siamese/testdata/recipe          # on classes held out of the training classes: how it was chosen
//	go run ./siamese/testdata/recipe --final  # on test items: five splits and seeds, nothing chosen
//	go run ./siamese/testdata/recipe --plda   # on test items of one split each: what PLDA adds to it
//	go run ./siamese/testdata/recipe --adapt         # PLDA adapted to unlabelled items, on held-out classes
//	go run ./siamese/testdata/recipe --final --adapt # on test items: label 7, 8 and 9
//	go run ./siamese/testdata/recipe --ensemble      # several encoders as one; --part 3 does the third part of it
//	go run ./siamese/testdata/recipe --augment         # altered views of items, on held-out classes too
//	go run ./siamese/testdata/recipe --final --augment # the usual ones, on test items
//	go run ./siamese/testdata/recipe --final --shift 1 --dir FOLDER # of features with Shift; FOLDER keeps what is done
//
// --runs takes fewer splits or folds, --only the protocols or rows, such as "20 epochs, [4 5 6]", that a regular
// expression finds.
// Held out for the test are label 7, 8 and 9 of both domains, which the first form leaves out altogether.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images/views"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/metric"
)

// held are the classes of labels in both domains.
func held(labels ...int) (names []string) {
	fashion := []string{"t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
		"ankle-boot"}
	for _, l := range labels {
		names = append(names, fmt.Sprintf("digits/%d", l), "fashion/"+fashion[l])
	}
	return names
}

// attempt is a change of the recommended configuration.
type attempt struct {
	name   string
	change func(*siamese.Config)
}

// attempts are the recommended configuration and its neighbours.
var attempts = []attempt{
	{"recommended", func(*siamese.Config) {}},
	{"temperature 0.1", func(c *siamese.Config) { c.Loss.Temperature = 0.1 }},
	{"6 epochs", func(c *siamese.Config) { c.Epochs = 6 }},
	{"shrinkage 0.15", func(c *siamese.Config) { c.Preprocess.Shrinkage = 0.15 }},
	{"dropout 0.3", func(c *siamese.Config) { c.Dropout = 0.3 }},
	{"300 components", func(c *siamese.Config) { c.Preprocess.Components = 300 }},
	{"no whitening, all features", func(c *siamese.Config) {
		c.Preprocess = preprocess.Options{SignedSqrt: true, Scale: preprocess.ScaleWithin, EqualBlocks: true}
	}},
}

var shares = []float64{0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8}

type lab struct {
	ctx     context.Context
	backend *siamese.Backend
	frame   *data.Frame
	views   augment.Source
	shift   int            // of the features
	dir     string         // keeps results of --final; "" = none
	runs    int            // splits, or folds
	only    *regexp.Regexp // names that are measured
}

func main() {
	final := flag.Bool("final", false, "measure on test items")
	plda := flag.Bool("plda", false, "measure PLDA on test items")
	adapted := flag.Bool("adapt", false, "measure PLDA that is adapted to unlabelled items")
	augmented := flag.Bool("augment", false, "measure altered views of items")
	ensemble := flag.Bool("ensemble", false, "measure ensembles of encoders")
	part := flag.Int("part", 0, "of --ensemble, from 1; 0 = all")
	runs := flag.Int("runs", 5, "splits, or folds of held-out classes")
	shift := flag.Int("shift", 0, "pixels by which pictures are moved for the means that features are")
	dir := flag.String("dir", "", "folder that keeps features and results of --final; none by default")
	only := flag.String("only", "", "regular expression for the protocols or rows to measure")
	flag.Parse()
	if err := run(*runs, *shift, *dir, *only, func(l *lab) error {
		switch {
		case *ensemble:
			return l.ensemble(*part)
		case *plda:
			return l.plda()
		case *adapted:
			return l.adapt(*final)
		case *final && *augmented:
			return l.final(chosen)
		case *final:
			return l.final(attempts[0])
		case *augmented:
			return l.choose(altered)
		}
		return l.choose(attempts)
	}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(runs, shift int, dir, only string, what func(*lab) error) error {
	names, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	pictures, err := builtin.Images()
	if err != nil {
		return err
	}
	c := features.Default()
	c.Shift = shift
	frame, err := extracted(ctx, pictures, c, dir)
	if err != nil {
		return err
	}
	backend, err := siamese.OpenBackend("")
	if err != nil {
		return err
	}
	return what(&lab{ctx, backend, frame, views.Of(pictures), shift, dir, runs, names})
}

// choose prints every attempt on three folds of the training classes, and on validation items of all classes.
func (l *lab) choose(attempts []attempt) error {
	known := l.known()
	fmt.Printf("| | held out |")
	for _, s := range shares {
		fmt.Printf(" feature share %g |", s)
	}
	fmt.Println(" features without training |")
	for _, a := range attempts {
		cfg := siamese.Recommended()
		a.change(&cfg)
		folds := [][]int{{4, 5, 6}, {1, 2, 3}, {0, 3, 6}}
		for _, out := range folds[:min(l.runs, len(folds))] {
			parts, err := split.Classes(known,
				split.ClassOptions{HeldOut: held(out...), TestItems: 3000, Val: 0.1, Seed: 11})
			if err != nil {
				return err
			}
			if err := l.row(a.name, fmt.Sprint(out), known, parts.Train, parts.Val, parts.Test, cfg); err != nil {
				return err
			}
		}
		parts, err := split.Items(l.frame, split.ItemOptions{Val: 0.1, Test: 0.1, Stratify: true, Seed: 11})
		if err != nil {
			return err
		}
		if err := l.row(a.name, "none: validation items", l.frame, parts.Train, parts.Val, parts.Val, cfg); err != nil {
			return err
		}
	}
	return nil
}

// row prints MAP@R on the tested items for every feature share.
func (l *lab) row(name, out string, f *data.Frame, train, val, tested []int, cfg siamese.Config) error {
	if !l.only.MatchString(name + ", " + out) {
		return nil
	}
	side := f.Select(tested)
	m, got, err := l.byShare(cfg, f.Select(train), f.Select(val), side)
	if err != nil {
		return err
	}
	fmt.Printf("| %s | %s |", name, out)
	for _, v := range got {
		fmt.Printf(" %.3f |", v)
	}
	plain, err := l.features(m.Standard, side)
	fmt.Printf(" %.3f |\n", plain)
	return err
}

// byShare trains once and returns the model, closed, and MAP@R on the tested items for every feature share.
func (l *lab) byShare(cfg siamese.Config, train, val, tested *data.Frame) (*siamese.Model, []float64, error) {
	result, err := siamese.Train(l.ctx, l.backend, cfg, train, val, siamese.TrainOptions{Views: l.views})
	if err != nil {
		return nil, nil, err
	}
	m := result.Model
	out := make([]float64, len(shares))
	for k := range shares {
		if err := m.Close(); err != nil { // what is compiled has another feature share
			return nil, nil, err
		}
		m.Config.FeatureShare = shares[k]
		z, err := m.Embed(l.ctx, l.backend, tested)
		if err != nil {
			return nil, nil, err
		}
		if out[k], err = mapAtR(l.ctx, z.Values, tested); err != nil {
			return nil, nil, err
		}
	}
	return m, out, m.Close()
}

// features returns MAP@R of what a transform makes of features.
func (l *lab) features(t *preprocess.Transform, tested *data.Frame) (float64, error) {
	rows, err := t.Frame(l.ctx, tested)
	if err != nil {
		return 0, err
	}
	return mapAtR(l.ctx, rows.X, tested)
}

func mapAtR(ctx context.Context, rows []float32, f *data.Frame) (float64, error) {
	r, err := metric.AllPairs(ctx, rows, classNumbers(f),
		metric.Options{Ks: []int{1}, Verification: metric.VerificationOptions{FPRs: []float64{}}})
	return r.Retrieval.MAPAtR, err
}

// classNumbers returns the number of every item's class; every built-in item has a label.
func classNumbers(f *data.Frame) []int32 {
	_, index := f.Classes()
	labels := make([]int32, len(index))
	for i, class := range index {
		labels[i] = int32(class)
	}
	return labels
}
