package explain

import (
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/gate"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/plda"
	"github.com/go-siamese/lab/siamese/stats"
)

// mixture computes the mean cosine v(m) of a pair whose features are mixed with those of background items: feature k is
// m_k times the pair's own value plus 1 - m_k times the background's. The mean is over all ordered pairs of different
// background items, one for the left item and one for the right.
//
// Weights and background stay on the device; each call uploads m alone. It is not safe for concurrent use.
type mixture struct {
	backend compute.Backend
	n, f    int                // background items, features
	value   *device.SharedExec // v(m), compiled; nil once closed
	slope   *device.SharedExec // ∂v/∂m, compiled; nil once closed
	fixed   []*tensors.Tensor  // components, where there are any, weights of the encoder and of PLDA, then the background
}

// similarity is what is explained: the cosine of what encoders, without any the features, and a share of the features
// make of rows; see [encoder.Embed].
type similarity struct {
	transform    *preprocess.Transform
	encoders     [][]encoder.Layer
	featureShare float64

	ofEncoder, ofFeatures *plda.Model // nil = the plain cosine of the part

	unknownShare float64     // 0 = featureShare for all
	gate         *gate.Model // nil = none
}

// newMixture returns the mixture with background rows [n, F], which are projected on the components of the transform, if
// it has any, and embedded. Weights are inputs of the graph, not constants, so that models of the same shapes share what
// is compiled.
func newMixture(backend compute.Backend, background *embedding.Embeddings, of similarity) (_ *mixture, err error) {
	transform := of.transform
	m := &mixture{backend: backend, n: background.N, f: background.E}
	defer func() {
		if err != nil {
			err = errors.Join(err, m.close())
		}
	}()
	components := transform.Loadings != nil
	var arrays []encoder.Input
	if components {
		arrays = append(arrays, encoder.Input{Values: transform.Mean, Dims: []int{m.f}},
			encoder.Input{Values: whitened(transform), Dims: []int{m.f, transform.Width()}})
	}
	arrays = append(arrays, encoder.Inputs(of.encoders, of.ofEncoder, of.ofFeatures, of.gate)...)
	arrays = append(arrays, encoder.Input{Values: background.Values, Dims: []int{m.n, m.f}})
	// The key holds all that the graph depends on but the backend: which steps it has, and the shapes of its inputs.
	design := encoder.DesignOf(of.encoders, of.featureShare, of.unknownShare,
		encoder.Parts{Encoder: of.ofEncoder != nil, Features: of.ofFeatures != nil})
	key := fmt.Sprintf("mixture components=%v %v", components, design)
	for _, a := range arrays {
		key += fmt.Sprint(a.Dims)
		t, err := device.ToDevice(backend, 0, a.Values, a.Dims...)
		if err != nil {
			return nil, err
		}
		m.fixed = append(m.fixed, t)
	}
	encode := func(x *Node, params []*Node) *Node { // depends on nothing that is not in key
		if components {
			x = Dot(Sub(x, InsertAxes(params[0], 0)), params[1]).Product()
			params = params[2:]
		}
		return encoder.Embed(x, params, design)
	}
	if m.value, err = device.TakeExec(backend, key, func() (*Exec, error) {
		return NewExec(backend, func(in []*Node) []*Node {
			v, zero, means := mixtureGraph(in, encode)
			return []*Node{v, zero, means}
		})
	}); err != nil {
		return nil, err
	}
	if m.slope, err = device.TakeExec(backend, "slope of "+key, func() (*Exec, error) {
		return NewExec(backend, func(in []*Node) *Node {
			v, _, _ := mixtureGraph(in, encode)
			return Gradient(v, in[len(in)-1])[0]
		})
	}); err != nil {
		return nil, err
	}
	return m, nil
}

// whitened returns the loadings [F, K] of t, divided by the standard deviations of their components where t whitens, so
// that one product projects and scales.
func whitened(t *preprocess.Transform) []float32 {
	if !t.Spec.Whiten {
		return t.Loadings
	}
	k := t.Width()
	out := make([]float32, len(t.Loadings))
	for i, v := range t.Loadings {
		out[i] = float32(float64(v) / math.Sqrt(float64(t.Variance[i%k])))
	}
	return out
}

// mixtureGraph returns v(m), the number of zero embeddings among its 2n, and the mean cosine of every left embedding
// with the right ones [n], whose mean is v(m). in holds the weights, then the background [n, F], the left and right
// item [F] and m [F].
//
// Embeddings u_p of the left and w_q of the right item have unit length, so that the sum of their cosines over all p
// and q is the dot product of two sums, from which those with p = q are subtracted: n embeddings a side suffice for
// n(n-1) pairs,
//
//	v = (Σ_p u_p · Σ_q w_q - Σ_p u_p · w_p) / (n (n-1)).
//
// Pairs with p = q are left out because two equal items have cosine 1, which would raise v(0).
func mixtureGraph(in []*Node, encode func(x *Node, params []*Node) *Node) (value, zero, means *Node) {
	params, rest := in[:len(in)-4], in[len(in)-4:]
	background, own := rest[0], InsertAxes(rest[3], 0)
	n := background.Shape().Dim(0)
	others := Mul(background, OneMinus(own))
	both := Concatenate([]*Node{
		Add(others, Mul(InsertAxes(rest[1], 0), own)),
		Add(others, Mul(InsertAxes(rest[2], 0), own)),
	}, 0)
	z := encode(both, params)
	left, right := Slice(z, AxisRange(0, n)), Slice(z, AxisRange(n))
	all := ReduceAllSum(Mul(ReduceSum(left, 0), ReduceSum(right, 0)))
	value = DivScalar(Sub(all, ReduceAllSum(Mul(left, right))), float64(n)*float64(n-1))
	means = DivScalar(ReduceSum(Mul(left, Sub(InsertAxes(ReduceSum(right, 0), 0), right)), -1), float64(n-1))
	// Lengths are 1, and 0 for zero embeddings: anything between tells them apart.
	lengths := ReduceSum(Square(z), -1)
	return value, ReduceAllSum(ConvertDType(LessThan(lengths, Scalar(z.Graph(), z.DType(), 0.5)), z.DType())), means
}

