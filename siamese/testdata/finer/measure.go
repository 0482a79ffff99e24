package main

import (
	"fmt"
	"maps"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/plda"
)

// width is the number of columns of the default features, that wider sets are drawn to.
const width = 1776

// Methods.
const (
	cosine  = "whitened cosine"
	byPLDA  = "PLDA"
	alone   = "encoder alone"
	blended = "Recommended"
)

// variant is how a set is brought to a number of inputs.
type variant struct {
	Drawn      bool // first to 1,776 columns
	Components int
}

var variants = []variant{{false, 100}, {false, 200}, {true, 100}}

// pldaMost is the number of components that PLDA takes here: of 200 it takes most of the time.
const pldaMost = 100

// measure does what is missing of a set in all protocols, on all of its columns or on some.
func (l *lab) measure(s set, protocols []protocol, drawing, encoder bool) error {
	var f *data.Frame
	for _, p := range protocols {
		if !l.missing(s, p, drawing, encoder) {
			continue
		}
		var err error
		if f == nil {
			if f, err = l.frame(s); err != nil {
				return err
			}
			if drawing {
				if f.F() <= width {
					return nil
				}
				if f, err = drawn(f, width); err != nil {
					return err
				}
			}
		}
		if err := l.one(s, f, p, drawing, encoder); err != nil {
			return err
		}
	}
	return nil
}

func (l *lab) missing(s set, p protocol, drawing, encoder bool) bool {
	for _, v := range variants {
		if v.Drawn == drawing && !l.results.Has(key{s.name, v, p.name, p.seed, cosine}) {
			return true
		}
	}
	return encoder && !drawing && !l.results.Has(key{s.name, variants[0], p.name, p.seed, blended})
}

// one measures a set in one protocol.
func (l *lab) one(s set, f *data.Frame, p protocol, drawing, encoder bool) error {
	spec := siamese.Recommended().Preprocess
	scaling := preprocess.Options{SignedSqrt: spec.SignedSqrt, Scale: spec.Scale, EqualBlocks: spec.EqualBlocks,
		BlockWeights: maps.Clone(s.weights)}
	train := f.Select(p.train)
	scaled, err := preprocess.Fit(l.ctx, train, itemset.AllItems(train), scaling)
	if err != nil {
		return err
	}
	var parts []*data.Frame
	for _, items := range [][]int{p.train, p.val, p.test} {
		part, err := scaled.Frame(l.ctx, f.Select(items))
		if err != nil {
			return err
		}
		parts = append(parts, part)
	}
	if parts, err = l.components(parts[0], parts[1:]...); err != nil {
		return err
	}
	train, val, test := parts[0], parts[1], parts[2]
	for _, v := range variants {
		k := key{s.name, v, p.name, p.seed, cosine}
		if v.Drawn != drawing || l.results.Has(k) {
			continue
		}
		if err := l.untrained(k, train, test); err != nil {
			return err
		}
	}
	k := key{s.name, variants[0], p.name, p.seed, blended}
	if !encoder || l.results.Has(k) {
		return nil
	}
	return l.trained(k, train, val, test)
}

// whitened is what [siamese.Recommended] does with principal components.
func whitened(k int) preprocess.Options {
	spec := siamese.Recommended().Preprocess
	return preprocess.Options{Scale: preprocess.ScaleNone, Components: k, Whiten: spec.Whiten,
		WithinClass: spec.WithinClass, Shrinkage: spec.Shrinkage}
}

// untrained measures components without an encoder.
func (l *lab) untrained(k key, train, test *data.Frame) error {
	t, err := preprocess.Fit(l.ctx, train, itemset.AllItems(train), whitened(k.Variant.Components))
	if err != nil {
		return err
	}
	onTrain, err := embedding.UnitRows(l.ctx, t, train)
	if err != nil {
		return err
	}
	z, err := embedding.UnitRows(l.ctx, t, test)
	if err != nil {
		return err
	}
	k.Method = cosine
	if k.Variant.Components > pldaMost {
		return l.add(k, z, test)
	}
	m, err := plda.Fit(l.ctx, onTrain, train.Labels, plda.Options{})
	if err != nil {
		return err
	}
	moved, err := m.Project(z)
	if err != nil {
		return err
	}
	k.Method = byPLDA
	if err := l.add(k, moved, test); err != nil {
		return err
	}
	k.Method = cosine
	return l.add(k, z, test)
}

// trained measures [siamese.Recommended] on components.
func (l *lab) trained(k key, train, val, test *data.Frame) error {
	cfg := siamese.Recommended()
	cfg.Preprocess, cfg.Seed = whitened(k.Variant.Components), k.Seed
	share := cfg.FeatureShare
	result, err := siamese.Train(l.ctx, l.backend, cfg, train, val, siamese.TrainOptions{})
	if err != nil {
		return err
	}
	m := result.Model
	for _, of := range []struct {
		method string
		share  float64
	}{{alone, 0}, {blended, share}} {
		if err := m.Close(); err != nil { // what is compiled has another feature share
			return err
		}
		m.Config.FeatureShare = of.share
		z, err := m.Embed(l.ctx, l.backend, test)
		if err != nil {
			return err
		}
		k.Method = of.method
		if err := l.add(k, z, test); err != nil {
			return err
		}
	}
	return m.Close()
}

// add keeps MAP@R of the cosines of z.
func (l *lab) add(k key, z *embedding.Embeddings, f *data.Frame) error {
	_, index := f.Classes() // every built-in item has a label
	labels := make([]int32, len(index))
	for i, class := range index {
		labels[i] = int32(class)
	}
	r, err := metric.AllPairs(l.ctx, z.Values, labels,
		metric.Options{Ks: []int{1}, Verification: metric.VerificationOptions{FPRs: []float64{}}})
	if err != nil {
		return fmt.Errorf("%+v: %w", k, err)
	}
	return l.results.Add(k, r.Retrieval.MAPAtR)
}
