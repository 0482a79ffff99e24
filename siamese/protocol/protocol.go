// Package protocol holds what tests of the same kind over folds found: the reports of every fold, their means with intervals, and
// what training gains over not training. Package study runs them.
package protocol

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese/internal/decimal"
)

// Protocols of [RunProtocols], by what is new about the test items: those of [split.Origin].
const (
	// Items tests on new items of classes that are trained on: what a model is worth where classes are fixed.
	Items = split.ByItem
	// Classes tests on items of classes that are not trained on, which is what similarity is for.
	Classes = split.ByClass
	// Domains tests on all items of a domain that is not trained on, such as pictures of another camera.
	Domains = split.ByDomain
)

// String returns the sizes of the fold's sides, and the classes that are held out.
func (f Fold) String() string {
	text := fmt.Sprintf("fold %d: %d training, %d validation and %d test items, %d seeds", f.Number, f.Train, f.Val,
		f.Test, len(f.Seeds))
	if len(f.HeldOut) > 0 {
		text += fmt.Sprintf("; held out: %q", f.HeldOut)
	}
	return text
}

// String returns the mean over folds, with its interval where there is one.
func (m Metric) String() string {
	text := m.Name + " " + decimal.Fixed(m.Value, 4)
	if m.Folds != nil {
		text += fmt.Sprintf(" [%s, %s]", decimal.Fixed(m.Folds.Mean.Low, 4), decimal.Fixed(m.Folds.Mean.High, 4))
	}
	return text
}

// String returns the metrics of the method.
func (m Method) String() string {
	parts := make([]string, len(m.Metrics))
	for k, one := range m.Metrics {
		parts[k] = one.String()
	}
	return m.Name + ": " + strings.Join(parts, ", ")
}
