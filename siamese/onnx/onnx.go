// Package onnx writes a model as an ONNX file, which runs in Python, C++, Java, JavaScript and on phones without this
// lab: preprocessing, encoder and the length of 1 are in the graph.
//
// [Save] writes one. What a similarity means comes along as text in the file's metadata:
//
//	columns      names of the F features in the order of the input (JSON list)
//	settings     how the features were made (JSON object)
//	threshold    the smallest cosine at which two items are predicted to be the same (number)
//	calibration  what maps a cosine to a probability: the fields of stats.Calibration (JSON object)
//	config       settings of the training (JSON object)
//	notes        what whoever uses the model should know (JSON list)
//	lab          version of the lab that trained the model
//
// What is not known is left out. The format is that of onnx.proto (ONNX 1.12: opset 17, IR version 8); the file holds
// plain operators and numbers, no code. Reading ONNX files is not here: a model is kept in the lab's own format
// ([siamese.Model.Save]).
package onnx

import (
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/gate"
	"github.com/go-siamese/lab/siamese/plda"
)

// Names of the graph's input and output.
const (
	Input  = "features"  // float32 [N, F], the columns in the metadata's order
	Output = "embedding" // float32 [N, E], each row of unit length or zero
)

// keys are those of the metadata, in the order of the file.
var keys = []string{"lab", "columns", "settings", "threshold", "calibration", "config", "notes"}

// most is the size of the largest message that readers of Protocol Buffers accept.
const most = math.MaxInt32

// Save writes m to path, atomically: an existing file is replaced only by a complete one. The file takes what is read
// from a float32 table whose columns are in the order of the metadata, and unlike [siamese.Model.Embed] it checks
// nothing: a missing value gives NaN (unless the model fills it), other columns give nonsense.
//
// Embeddings agree with those of [siamese.Model.Embed] up to rounding, some 1e-6. Errors are an invalid model, one
// over 2 GiB, and a file that cannot be written.
func Save(path string, m *siamese.Model) error {
	if err := atomicfile.Write(path, func(w io.Writer) error { return Write(w, m) }); err != nil {
		return fmt.Errorf("saving the model as ONNX: %w", err)
	}
	return nil
}

// Write writes m to w; see [Save].
func Write(w io.Writer, m *siamese.Model) error {
	if err := m.Validate(); err != nil {
		return err
	}
	g := &graph{}
	x := g.preprocess(Input, m.Transform)
	// From here on as in encoder.Embed.
	var each []string
	for k, layers := range m.Encoders() {
		each = append(each, g.encoder(encoder.Prefix(k), x, layers))
	}
	z := each[0]
	if len(each) > 1 {
		z = g.unit(g.beside(each...))
	}
	plain := z
	z = g.plda("plda.encoder.", z, m.EncoderPLDA)
	if m.Config.FeatureShare > 0 {
		ofEncoder, ofFeatures := g.shares(plain, x, m)
		beside := g.plda("plda.features.", g.unit(x), m.FeaturesPLDA)
		z = g.unit(g.beside(g.node("Mul", z, ofEncoder), g.node("Mul", beside, ofFeatures)))
	}
	g.rename(z, Output)
	about, err := about(m)
	if err != nil {
		return err
	}
	file := g.file(m.F(), m.E(), about)
	if len(file) > most {
		return fmt.Errorf("the model takes %d bytes, and a file of ONNX at most %d", len(file), most)
	}
	_, err = w.Write(file)
	return err
}

// shares returns the square roots of the shares of the encoder, whose output is z, and of the features x in the
// cosine: a number each, or with a gate one for each item, [N, 1].
func (g *graph) shares(z, x string, m *siamese.Model) (ofEncoder, ofFeatures string) {
	share := m.Config.FeatureShare
	if m.Gate == nil {
		return g.scalar(math.Sqrt(1 - share)), g.scalar(math.Sqrt(share))
	}
	part := func(name, rows string, p gate.Part) string {
		means := encoder.TransposeWeights(p.Means, m.Gate.Classes, p.Width)
		cosines := g.node("MatMul", rows, g.floats(name, means, p.Width, m.Gate.Classes))
		nearest := g.with(g.node("ReduceMax", cosines), "axes", 1)
		return g.node("Sigmoid", g.node("Div", g.node("Sub", nearest, g.scalar(p.Centre)), g.scalar(p.Spread)))
	}
	known := g.node("Mul", part("gate.encoder.means", z, m.Gate.Encoder),
		part("gate.features.means", g.unit(x), m.Gate.Features))
	unknown := m.Config.UnknownShare
	of := g.node("Add", g.node("Mul", known, g.scalar(share-unknown)), g.scalar(unknown))
	return g.node("Sqrt", g.node("Sub", g.scalar(1), of)), g.node("Sqrt", of)
}

