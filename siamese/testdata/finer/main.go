// Finer measures what other and more features of the built-in images are worth, as MAP@R:
//
//	go run ./siamese/testdata/finer --dir FOLDER                    # on held-out classes and validation items
//	go run ./siamese/testdata/finer --dir FOLDER --final            # on test items of three splits, nothing chosen
//	go run ./siamese/testdata/finer --dir FOLDER --final --encoder  # and what is trained on some of them
//
// Every set of features is reduced to the same numbers of whitened principal components, so that no set has a wider
// input than another. Folds hold out classes of the 14 that are not label 7, 8 or 9, which serve as a test only. What
// FOLDER has is not computed again. --only takes the sets that a regular expression finds.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/testdata/kept"
)

func main() {
	final := flag.Bool("final", false, "measure on test items")
	encoder := flag.Bool("encoder", false, "train Recommended on sets of features too")
	splits := flag.Int("splits", 3, "number of splits of --final")
	dir := flag.String("dir", "", "folder that keeps results; \"\" = none")
	only := flag.String("only", "", "regular expression for the sets to measure")
	print := flag.Bool("print", false, "print what the folder has, and measure nothing")
	flag.Parse()
	if err := run(*dir, *only, *splits, *final, *encoder, *print); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// lab measures.
type lab struct {
	ctx      context.Context
	backend  *siamese.Backend
	results  *kept.Values[key, float64]
	pictures *images.Images
	families map[string]*data.Frame // made so far
}

func run(dir, only string, splits int, final, encoder, print bool) error {
	names, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r, err := kept.Open[key, float64](dir)
	if err != nil {
		return err
	}
	l := &lab{ctx: ctx, results: r, families: map[string]*data.Frame{}}
	if l.pictures, err = builtin.Images(); err != nil {
		return err
	}
	if l.backend, err = siamese.OpenBackend(""); err != nil {
		return err
	}
	protocols, err := l.protocols(final, splits)
	if err != nil {
		return err
	}
	for _, drawing := range []bool{false, true} {
		for _, s := range sets {
			if print || !names.MatchString(s.name) {
				continue
			}
			if err := l.measure(s, protocols, drawing, encoder && !drawing); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	l.table(protocols)
	return nil
}

// protocol is items to fit and train on, and items to measure.
type protocol struct {
	name             string
	seed             uint64
	train, val, test []int
}

// protocols are the folds and the validation items that choose, or the test items.
func (l *lab) protocols(final bool, splits int) ([]protocol, error) {
	frame, err := l.family("hog 4") // splits keep items with the same features together
	if err != nil {
		return nil, err
	}
	var out []protocol
	if final {
		for seed := uint64(1); seed <= uint64(splits); seed++ {
			p, err := split.Items(frame, split.ItemOptions{Val: 0.1, Test: 0.1, Stratify: true, Seed: seed})
			if err != nil {
				return nil, err
			}
			out = append(out, protocol{"test: new items", seed, p.Train, p.Val, p.Test})
		}
		for seed := uint64(1); seed <= uint64(splits); seed++ {
			p, err := split.Classes(frame,
				split.ClassOptions{HeldOut: held(7, 8, 9), TestItems: 3000, Val: 0.1, Seed: seed})
			if err != nil {
				return nil, err
			}
			out = append(out, protocol{"test: label 7, 8, 9", seed, p.Train, p.Val, p.Test})
		}
		return out, nil
	}
	const seed = 11
	p, err := split.Items(frame, split.ItemOptions{Val: 0.1, Test: 0.1, Stratify: true, Seed: seed})
	if err != nil {
		return nil, err
	}
	out = append(out, protocol{"new items", seed, p.Train, p.Val, p.Val})
	known := without(frame, held(7, 8, 9))
	for _, labels := range [][]int{{4, 5, 6}, {1, 2, 3}, {0, 3, 6}} {
		p, err := split.Classes(frame.Select(known),
			split.ClassOptions{HeldOut: held(labels...), TestItems: 3000, Val: 0.1, Seed: seed})
		if err != nil {
			return nil, err
		}
		of := func(rows []int) (items []int) {
			for _, row := range rows {
				items = append(items, known[row])
			}
			return items
		}
		out = append(out, protocol{fmt.Sprintf("held out: label %d, %d, %d", labels[0], labels[1], labels[2]), seed,
			of(p.Train), of(p.Val), of(p.Test)})
	}
	return out, nil
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

// without returns the items of f of other classes.
func without(f *data.Frame, classes []string) (items []int) {
	out := map[string]bool{}
	for _, name := range classes {
		out[name] = true
	}
	for i, label := range f.Labels {
		if !out[label] {
			items = append(items, i)
		}
	}
	return items
}

// hog returns HOG alone, with square cells.
func hog(cell int) features.Config {
	c := features.Default()
	c.HOG.Cell, c.GLCM = [2]int{cell, cell}, features.GLCMConfig{}
	return c
}

// glcm returns GLCM alone, of the tiles of grids.
func glcm(grids ...int) features.Config {
	c := features.Default()
	c.HOG, c.GLCM.Grids = features.HOGConfig{}, grids
	return c
}

// lbp returns LBP alone, of 8 points.
func lbp(method features.LBPMethod, radius float64, grids ...int) features.Config {
	return features.Config{Background: images.DefaultBackground,
		LBP: features.LBPConfig{Points: 8, Radius: radius, Method: method, Grids: grids}}
}
