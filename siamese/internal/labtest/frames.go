// Package labtest has what tests of several packages below siamese share: small frames, oracles in float64 and checks
// of numbers. Helpers that need a package of the lab are in a package of their own beside it, so that the tests of
// lower packages can use these.
package labtest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/loss/spec"
)

// BenchFrame is 4,096 items of 2,000 random features: the work on which other libraries are compared.
func BenchFrame() *data.Frame {
	const n, f = 4096, 2000
	rng := rand.New(rand.NewPCG(1, 1))
	frame := &data.Frame{X: make([]float32, n*f), Blocks: []data.Block{{Name: "f", Start: 0, End: f}}}
	for i := range frame.X {
		frame.X[i] = rng.Float32()
	}
	for i := range n {
		frame.IDs = append(frame.IDs, strconv.Itoa(i))
		frame.Labels = append(frame.Labels, strconv.Itoa(i%20))
	}
	for k := range f {
		frame.Columns = append(frame.Columns, "f"+strconv.Itoa(k))
	}
	return frame
}

// LossOf returns a loss with its default parameters. It panics for an unknown name.
func LossOf(name string) spec.Spec {
	one, err := spec.Default(name)
	if err != nil {
		panic(err)
	}
	return one
}

// PositiveToy is a [Toy] frame of six features, all above 0.
func PositiveToy(prefix string, classes, perClass int, seed uint64) *data.Frame {
	f := Toy(prefix, classes, perClass, 6, 0.8, seed)
	for i, v := range f.X {
		f.X[i] = v*v + 0.01
	}
	return f
}

// FrameOf returns a frame of one block with the given rows, of one length, and labels (nil = none). Ids are prefix0,
// prefix1, and so on.
func FrameOf(prefix string, labels []string, rows ...[]float32) *data.Frame {
	f := &data.Frame{Labels: labels}
	for i, row := range rows {
		f.IDs = append(f.IDs, fmt.Sprintf("%s%d", prefix, i))
		f.X = append(f.X, row...)
	}
	for c := range rows[0] {
		f.Columns = append(f.Columns, fmt.Sprintf("x/%d", c))
	}
	f.Blocks = []data.Block{{Name: "x", Start: 0, End: len(f.Columns)}}
	return f
}

// Toy returns perClass items of each class: a class mean, which depends on the class only, and noise around
// it. Two of three features are noise alone. Domains alternate.
func Toy(prefix string, classes, perClass, features int, noise float64, seed uint64) *data.Frame {
	rng := rand.New(rand.NewPCG(seed, 1))
	var rows [][]float32
	var labels, domains []string
	for c := range classes {
		mean := Normals(rand.New(rand.NewPCG(uint64(c), 2)), features, 1)
		for i := range perClass {
			row := Normals(rng, features, noise)
			for k := 0; k < features; k += 3 {
				row[k] += mean[k]
			}
			rows, labels = append(rows, row), append(labels, fmt.Sprintf("class %d", c))
			domains = append(domains, []string{"photo", "scan"}[i%2])
		}
	}
	f := FrameOf(prefix, labels, rows...)
	f.Domains = domains
	return f
}

// Tagged returns n items of one or two of eight classes each, "a|c" for instance. An item is the sum of the means of
// its classes and of noise; two of three features are noise alone. Every tenth item has no label. Domains alternate.
func Tagged(prefix string, n, features int, noise float64, seed uint64) *data.Frame {
	rng := rand.New(rand.NewPCG(seed, 1))
	var rows [][]float32
	var labels, domains []string
	for i := range n {
		row, names := Normals(rng, features, noise), []string(nil)
		tags := rng.Perm(8)[:1+rng.IntN(2)]
		for _, c := range tags {
			mean := Normals(rand.New(rand.NewPCG(uint64(c), 2)), features, 1)
			for k := 0; k < features; k += 3 {
				row[k] += mean[k]
			}
			names = append(names, string(rune('a'+c)))
		}
		label := strings.Join(names, "|")
		if i%10 == 9 {
			label = ""
		}
		rows, labels = append(rows, row), append(labels, label)
		domains = append(domains, []string{"photo", "scan"}[i%2])
	}
	f := FrameOf(prefix, labels, rows...)
	f.Domains = domains
	return f
}

