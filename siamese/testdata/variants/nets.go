package main

import (
	"math"
	"math/rand/v2"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/encoder"
)

// net is an architecture: the shapes of its parameters, and what it makes of items x [N, F] and these.
type net struct {
	shapes [][]int // of rank 1 = biases
	encode func(x *Node, p *params) *Node
}

// params hands out the parameters of a net one after the other.
type params struct {
	nodes   []*Node
	key     *Node // of dropout; nil = none
	dropped uint32
}

func (p *params) next() *Node {
	n := p.nodes[0]
	p.nodes = p.nodes[1:]
	return n
}

const dropout = 0.1

// drop is the dropout of the library's encoder, after every layer.
func (p *params) drop(x *Node) *Node {
	if p.key == nil {
		return x
	}
	p.dropped++
	return encoder.Dropout(x, dropout, p.key, p.dropped-1)
}

func relu(x *Node) *Node { return MaxScalar(x, 0) }

// linear is a dense layer without its ReLU.
func (p *params) linear(x *Node) *Node {
	w, b := p.next(), p.next()
	return Add(Einsum("nf,fg->ng", x, w), InsertAxes(b, 0))
}

func (p *params) dense(x *Node) *Node { return p.drop(relu(p.linear(x))) }

func dense(widths ...int) (shapes [][]int) {
	for i := 1; i < len(widths); i++ {
		shapes = append(shapes, []int{widths[i-1], widths[i]}, []int{widths[i]})
	}
	return shapes
}

// denseNet is the default encoder, 1024/512/256, of f inputs.
func denseNet(f int) net {
	return net{dense(f, 1024, 512, 256), func(x *Node, p *params) *Node {
		return p.dense(p.dense(p.dense(x)))
	}}
}

// residualNet is a layer of 512, two residual blocks of two layers each, and a layer of 256.
func residualNet(f int) net {
	return net{dense(f, 512, 512, 512, 512, 512, 256), func(x *Node, p *params) *Node {
		x = p.dense(x)
		for range 2 {
			x = relu(Add(x, p.linear(p.dense(x))))
		}
		return p.dense(x)
	}}
}

// The default features: 36 blocks of HOG with 36 numbers each, and 5 tiles of GLCM with 96.
const (
	hogBlocks, hogWidth = 36, 36
	tiles, tileWidth    = 5, 96
)

// convolve1 is a 1-D convolution by a kernel of 3 with its ReLU; x is [N, length, channels].
func (p *params) convolve1(x *Node, stride int) *Node {
	w, b := p.next(), p.next()
	return p.drop(relu(Add(Convolve(x, w).Strides(stride).PadSame().Done(), InsertAxes(b, 0, 0))))
}

// blocksNet takes the default features as two sequences, of HOG's blocks and of GLCM's tiles, and convolves along each.
func blocksNet() net {
	const flat = hogBlocks/2*64 + tiles*64
	shapes := [][]int{{3, hogWidth, 64}, {64}, {3, 64, 64}, {64}, {3, tileWidth, 64}, {64}}
	return net{append(shapes, dense(flat, 512, 256)...), func(x *Node, p *params) *Node {
		n := x.Shape().Dim(0)
		h := Reshape(Slice(x, AxisRange(), AxisRange(0, hogBlocks*hogWidth)), n, hogBlocks, hogWidth)
		h = p.convolve1(p.convolve1(h, 1), 2)
		g := Reshape(Slice(x, AxisRange(), AxisRange(hogBlocks*hogWidth, hogBlocks*hogWidth+tiles*tileWidth)), n, tiles,
			tileWidth)
		g = p.convolve1(g, 1)
		x = Concatenate([]*Node{Reshape(h, n, -1), Reshape(g, n, -1)}, -1)
		return p.dense(p.dense(x))
	}}
}

const side = 28 // pixels of a built-in image, each way

// convolve2 is a 2-D convolution of stride 2 with its ReLU; x is [N, height, width, channels].
func (p *params) convolve2(x *Node) *Node {
	w, b := p.next(), p.next()
	return relu(Add(Convolve(x, w).Strides(2).PadSame().Done(), InsertAxes(b, 0, 0, 0)))
}

// pixelsNet is a small convolutional network on the pixels.
func pixelsNet() net {
	shapes := [][]int{{5, 5, 1, 16}, {16}, {3, 3, 16, 32}, {32}, {3, 3, 32, 64}, {64}}
	return net{append(shapes, dense(4*4*64, 512, 256)...), func(x *Node, p *params) *Node {
		x = Reshape(x, -1, side, side, 1)
		x = p.convolve2(x)                           // [N, 14, 14, 16]
		x = p.convolve2(x)                           // [N, 7, 7, 32]
		x = p.convolve2(x)                           // [N, 4, 4, 64]
		x = p.drop(Reshape(x, x.Shape().Dim(0), -1)) // [N, 1024]
		return p.dense(p.dense(x))
	}}
}

// initial returns first parameters: weights as the library's encoder has them, uniform in ±sqrt(6/(in+out)) with the
// size of a kernel counted in both, and zero biases.
func initial(shape []int, rng *rand.Rand) []float32 {
	size := 1
	for _, d := range shape {
		size *= d
	}
	out := make([]float32, size)
	if len(shape) == 1 {
		return out
	}
	in, to := shape[len(shape)-2], shape[len(shape)-1]
	kernel := size / (in * to)
	limit := math.Sqrt(6 / float64(kernel*(in+to)))
	for i := range out {
		out[i] = float32((2*rng.Float64() - 1) * limit)
	}
	return out
}