// upload returns the tensors of a pair's features, each [F], on the device. The caller finalizes them; with an error
// there are none.
func (m *mixture) upload(left, right []float32) (pair [2]*tensors.Tensor, err error) {
	if pair[0], err = device.ToDevice(m.backend, 0, left, m.f); err != nil {
		return pair, err
	}
	if pair[1], err = device.ToDevice(m.backend, 0, right, m.f); err != nil {
		return pair, errors.Join(err, device.Finalize(pair[0]))
	}
	return pair, nil
}

// background returns v(0), the mean cosine of two background items, with its 95 % interval for other such items, and
// the number of items with a zero embedding. The interval is by the delta method: item p, whose mean cosine with the
// others is c_p, has the influence 2 (c_p - v) / n, as in a U-statistic of two arguments (Hoeffding 1948).
func (m *mixture) background() (value stats.Estimate, zero int, err error) {
	nothing := make([]float32, m.f) // as m: nothing is the pair's own, whatever its features are
	pair, err := m.upload(nothing, nothing)
	if err != nil {
		return value, 0, err
	}
	defer func() { err = errors.Join(err, device.Finalize(pair[:]...)) }()
	v, zero, means, err := m.with(pair, nothing)
	if err != nil {
		return value, 0, err
	}
	// Of two items there is one pair, which shows no spread: the interval is then [-1, 1].
	var influence []float64
	if m.n > 2 {
		for _, mean := range means {
			influence = append(influence, 2*(float64(mean)-v)/float64(m.n))
		}
	}
	value, err = stats.FromInfluence(v, influence, -1, 1, 0)
	return value, zero / 2, err // a background item stands on both sides
}

// at returns v(own) of a pair, in [-1, 1], and the number of zero embeddings among 2n. own is m, [F].
func (m *mixture) at(pair [2]*tensors.Tensor, own []float32) (value float64, zero int, err error) {
	value, zero, _, err = m.with(pair, own)
	return value, zero, err
}

// with returns what at returns, and the mean cosine of every left embedding with the right ones, [n]. A cosine that is
// not finite is an error.
func (m *mixture) with(pair [2]*tensors.Tensor, own []float32) (value float64, zero int, means []float32, err error) {
	out, err := m.call(m.value, pair, own)
	if err != nil {
		return 0, 0, nil, err
	}
	value, zero = float64(out[0][0]), int(out[1][0])
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return 0, 0, nil, errors.New("an embedding is not a finite number: look for huge features")
	}
	return max(-1, min(1, value)), zero, out[2], nil // rounding may exceed 1
}

// slopeAt returns ∂v/∂m at own, [F]. Values may be infinite or NaN: the caller knows the columns' names.
func (m *mixture) slopeAt(pair [2]*tensors.Tensor, own []float32) ([]float32, error) {
	out, err := m.call(m.slope, pair, own)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// call returns the outputs of exec for a pair and m = own [F], flat, on the host. What it puts on the device it frees.
func (m *mixture) call(exec *device.SharedExec, pair [2]*tensors.Tensor, own []float32) (flat [][]float32, err error) {
	if exec == nil {
		return nil, errors.New("the explainer is closed: make another")
	}
	at, err := device.ToDevice(m.backend, 0, own, m.f)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, device.Finalize(at)) }()
	args := make([]any, 0, len(m.fixed)+3)
	for _, t := range append(append([]*tensors.Tensor(nil), m.fixed...), pair[0], pair[1], at) {
		args = append(args, t)
	}
	out, err := exec.Call(args...)
	if err != nil {
		return nil, fmt.Errorf("mixing with the background: %w", err)
	}
	defer func() { err = errors.Join(err, device.Finalize(out...)) }()
	for _, t := range out {
		values, err := tensors.CopyFlatData[float32](t)
		if err != nil {
			return nil, err
		}
		flat = append(flat, values)
	}
	return flat, nil
}

// close frees what is on the device. Calls after it return an error; closing again does nothing.
func (m *mixture) close() error {
	for _, exec := range []*device.SharedExec{m.value, m.slope} {
		if exec != nil {
			exec.Release()
		}
	}
	err := device.Finalize(m.fixed...)
	m.value, m.slope, m.fixed = nil, nil, nil
	return err
}