// about returns the values of keys, in that order; "" = none.
func about(m *siamese.Model) ([]string, error) {
	values := []string{m.Lab}
	for _, v := range []any{m.Transform.Columns, json.RawMessage(m.Transform.Settings), m.Threshold, m.Calibration,
		m.Config, m.Notes} {
		if raw, ok := v.(json.RawMessage); ok && len(raw) == 0 {
			v = nil
		}
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		if string(text) == "null" {
			text = nil
		}
		values = append(values, string(text))
	}
	return values, nil
}

// preprocess adds the stages of t to the graph and returns the name of their result [N, Width]. They are those of
// [preprocess.Transform.Apply]: components are computed in float64, as there, since they are differences of large sums.
func (g *graph) preprocess(x string, t *preprocess.Transform) string {
	f := t.F()
	if t.Spec.Imputing() != preprocess.ImputeNone {
		x = g.node("Where", g.node("IsNaN", x), g.floats("fill", t.Fill, f), x)
	}
	if t.Spec.SignedSqrt {
		x = g.node("Mul", g.node("Sign", x), g.node("Sqrt", g.node("Abs", x)))
	}
	if t.Spec.Affine() {
		x = g.node("Mul", g.node("Sub", x, g.floats("centre", t.Centre, f)), g.floats("factor", t.Factor, f))
	}
	if !t.Spec.Reduces() {
		return x
	}
	k := t.Width()
	x = g.node("Sub", g.cast(x, double), g.cast(g.floats("mean", t.Mean, f), double))
	x = g.node("MatMul", x, g.cast(g.floats("loadings", t.Loadings, f, k), double))
	if t.Spec.Whiten {
		x = g.node("Div", x, g.node("Sqrt", g.cast(g.floats("variance", t.Variance, k), double)))
	}
	return g.cast(x, float)
}

// encoder adds dense layers with ReLU and returns what they make of rows x, at length 1. Tensors are called after
// prefix.
func (g *graph) encoder(prefix, x string, layers []encoder.Layer) string {
	for i, layer := range layers {
		x = g.node("Gemm", x, g.floats(prefix+encoder.WeightsName(i), layer.Weights, layer.In, layer.Out),
			g.floats(prefix+encoder.BiasesName(i), layer.Biases, layer.Out))
		x = g.node("Relu", x)
	}
	return g.unit(x)
}

// unit adds the scaling of rows to length 1, where a row of zeros stays as it is.
func (g *graph) unit(x string) string {
	squares := g.squares(x)
	some := g.node("Greater", squares, g.scalar(0))
	inverse := g.node("Reciprocal", g.node("Sqrt", g.node("Where", some, squares, g.scalar(1))))
	return g.node("Mul", x, g.node("Where", some, inverse, g.scalar(0)))
}

// beside adds the rows of all, joined.
func (g *graph) beside(all ...string) string { return g.with(g.node("Concat", all...), "axis", 1) }

// plda adds what m makes of rows of length 1 or 0, see [plda.Projection]; nil leaves them as they are. Tensors are
// called after prefix.
func (g *graph) plda(prefix, z string, m *plda.Model) string {
	if m == nil {
		return z
	}
	p, k := m.Projection(), m.K()
	list := func(name string, values []float64, shape ...int) string {
		narrow := make([]float32, len(values))
		for i, v := range values {
			narrow[i] = float32(v)
		}
		return g.floats(prefix+name, narrow, shape...)
	}
	v := g.node("MatMul", g.node("Sub", z, list("mean", p.Mean, k)), list("turn", p.Turn, k, k))
	roots := make([]float64, k)
	for i, l := range p.Length {
		roots[i] = math.Sqrt(l)
	}
	length := g.squares(g.node("Mul", v, list("length", roots, k)))
	some := g.node("Greater", length, g.scalar(0))
	v = g.node("Mul", v, g.node("Reciprocal", g.node("Sqrt", g.node("Where", some, length, g.scalar(1)))))
	radius := list("radius", []float64{p.Radius}, 1)
	out := g.beside(v, g.node("Where", some, radius, radius)) // a number for each row, which is all that some is for
	// Lengths of z are 1 or 0: anything between tells them apart.
	known := g.node("Greater", g.squares(z), g.scalar(0.5))
	return g.unit(g.node("Where", known, out, g.scalar(0)))
}

// squares adds the sum of the squares of each row, [N, 1].
func (g *graph) squares(x string) string { return g.with(g.node("ReduceSumSquare", x), "axes", 1) }
