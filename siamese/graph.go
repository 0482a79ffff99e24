package siamese

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// encodeGraph returns the embeddings [N, E] of preprocessed features x [N, F]: dense layers with ReLU.
// params are weights [in, out] and biases [out] of every layer in turn. With a non-nil step (a uint32 scalar
// that differs from call to call) units are dropped after every layer, as while training.
func encodeGraph(x *Node, params []*Node, dropout float64, step *Node, seed uint64) *Node {
	for i := 0; i < len(params); i += 2 {
		x = Add(Dot(x, params[i]).Product(), InsertAxes(params[i+1], 0))
		x = Max(x, ScalarZero(x.Graph(), x.DType()))
		if step != nil && dropout > 0 {
			x = dropoutGraph(x, dropout, AddScalar(step, uint32(seed)^uint32(seed>>32)), uint32(i))
		}
	}
	return x
}

// dropoutGraph returns x with a share `rate` of its units set to 0 and the others scaled by 1/(1-rate), so
// that expected values stay (inverted dropout; Srivastava et al. 2014). Which units go is a hash of their
// position, the key (uint32 scalar) and the layer number: a few integer operations that the compiler fuses
// with the scaling. A stream of random floats costs more time than all else but the matrix products.
func dropoutGraph(x *Node, rate float64, key *Node, layer uint32) *Node {
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

// normalizeGraph returns the rows of z [N, E] scaled to unit length. A zero row stays zero and passes no
// gradient: its cosine with anything is 0, never NaN.
func normalizeGraph(z *Node) *Node {
	squares := ReduceAndKeep(Square(z), ReduceSum, -1)
	zero := ScalarZero(z.Graph(), z.DType())
	isZero := LessOrEqual(squares, zero)
	safe := Where(isZero, OnesLike(squares), squares)
	return Mul(z, Where(isZero, ZerosLike(squares), Reciprocal(Sqrt(safe))))
}

// cosineGraph returns the cosine of every row of a with the same row of b, both [B, E]; the result is [B].
func cosineGraph(a, b *Node) *Node {
	return ReduceSum(Mul(normalizeGraph(a), normalizeGraph(b)), -1)
}
