// Package gate tells items of known classes from others: by how near the encoder's output and the features are to the
// mean of a training class. A model with Config.UnknownShare gives the features more weight in items that are near to
// none, of which an encoder knows little.
//
// A [Model] is plain numbers: class means, and where between "unknown" and "known" a cosine with the nearest lies. It
// is a factor of an item, not of a pair, so that embeddings are still compared by their inner product.
package gate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/siamese/embedding"
)

// Model is a fitted gate. An item is known by the product of what its two parts say, the encoder's output and the
// features: the encoder may take an item of a new class for one of its own, where features seldom do.
type Model struct {
	Classes  int  `json:"classes"`
	Encoder  Part `json:"encoder"`
	Features Part `json:"features"` // as they stand beside the encoder, before PLDA
}

// Part is what one part of an embedding says: an item whose largest cosine with a class mean is c is known by
// 1 / (1 + exp((Centre - c) / Spread)).
type Part struct {
	Width  int     `json:"width"`  // of the part
	Centre float64 `json:"centre"` // cosine at which an item is known by one half
	Spread float64 `json:"spread"` // of the logistic function, above 0
	// Means are the directions of the classes' means, [Classes, Width], each of unit length or zero.
	Means []float32 `json:"-"`
}

// The quantiles, among the largest cosines of validation items of the training classes, that place the gate: few items
// of known classes are below its centre.
const (
	centreAt      = 0.05
	lowAt, highAt = 0.02, 0.3
	spreadsWide   = 4     // how many spreads lie between the two
	leastSpread   = 0.001 // where validation items are all alike
)

// Items are the two parts of the same items, each row of unit length or zero.
type Items struct{ Encoder, Features *embedding.Embeddings }

// String returns how many items there are.
func (i Items) String() string { return fmt.Sprintf("%d items", i.Encoder.N) }

// Fit returns the gate of training items with their labels, and of validation items of the same classes, which the
// encoder was not trained on. Items without a label ("") are passed over. It is an error if no training item has a
// label, there is no validation item, or the parts do not fit each other.
func Fit(ctx context.Context, train Items, labels []string, val Items) (*Model, error) {
	names := slices.DeleteFunc(slices.Clone(labels), func(s string) bool { return s == "" })
	slices.Sort(names)
	names = slices.Compact(names)
	switch {
	case len(labels) != train.Encoder.N || train.Encoder.N != train.Features.N || val.Encoder.N != val.Features.N:
		return nil, fmt.Errorf("gate: %d labels of %d training items with features of %d; %d validation items, of %d",
			len(labels), train.Encoder.N, train.Features.N, val.Encoder.N, val.Features.N)
	case val.Encoder.N == 0:
		return nil, errors.New("gate: there is no validation item")
	case len(names) == 0:
		return nil, errors.New("gate: no training item has a label")
	}
	m := &Model{Classes: len(names)}
	var err error
	if m.Encoder, err = fit(ctx, train.Encoder, names, labels, val.Encoder); err != nil {
		return nil, err
	}
	if m.Features, err = fit(ctx, train.Features, names, labels, val.Features); err != nil {
		return nil, err
	}
	return m, m.Validate()
}

// fit returns what one part says. names are the labels in order.
func fit(ctx context.Context, train *embedding.Embeddings, names, labels []string, val *embedding.Embeddings) (Part,
	error) {
	p := Part{Width: train.E, Means: make([]float32, len(names)*train.E)}
	if train.E != val.E {
		return p, fmt.Errorf("gate: training items have %d numbers, and validation items %d", train.E, val.E)
	}
	sums := make([]float64, len(p.Means))
	for i, label := range labels {
		if k, ok := slices.BinarySearch(names, label); ok {
			for j, v := range train.Row(i) {
				sums[k*p.Width+j] += float64(v)
			}
		}
	}
	for k := range names {
		mean, length := sums[k*p.Width:(k+1)*p.Width], 0.0
		for _, v := range mean {
			length += v * v
		}
		if length = math.Sqrt(length); length > 0 {
			for j, v := range mean {
				p.Means[k*p.Width+j] = float32(v / length)
			}
		}
	}
	cosines := make([]float64, val.N)
	for i := range cosines {
		if i%256 == 0 && ctx.Err() != nil {
			return p, ctx.Err()
		}
		cosines[i] = p.nearest(val.Row(i))
	}
	slices.Sort(cosines)
	at := func(share float64) float64 { return cosines[int(share*float64(len(cosines)-1)+0.5)] }
	p.Centre, p.Spread = at(centreAt), max(leastSpread, (at(highAt)-at(lowAt))/spreadsWide)
	return p, nil
}

// nearest returns the largest cosine of a row, [Width], with a class mean.
func (p Part) nearest(row []float32) float64 {
	best := -1.0
	for start := 0; start < len(p.Means); start += p.Width {
		dot := 0.0
		for j, v := range p.Means[start : start+p.Width] {
			dot += float64(v) * float64(row[j])
		}
		best = max(best, dot)
	}
	return best
}

// known returns by how much a row, [Width], is known.
func (p Part) known(row []float32) float64 {
	return 1 / (1 + math.Exp((p.Centre-p.nearest(row))/p.Spread))
}

// Known returns by how much an item is known, in (0, 1), from its encoder's output and its features.
func (m *Model) Known(encoder, features []float32) float64 {
	return m.Encoder.known(encoder) * m.Features.known(features)
}

// Validate returns what is wrong with the numbers, or nil.
func (m *Model) Validate() error {
	for _, p := range []Part{m.Encoder, m.Features} {
		switch {
		case m.Classes < 1 || p.Width < 1 || len(p.Means)/p.Width != m.Classes || len(p.Means)%p.Width != 0:
			return fmt.Errorf("gate: %d numbers for the means of %d classes, each of %d", len(p.Means), m.Classes, p.Width)
		case !(p.Spread > 0) || math.IsInf(p.Spread, 0):
			return fmt.Errorf("gate: the spread is %v, and must be above 0", p.Spread)
		case math.IsNaN(p.Centre) || math.IsInf(p.Centre, 0):
			return fmt.Errorf("gate: the centre is %v", p.Centre)
		}
	}
	return nil
}

// String returns where the part places the gate.
func (p Part) String() string {
	return fmt.Sprintf("known by half at a cosine of %.3f with the nearest class", p.Centre)
}

// String returns the gate in a line.
func (m *Model) String() string {
	return fmt.Sprintf("gate of %d classes; encoder: %v; features: %v", m.Classes, m.Encoder, m.Features)
}
