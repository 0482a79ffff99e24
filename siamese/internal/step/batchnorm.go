package step

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/encoder"
)

// Constants of batch norm.
const (
	NormEpsilon  = 1e-3 // added to a variance, as Keras does
	normMomentum = 0.9  // share that the running statistics keep at a step
)

// encoder returns the weights and biases of the layers, as encoder.Encode expects them.
func (n *nodes) encoder(layers int) []*Node {
	var out []*Node
	for i := range layers {
		out = append(out, n.get(encoder.WeightsName(i)), n.get(encoder.BiasesName(i)))
	}
	return out
}

// batchNorm normalises the units x [2B, width] of a layer to mean 0 and variance 1 over the batch, then scales and
// shifts them (Ioffe and Szegedy 2015):
//
//	y = scale (x - mean) / sqrt(variance + epsilon) + shift
//
// It moves the running statistics towards those of the batch; no gradient goes through these. On several devices mean
// and variance are those of the whole batch.
func (n *nodes) batchNorm(layer int, x *Node) *Node {
	mean := ReduceMean(x, 0)
	centred := Sub(x, InsertAxes(mean, 0))
	variance := ReduceMean(Square(centred), 0)
	towards := func(name string, value *Node) {
		n.set(name, Add(MulScalar(n.get(name), normMomentum), MulScalar(StopGradient(value), 1-normMomentum)))
	}
	towards(RunningMeanName(layer), mean)
	towards(RunningVarianceName(layer), variance)
	// The running statistics are for prediction only: a step uses those of its own batch.
	factor := Mul(n.get(ScaleName(layer)), Reciprocal(Sqrt(AddScalar(variance, NormEpsilon))))
	return Add(Mul(centred, InsertAxes(factor, 0)), InsertAxes(n.get(ShiftName(layer)), 0))
}

// foldNorm folds batch norm with these running statistics, all [Out], into a dense layer, in place: with
// f = scale / sqrt(variance + epsilon), weights become W f and biases (b - mean) f + shift. Prediction then needs no
// batch norm at all.
func foldNorm(l encoder.Layer, scale, shift, mean, variance []float32) {
	for o := range l.Out {
		factor := float64(scale[o]) / math.Sqrt(float64(variance[o])+NormEpsilon)
		for i := range l.In {
			l.Weights[i*l.Out+o] = float32(float64(l.Weights[i*l.Out+o]) * factor)
		}
		l.Biases[o] = float32((float64(l.Biases[o])-float64(mean[o]))*factor + float64(shift[o]))
	}
}
