// Package gate tells items of known classes from others by an encoder's output: how near it is to the mean of a training
// class. A model with Config.UnknownShare gives the features more weight in items that are near to none, of which an
// encoder knows little.
//
// A [Model] is plain numbers: class means, and where between "unknown" and "known" a cosine with the nearest lies. It is
// a factor of an item, not of a pair, so that embeddings are still compared by their inner product.
package gate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/siamese/embedding"
)

// Model is a fitted gate. An item whose largest cosine with a class mean is c is known by 1 / (1 + exp((Centre - c) /
// Spread)).
type Model struct {
	Classes int     `json:"classes"`
	E       int     `json:"e"`      // width of the encoder's output
	Centre  float64 `json:"centre"` // cosine at which an item is known by one half
	Spread  float64 `json:"spread"` // of the logistic function, above 0
	// Means are the directions of the classes' means, [Classes, E], each of unit length or zero.
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

// Fit returns the gate of training items with the encoder's outputs train and their labels, and of validation items of
// the same classes, which the encoder was not trained on. Rows are of unit length or zero; items without a label ("")
// are passed over. It is an error if no training item has a label, there is no validation item, or the outputs differ in
// width.
func Fit(ctx context.Context, train *embedding.Embeddings, labels []string, val *embedding.Embeddings) (*Model, error) {
	if len(labels) != train.N || train.E != val.E {
		return nil, fmt.Errorf("gate: %d labels of %d training items, of %d numbers beside validation items of %d",
			len(labels), train.N, train.E, val.E)
	}
	if val.N == 0 {
		return nil, errors.New("gate: there is no validation item")
	}
	names := slices.DeleteFunc(slices.Clone(labels), func(s string) bool { return s == "" })
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 {
		return nil, errors.New("gate: no training item has a label")
	}
	m := &Model{Classes: len(names), E: train.E, Means: make([]float32, len(names)*train.E)}
	sums := make([]float64, len(m.Means))
	for i, label := range labels {
		if k, ok := slices.BinarySearch(names, label); ok {
			for j, v := range train.Row(i) {
				sums[k*m.E+j] += float64(v)
			}
		}
	}
	for k := range m.Classes {
		mean, length := sums[k*m.E:(k+1)*m.E], 0.0
		for _, v := range mean {
			length += v * v
		}
		if length = math.Sqrt(length); length > 0 {
			for j, v := range mean {
				m.Means[k*m.E+j] = float32(v / length)
			}
		}
	}
	cosines := make([]float64, val.N)
	for i := range cosines {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		cosines[i] = m.Nearest(val.Row(i))
	}
	slices.Sort(cosines)
	at := func(share float64) float64 { return cosines[int(share*float64(len(cosines)-1)+0.5)] }
	m.Centre, m.Spread = at(centreAt), max(leastSpread, (at(highAt)-at(lowAt))/spreadsWide)
	return m, m.Validate()
}

// Nearest returns the largest cosine of an encoder's output z, [E], with a class mean.
func (m *Model) Nearest(z []float32) float64 {
	best := -1.0
	for k := range m.Classes {
		dot := 0.0
		for j, v := range m.Means[k*m.E : (k+1)*m.E] {
			dot += float64(v) * float64(z[j])
		}
		best = max(best, dot)
	}
	return best
}

// Known returns by how much an item with the encoder's output z, [E], is known, in (0, 1).
func (m *Model) Known(z []float32) float64 {
	return 1 / (1 + math.Exp((m.Centre-m.Nearest(z))/m.Spread))
}

// Validate returns what is wrong with the numbers, or nil.
func (m *Model) Validate() error {
	switch {
	case m.Classes < 1 || m.E < 1 || len(m.Means)/m.E != m.Classes || len(m.Means)%m.E != 0:
		return fmt.Errorf("gate: %d numbers for the means of %d classes, each of %d", len(m.Means), m.Classes, m.E)
	case !(m.Spread > 0) || math.IsInf(m.Spread, 0):
		return fmt.Errorf("gate: the spread is %v, and must be above 0", m.Spread)
	case math.IsNaN(m.Centre) || math.IsInf(m.Centre, 0):
		return fmt.Errorf("gate: the centre is %v", m.Centre)
	}
	return nil
}

// String returns the gate in a line.
func (m *Model) String() string {
	return fmt.Sprintf("gate: known by half at a cosine of %.3f with the nearest of %d classes", m.Centre, m.Classes)
}
