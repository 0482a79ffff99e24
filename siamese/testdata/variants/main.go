// Variants measures encoders of other architectures beside the default one on the built-in images, as MAP@R on test
// items, with the same losses, batches, seeds and about the same processor time of training:
//
//	go run ./siamese/testdata/variants --dir FOLDER            # two splits, each with a seed of its own
//	go run ./siamese/testdata/variants --dir FOLDER --splits 5 # five
//	go run ./siamese/testdata/variants --dir FOLDER --times 4  # with four times the epochs
//	go run ./siamese/testdata/variants --dir FOLDER --print    # what FOLDER has
//
// What FOLDER has is not computed again, so that a run that was stopped goes on. --only takes the rows that a regular
// expression finds. It needs XLA. Nothing is chosen on any item here: runs have fixed numbers of epochs, stop nowhere
// early and keep their last weights. The library trains none of these but the default: they are its question answered.
package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"regexp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/testdata/kept"
)

func main() {
	splits := flag.Int("splits", 2, "number of splits")
	dir := flag.String("dir", "", "folder that keeps results; \"\" = none")
	times := flag.Float64("times", 1, "epochs of every row, in multiples of the usual ones")
	only := flag.String("only", "", "regular expression for the rows to measure")
	print := flag.Bool("print", false, "print what the folder has, and measure nothing")
	flag.Parse()
	if err := run(*dir, *only, *splits, *times, *print); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// lab measures.
type lab struct {
	ctx     context.Context
	backend *siamese.Backend
	results *kept.Values[key, value]
	frame   *data.Frame // features; nil until they are needed
	pixels  *data.Frame
}

func run(dir, only string, splits int, times float64, print bool) error {
	names, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r, err := kept.Open[key, value](dir)
	if err != nil {
		return err
	}
	l := &lab{ctx: ctx, results: r}
	for seed := uint64(1); seed <= uint64(splits) && !print; seed++ {
		if err := l.split(seed, times, names); err != nil {
			return fmt.Errorf("split %d: %w", seed, err)
		}
	}
	l.table(uint64(splits), times)
	return nil
}

// open makes the features, once.
func (l *lab) open() error {
	if l.frame != nil {
		return nil
	}
	pictures, err := builtin.Images()
	if err != nil {
		return err
	}
	if l.frame, err = features.Extract(l.ctx, pictures, features.Default(), nil); err != nil {
		return err
	}
	l.pixels = &data.Frame{IDs: pictures.IDs, Labels: pictures.Labels, Domains: pictures.Domains,
		Blocks: []data.Block{{Name: "pixels", Start: 0, End: side * side}}}
	for j := range side * side {
		l.pixels.Columns = append(l.pixels.Columns, fmt.Sprintf("p%d", j))
	}
	for _, m := range pictures.Items {
		for _, v := range m.Pix {
			l.pixels.X = append(l.pixels.X, float32(v)/255)
		}
	}
	l.backend, err = siamese.OpenBackend("xla")
	return err
}

// protocol is a way to divide the items.
type protocol struct {
	name string
	draw func(f *data.Frame, seed uint64) (*split.Split, error)
}

// drawn are the labels that a split holds out for "held out", in both domains: folds of those that are not 7, 8 or 9.
var drawn = [][]int{{4, 5, 6}, {1, 2, 3}, {0, 3, 6}}

var protocols = []protocol{
	{"new items", func(f *data.Frame, seed uint64) (*split.Split, error) {
		return split.Items(f, split.ItemOptions{Val: 0.1, Test: 0.1, Stratify: true, Seed: seed})
	}},
	{"unseen: label 7, 8, 9", func(f *data.Frame, seed uint64) (*split.Split, error) {
		return split.Classes(f, split.ClassOptions{HeldOut: held(7, 8, 9), TestItems: 3000, Val: 0.1, Seed: seed})
	}},
	{"unseen: other labels", func(f *data.Frame, seed uint64) (*split.Split, error) {
		labels := drawn[(seed-1)%uint64(len(drawn))]
		return split.Classes(f, split.ClassOptions{HeldOut: held(labels...), TestItems: 3000, Val: 0.1, Seed: seed})
	}},
}

// held are the classes of labels in both domains.
func held(labels ...int) (names []string) {
	fashion := []string{"t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
		"ankle-boot"}
	for _, l := range labels {
		names = append(names, fmt.Sprintf("digits/%d", l), "fashion/"+fashion[l])
	}
	return names
}

// parts are the inputs of a split.
type parts struct {
	train, test         *data.Frame          // labels and domains alone
	trainRows, testRows map[string][]float32 // by the name of an input
	components          []float32            // cosines [N, N] of the whitened components of test items, or nil
}

// split does what is missing of the splits with a seed, row by row.
func (l *lab) split(seed uint64, times float64, names *regexp.Regexp) error {
	fitted := map[string]*parts{} // by protocol
	for _, v := range variants {
		for _, p := range protocols {
			k := key{Row: v.name(), Protocol: p.name, Seed: seed, Times: times}
			if l.results.Has(k) || !names.MatchString(k.Row+", "+k.Protocol) {
				continue
			}
			if of := fitted[p.name]; of == nil || of.components == nil && !v.pairs {
				of, err := l.inputs(p, seed, !v.pairs)
				if err != nil {
					return err
				}
				fitted[p.name] = of
			}
			value, err := l.measure(v, fitted[p.name], k)
			if err != nil {
				return fmt.Errorf("%s: %w", k.Row, err)
			}
			if err := l.results.Add(k, *value); err != nil {
				return err
			}
		}
	}
	return nil
}

// Inputs of encoders.
const (
	components = "100 components" // of the default features, whitened within classes, as Recommended has them
	standard   = "all features"   // the 1,776 default features, standardised
	pixels     = "pixels"         // standardised as a whole: one mean and deviation
)

// inputs fits what is fitted on the training items, components only if they are needed.
func (l *lab) inputs(p protocol, seed uint64, reduced bool) (*parts, error) {
	if err := l.open(); err != nil {
		return nil, err
	}
	s, err := p.draw(l.frame, seed)
	if err != nil {
		return nil, err
	}
	train, test := l.frame.Select(s.Train), l.frame.Select(s.Test)
	of := &parts{trainRows: map[string][]float32{}, testRows: map[string][]float32{}}
	fit := func(name string, spec preprocess.Options) error {
		t, err := preprocess.Fit(l.ctx, train, itemset.AllItems(train), spec)
		if err != nil {
			return err
		}
		a, err := t.Frame(l.ctx, train)
		if err != nil {
			return err
		}
		b, err := t.Frame(l.ctx, test)
		if err != nil {
			return err
		}
		of.trainRows[name], of.testRows[name] = a.X, b.X
		return nil
	}
	if err := fit(standard, siamese.DefaultConfig().Preprocess); err != nil {
		return nil, err
	}
	if reduced {
		if err := fit(components, siamese.Recommended().Preprocess); err != nil {
			return nil, err
		}
		z := &embedding.Embeddings{Values: unit(of.testRows[components], width), N: test.N(), E: width}
		if of.components, err = embedding.ScoreAll(z, z); err != nil {
			return nil, err
		}
	}
	train.X, test.X = nil, nil
	of.train, of.test = train, test
	of.trainRows[pixels], of.testRows[pixels] = standardised(l.pixels.Select(s.Train).X, l.pixels.Select(s.Test).X)
	return of, nil
}

// unit returns rows [N, k] at unit length.
func unit(rows []float32, k int) []float32 {
	out := make([]float32, len(rows))
	for i := 0; i < len(rows); i += k {
		var squares float64
		for _, v := range rows[i : i+k] {
			squares += float64(v) * float64(v)
		}
		for j, v := range rows[i : i+k] {
			out[i+j] = float32(float64(v) / math.Sqrt(squares))
		}
	}
	return out
}
