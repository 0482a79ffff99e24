// Package spec holds a loss with its parameters as plain data, apart from the graphs of package loss: a program that
// only writes a configuration links no graph compiler. Package loss has the same names.
package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/option"
)

// Spec is a loss with its parameters, as plain data for a configuration file. Zero means zero, not "default": start
// from [Default]. Parameters that the loss does not have are 0.
type Spec struct {
	Name           string     `json:"name" help:"name of the loss"` // one of [Names]
	Similarity     Similarity `json:"similarity" help:"how the loss compares embeddings: cosine, dot or euclidean"`
	Normalize      bool       `json:"normalize,omitempty" help:"scale embeddings to unit length, as a cosine does"`
	Mining         Mining     `json:"mining,omitempty" help:"which triplets count: all, semi-hard or batch-hard"`
	Margin         float64    `json:"margin,omitempty" help:"margin of negatives, or of both sides; radians in arcface"`
	PositiveMargin float64    `json:"positive_margin,omitempty" help:"margin of positives, in the contrastive losses"`
	Temperature    float64    `json:"temperature,omitempty" help:"temperature that similarities are divided by"`
	Scale          float64    `json:"scale,omitempty" help:"factor that similarities are multiplied by"`
	Alpha          float64    `json:"alpha,omitempty" help:"sharpness of positives, in multi-similarity"`
	Beta           float64    `json:"beta,omitempty" help:"sharpness of negatives, in multi-similarity"`
	Base           float64    `json:"base,omitempty" help:"similarity of a borderline pair; multi-similarity, bce"`
}

// Names returns the names of all losses: those on pairs, on batches and on class centres, in this order.
func Names() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.defaults.Name
	}
	return names
}

// Default returns the loss called name with its default parameters. An unknown name is an error.
func Default(name string) (Spec, error) {
	k, err := kindOf(name)
	if err != nil {
		return Spec{}, err
	}
	return k.defaults, nil
}

// NeedsBatch returns whether the loss takes only all pairs of anchors with references, a [Relation] of rank 2; others
// take listed pairs as well. It is false for an unknown name.
func (s Spec) NeedsBatch() bool {
	k, err := kindOf(s.Name)
	return err == nil && k.references != anyPairs
}

// NeedsCentres returns whether the references are one trained vector for each class. It is false for an
// unknown name.
func (s Spec) NeedsCentres() bool {
	k, err := kindOf(s.Name)
	return err == nil && k.references == classCentres
}

// Validate returns every problem of the spec at once, joined, each an [option.Error] with the field's name in JSON, or
// nil.
func (s Spec) Validate() error {
	k, err := kindOf(s.Name)
	if err != nil {
		return &option.Error{Option: "name", Err: err}
	}
	var errs []error
	bad := func(field, format string, args ...any) {
		errs = append(errs, option.Errorf(field, format, args...))
	}
	if !slices.Contains(k.similarities, s.Similarity) {
		bad("similarity", "%q is not one of loss %s: use %s", s.Similarity, s.Name, quoted(k.similarities))
	}
	if len(k.minings) == 0 && s.Mining != "" {
		bad("mining", "%q is given, but loss %s mines no triplets: leave it out", s.Mining, s.Name)
	}
	if len(k.minings) > 0 && !slices.Contains(k.minings, s.Mining) {
		bad("mining", "%q is not one of loss %s: use %s", s.Mining, s.Name, quoted(k.minings))
	}
	for _, number := range s.numbers() {
		limit, has := k.limits[number.name]
		switch {
		case !has && number.value != 0:
			bad(number.name, "%v is given, but loss %s has no such parameter: leave it out", number.value, s.Name)
		case has && !(number.value >= limit.low && number.value <= limit.high): // NaN is outside
			bad(number.name, "%v is not in [%v, %v], the range of loss %s", number.value, limit.low, limit.high, s.Name)
		}
	}
	return errors.Join(errs...)
}

// String returns the spec as JSON in one line.
func (s Spec) String() string {
	text, err := json.Marshal(s)
	if err != nil { // NaN and infinities have no JSON
		return fmt.Sprintf("%s (%v)", s.Name, err)
	}
	return string(text)
}

type number struct {
	name  string
	value float64
}

func (s Spec) numbers() []number {
	return []number{
		{"margin", s.Margin}, {"positive_margin", s.PositiveMargin}, {"temperature", s.Temperature},
		{"scale", s.Scale}, {"alpha", s.Alpha}, {"beta", s.Beta}, {"base", s.Base},
	}
}

// limit is a closed range.
type limit struct{ low, high float64 }

var (
	anyNumber  = limit{-1e6, 1e6}
	notBelow0  = limit{0, 1e6}
	above0     = limit{1e-4, 1e6}
	ofACosine  = limit{-1, 1}
	upToPi     = limit{0, math.Pi}
	anySim     = []Similarity{Cosine, InnerProduct, Euclidean}
	onlyCosine = []Similarity{Cosine}
)

func quoted[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, x := range list {
		words[i] = fmt.Sprintf("%q", string(x))
	}
	return strings.Join(words, " or ")
}
