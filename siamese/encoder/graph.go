// Package encoder is the shared encoder: dense layers with ReLU as a graph for training and prediction, and its
// weights.
//
// [Init] draws the weights, [Encode] is the layers in a graph, of a training step as well as, through [Embed], of
// prediction: the encoder is defined once. Both items of a pair go through it in one batch, so that they share weights
// by construction. Losses, the optimizer and batch norm's statistics are not here (packages loss and internal/step).
package encoder

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/loss"
)

// Options are those of [Encode]. The zero value applies dense layers with ReLU to rows.
type Options struct {
	// items are columns: the result is [E, N], weights are [out, in]; for prediction only, without Norm and BFloat16
	Columns  bool
	Dropout  float64                            // share of units dropped after every layer, in [0, 1)
	Key      *Node                              // uint32 scalar, see DropoutKey; nil = no dropout
	BFloat16 bool                               // round factors of matrix products to bfloat16; sums are float32
	Norm     func(layer int, units *Node) *Node // applied between a dense layer and its ReLU; nil = none
}

// Encode returns the embeddings [N, E] of preprocessed features x [N, F], not normalised. Training and prediction share
// it. params are the weights [in, out] and biases [out] of the first layer, those of the second, and so on.
//
// With Columns XLA's matrix products on CPUs are up to a tenth faster. Training steps are not, because the products of
// the gradients are slower.
func Encode(x *Node, params []*Node, with Options) *Node {
	inputs := 1 // the axis of x that a layer sums over, of columns
	for i := 0; i < len(params); i += 2 {
		weights, biases := params[i], params[i+1]
		if with.Norm != nil {
			// Batch norm cancels biases: their gradient is rounding noise, which Adam scales to steps of full size.
			// These would show in embeddings because the running mean lags behind. So biases stay 0.
			biases = StopGradient(biases)
		}
		if with.Columns {
			x = Add(Dot(weights, x).General([]int{1}, nil, []int{inputs}, nil), InsertAxes(biases, 1))
			inputs = 0
		} else {
			x = Add(product(x, weights, with.BFloat16), InsertAxes(biases, 0))
		}
		if with.Norm != nil {
			x = with.Norm(i/2, x)
		}
		x = Max(x, ScalarZero(x.Graph(), x.DType()))
		if with.Key != nil && with.Dropout > 0 {
			x = Dropout(x, with.Dropout, with.Key, uint32(i))
		}
	}
	return x
}

// DropoutKey returns the key that decides which units a step drops: the step's number, offset by the seed. It is an
// input of the graph, so that runs with different seeds share a compiled step, and a resumed run drops what an
// uninterrupted one would.
func DropoutKey(seed uint64, step int) uint32 {
	return uint32(step) + (uint32(seed) ^ uint32(seed>>32))
}

// Embed returns the embeddings [N, E] for prediction of preprocessed features x [N, F]: the encoder's, of unit length,
// those of several side by side, and with a feature share s in (0, 1) x itself beside it: sqrt(1-s) z next to sqrt(s)
// x/‖x‖, whose cosine is (1-s) times that of the encoder plus s times that of the features. The result has unit length,
// or is zero where both parts are. params are weights [out, in] and biases [out] of the layers, as in [Encode], encoder
// by encoder; without any the encoder is the features. Parts that are compared by PLDA are what it makes of their unit
// vectors, one number wider; its inputs come after those of the layers, see [Inputs]. With an UnknownShare the share s
// of an item lies between the two, by how near its z and its x/‖x‖ are to a training class (package gate).
func Embed(x *Node, params []*Node, of Design) *Node {
	var gated []*Node
	if of.UnknownShare > 0 {
		params, gated = params[:len(params)-gateInputs], params[len(params)-gateInputs:]
	}
	params, ofEncoder, ofFeatures := of.PLDA.split(params)
	var each []*Node
	for _, layers := range of.Layers {
		z := Transpose(Encode(x, params[:2*layers], Options{Columns: true}), 0, 1)
		each, params = append(each, loss.Normalize(z)), params[2*layers:]
	}
	var z *Node
	switch len(each) {
	case 0:
		z = loss.Normalize(x)
	case 1:
		z = each[0]
	default: // an encoder's may be zero
		z = loss.Normalize(Concatenate(each, -1))
	}
	plain := z
	if ofEncoder != nil {
		z = ofEncoder.of(z)
	}
	if of.FeatureShare == 0 {
		return z
	}
	x = loss.Normalize(x)
	beside := x
	if ofFeatures != nil {
		beside = ofFeatures.of(beside)
	}
	return loss.Normalize(of.beside(plain, x, z, beside, gated)) // one of them may be zero
}