// RandomLabels returns a small frame of random size whose labels are lists of classes separated by "|", some of them
// empty, in one to three domains.
func RandomLabels(rng *rand.Rand) *data.Frame {
	n, classes, most, places := 4+rng.IntN(40), 2+rng.IntN(6), 1+rng.IntN(4), 1+rng.IntN(3)
	labels, domains := make([]string, n), make([]string, n)
	for i := range n {
		var names []string
		for range rng.IntN(most + 1) {
			names = append(names, fmt.Sprint(rng.IntN(classes)))
		}
		labels[i], domains[i] = strings.Join(names, "|"), fmt.Sprint(rng.IntN(places))
	}
	return Labelled(labels, domains)
}

// ClassFrame is a frame of one feature with the given number of items of each class; "" is for items without a label.
func ClassFrame(counts map[string]int) *data.Frame {
	f := &data.Frame{Columns: []string{"f"}, Blocks: []data.Block{{Name: "f", Start: 0, End: 1}}}
	for name, n := range counts {
		for range n {
			f.X = append(f.X, float32(len(f.IDs)))
			f.IDs = append(f.IDs, string(rune('A'+len(f.IDs)%26))+strings.Repeat("x", len(f.IDs)/26))
			f.Labels = append(f.Labels, name)
		}
	}
	return f
}

// RawTransforms returns the transforms of a model that takes raw features, and whose standardisation happens to change
// nothing.
func RawTransforms(columns []string) (transform, standard *preprocess.Transform) {
	blocks := []data.Block{{Name: "x", Start: 0, End: len(columns)}}
	transform = &preprocess.Transform{Spec: preprocess.Options{Scale: preprocess.ScaleNone}, Columns: columns,
		Blocks: blocks}
	standard = &preprocess.Transform{Spec: transform.Spec.Standard(), Columns: columns, Blocks: blocks,
		Centre: make([]float32, len(columns)), Factor: make([]float32, len(columns))}
	for k := range standard.Factor {
		standard.Factor[k] = 1
	}
	return transform, standard
}

// Labelled returns a frame of one feature with the given labels and domains (nil = none).
func Labelled(labels, domains []string) *data.Frame {
	rows := make([][]float32, len(labels))
	for i := range rows {
		rows[i] = []float32{float32(i)}
	}
	f := FrameOf("i", labels, rows...)
	f.Domains = domains
	return f
}

// RepeatLabel returns a label n times.
func RepeatLabel(name string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = name
	}
	return out
}

// InBlocks returns a toy frame of nine features in two blocks, with more than one scale.
func InBlocks(prefix string, perClass int, seed uint64) *data.Frame {
	f := Toy(prefix, 4, perClass, 9, 0.5, seed)
	f.Blocks = []data.Block{{Name: "wide", Start: 0, End: 7}, {Name: "narrow", Start: 7, End: 9}}
	for i := range f.N() {
		f.Row(i)[2] *= 100
	}
	return f
}

// Pictures returns perClass items of each of three classes, with 6 features of which only two differ between classes.
func Pictures(prefix string, perClass int, seed uint64) *data.Frame {
	rng := rand.New(rand.NewPCG(seed, 0))
	f := &data.Frame{Blocks: []data.Block{{Name: "texture", Start: 0, End: 6}}}
	for c := range 6 {
		f.Columns = append(f.Columns, fmt.Sprintf("texture/%d", c))
	}
	for class, at := range [][2]float64{{0, 0}, {8, 0}, {0, 8}} {
		for i := range perClass {
			f.IDs = append(f.IDs, fmt.Sprintf("%s-%d-%d", prefix, class, i))
			f.Labels = append(f.Labels, []string{"brick", "grass", "sand"}[class])
			f.X = append(f.X, float32(at[0]+rng.NormFloat64()), float32(at[1]+rng.NormFloat64()))
			for range 4 {
				f.X = append(f.X, float32(5*rng.NormFloat64()))
			}
		}
	}
	return f
}
