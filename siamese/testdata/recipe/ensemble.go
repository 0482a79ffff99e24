package main

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/gallery"
)

// encoders are those of which ensembles are made: the first three are of one size. All are trained in one run, as each
// comes to the weights that it would come to alone.
var encoders = [][]int{{1024, 512, 256}, {1024, 512, 256}, {1024, 512, 256}, {512, 256}, {1536, 512, 256}}

// ensembles are the sets of encoders that are measured as one.
var ensembles = [][]int{{0}, {0, 1}, {0, 3}, {0, 4}, {0, 1, 2}, {0, 3, 4}}

// ensembleShares are the feature shares, each without and with an expansion by the 30 nearest in the gallery.
var ensembleShares = []float64{0, 0.2, 0.3, 0.5}

// ensembleParts are what ensembles are measured on: first what may choose among them, then test items of two splits.
func (l *lab) ensembleParts() []part {
	fold := func(out ...int) func() (*data.Frame, *split.Split, error) {
		return func() (*data.Frame, *split.Split, error) {
			known := l.known()
			parts, err := split.Classes(known, split.ClassOptions{HeldOut: held(out...), TestItems: 3000, Val: 0.1, Seed: 11})
			return known, parts, err
		}
	}
	items := func(seed uint64, onVal bool) func() (*data.Frame, *split.Split, error) {
		return func() (*data.Frame, *split.Split, error) {
			parts, err := split.Items(l.frame, split.ItemOptions{Val: 0.1, Test: 0.1, Stratify: true, Seed: seed})
			if err == nil && onVal {
				parts.Test = parts.Val
			}
			return l.frame, parts, err
		}
	}
	unseen := func(seed uint64) func() (*data.Frame, *split.Split, error) {
		return func() (*data.Frame, *split.Split, error) {
			parts, err := split.Classes(l.frame,
				split.ClassOptions{HeldOut: held(7, 8, 9), TestItems: 3000, Val: 0.1, Seed: seed})
			return l.frame, parts, err
		}
	}
	return []part{
		{"validation items of 20 classes", 11, items(11, true)},
		{"held-out classes of label 4, 5, 6", 11, fold(4, 5, 6)},
		{"held-out classes of label 1, 2, 3", 11, fold(1, 2, 3)},
		{"test: new items of 20 classes, split 1", 1, items(1, false)},
		{"test: new items of 20 classes, split 2", 2, items(2, false)},
		{"test: 3,000 items of label 7, 8, 9, split 1", 1, unseen(1)},
		{"test: 3,000 items of label 7, 8, 9, split 2", 2, unseen(2)},
	}
}

// known returns the items without those of label 7, 8 and 9.
func (l *lab) known() *data.Frame {
	test := map[string]bool{}
	for _, name := range held(7, 8, 9) {
		test[name] = true
	}
	var items []int
	for i, label := range l.frame.Labels {
		if !test[label] {
			items = append(items, i)
		}
	}
	return l.frame.Select(items)
}

// part is a split with a seed and what it is.
type part struct {
	name string
	seed uint64
	draw func() (*data.Frame, *split.Split, error)
}

// ensemble prints MAP@R of the ensembles on one of ensembleParts, from 1, or on all where it is 0.
func (l *lab) ensemble(only int) error {
	for k, p := range l.ensembleParts() {
		if only == 0 || only == k+1 {
			if err := l.ensemblesOn(p); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
	}
	return nil
}

// ensemblesOn trains all encoders and prints a row for every ensemble.
func (l *lab) ensemblesOn(p part) error {
	frame, parts, err := p.draw()
	if err != nil {
		return err
	}
	cfg := siamese.Recommended()
	cfg.Seed, cfg.Layers, cfg.Ensemble = p.seed, encoders[0], encoders[1:]
	result, err := siamese.Train(l.ctx, l.backend, cfg, frame.Select(parts.Train), frame.Select(parts.Val),
		siamese.TrainOptions{})
	if err != nil {
		return err
	}
	all, tested := result.Model, frame.Select(parts.Test)
	defer all.Close()
	fmt.Printf("| %s (best epoch %d) |", p.name, result.Best)
	for _, s := range ensembleShares {
		fmt.Printf(" feature share %g | with gallery |", s)
	}
	fmt.Println()
	trained := all.Encoders()
	for _, set := range ensembles {
		var names []string
		var layers [][]encoder.Layer
		m := all.EncoderAlone()
		m.Config.Ensemble = nil
		for i, k := range set {
			names = append(names, strings.Trim(strings.ReplaceAll(fmt.Sprint(encoders[k]), " ", "/"), "[]"))
			layers = append(layers, trained[k])
			if i > 0 {
				m.Config.Ensemble = append(m.Config.Ensemble, encoders[k])
			}
		}
		m.Layers, m.Ensemble = layers[0], layers[1:]
		fmt.Printf("| %s |", strings.Join(names, " + "))
		for _, share := range ensembleShares {
			m.Config.FeatureShare = share
			z, err := m.Embed(l.ctx, l.backend, tested)
			if err != nil {
				return err
			}
			if err := m.Close(); err != nil { // what is compiled has this feature share
				return err
			}
			expanded, err := gallery.Expand(l.ctx, z, gallery.Options{Neighbours: 30})
			if err != nil {
				return err
			}
			for _, rows := range [][]float32{z.Values, expanded.Values} {
				value, err := mapAtR(l.ctx, rows, tested)
				if err != nil {
					return err
				}
				fmt.Printf(" %.3f |", value)
			}
		}
		fmt.Println()
	}
	return nil
}