// Design is what a graph of [Embed] consists of, apart from the sizes of its inputs.
type Design struct {
	Layers       []int   // how many each encoder has, one after the other; nil = the features are in its place
	FeatureShare float64 // of the cosine, in [0, 1); 0 = only the encoder's part
	UnknownShare float64 // that of items unlike all training classes; 0 = that of all, without a gate
	PLDA         Parts
}

// DesignOf returns the design of encoders with these layers. unknownShare is 0 without a gate.
func DesignOf(encoders [][]Layer, featureShare, unknownShare float64, byPLDA Parts) Design {
	d := Design{FeatureShare: featureShare, UnknownShare: unknownShare, PLDA: byPLDA}
	for _, layers := range encoders {
		if len(layers) > 0 {
			d.Layers = append(d.Layers, len(layers))
		}
	}
	return d
}

// String returns the parts, by which compiled graphs are told apart.
func (d Design) String() string {
	return fmt.Sprintf("encoders of %v layers, feature share %v to %v, %v", d.Layers, d.FeatureShare, d.UnknownShare,
		d.PLDA)
}

// TransposeWeights returns the transpose [columns, rows] of x [rows, columns], as [Embed] expects weights.
func TransposeWeights(x []float32, rows, columns int) []float32 {
	const side = 32 // of a tile that fits into the cache for both matrices
	out := make([]float32, len(x))
	for r := 0; r < rows; r += side {
		for c := 0; c < columns; c += side {
			for i := r; i < min(rows, r+side); i++ {
				for j := c; j < min(columns, c+side); j++ {
					out[j*rows+i] = x[i*columns+j]
				}
			}
		}
	}
	return out
}

// Dropout returns x with a share rate of its units set to 0 and the others scaled by 1/(1-rate), which keeps expected
// values (inverted dropout; Srivastava et al. 2014). A hash of position, key (uint32 scalar) and layer number selects
// the units: a few integer operations that the compiler fuses with the scaling. Random floats would take more time than
// anything but the matrix products.
func Dropout(x *Node, rate float64, key *Node, layer uint32) *Node {
	g := x.Graph()
	dims := x.Shape().Dimensions
	key = hashGraph(AddScalar(hashGraph(key), layer*0x9e3779b9+1))
	bits := hashGraph(BitwiseXor(IotaFull(g, shapes.Make(dtypes.Uint32, dims...)), BroadcastToDims(key, dims...)))
	keep := GreaterOrEqual(bits, Const(g, uint32(rate*(1<<32))))
	return Where(keep, MulScalar(x, 1/(1-rate)), ZerosLike(x))
}

// hashGraph returns a mix of the bits of every uint32 of x, in which each input bit changes each output bit
// with a probability near one half: the finaliser of MurmurHash3 (Appleby, 2011).
func hashGraph(x *Node) *Node {
	x = BitwiseXor(x, BitwiseShiftRightLogicalScalar(x, uint32(16)))
	x = MulScalar(x, uint32(0x85ebca6b))
	x = BitwiseXor(x, BitwiseShiftRightLogicalScalar(x, uint32(13)))
	x = MulScalar(x, uint32(0xc2b2ae35))
	return BitwiseXor(x, BitwiseShiftRightLogicalScalar(x, uint32(16)))
}
