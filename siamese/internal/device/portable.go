package device

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
)

// portable is XLA for processors with every matrix product in the one form that has the same bits on all of them: it
// sums over the last axis of the left factor. These products go to a library (YNNPACK) that, told to be consistent,
// takes each sum in one order on any processor with AVX2 and FMA, whatever its caches and the number of threads. XLA
// gives other forms to another (oneDNN), whose order follows from all of these. GoMLX writes products of its own, those
// of gradients above all, so that the form is made here, where all of them pass.
type portable struct{ told }

// told is XLA's backend, with what it tells of itself: its plugin, as go-xla names it, and path and options of that, with
// commas.
type told interface {
	compute.Backend
	PluginName() string
	Config() string
}

// Builder returns the builder of a graph with portable products.
func (p *portable) Builder(name string) compute.Builder {
	return &portableBuilder{p.told.Builder(name), p}
}

type portableBuilder struct {
	compute.Builder
	of *portable
}

func (b *portableBuilder) Compile() (compute.Executable, error) {
	exec, err := b.Builder.Compile()
	if err != nil {
		return nil, err
	}
	return &portableExecutable{exec, b.of}, nil
}

func (b *portableBuilder) Main() compute.Function { return portableOf(b.Builder.Main()) }

func (b *portableBuilder) NewFunction(name string) (compute.Function, error) {
	f, err := b.Builder.NewFunction(name)
	return portableOf(f), err
}

// portableFunction is a function whose products are portable, and so are those of its closures. XLA wants its own
// functions as arguments: those are inside.
type portableFunction struct{ compute.Function }

func portableOf(f compute.Function) compute.Function {
	if f == nil {
		return nil
	}
	return &portableFunction{f}
}

// plain returns the backend's own function in f.
func plain(f compute.Function) compute.Function {
	if p, ok := f.(*portableFunction); ok {
		return p.Function
	}
	return f
}

func (f *portableFunction) Parent() compute.Function { return portableOf(f.Function.Parent()) }

func (f *portableFunction) Closure() (compute.Function, error) {
	c, err := f.Function.Closure()
	return portableOf(c), err
}

func (f *portableFunction) Call(target compute.Function, inputs ...compute.Value) ([]compute.Value, error) {
	return f.Function.Call(plain(target), inputs...)
}

func (f *portableFunction) Sort(comparator compute.Function, axis int, stable bool,
	inputs ...compute.Value) ([]compute.Value, error) {
	return f.Function.Sort(plain(comparator), axis, stable, inputs...)
}

func (f *portableFunction) While(cond, body compute.Function, state ...compute.Value) ([]compute.Value, error) {
	return f.Function.While(plain(cond), plain(body), state...)
}

func (f *portableFunction) If(pred compute.Value, yes, no compute.Function) ([]compute.Value, error) {
	return f.Function.If(pred, plain(yes), plain(no))
}

// DotGeneral returns the product of two matrices of float32, with the left one transposed in memory unless it is summed
// over its last axis. Barriers keep XLA from taking a transpose of the left factor, or of the result, into the product.
// Other products are an error: whether their bits are portable was not tried.
func (f *portableFunction) DotGeneral(lhs compute.Value, lhsContracting, lhsBatch []int, rhs compute.Value,
	rhsContracting, rhsBatch []int, config compute.DotGeneralConfig) (compute.Value, error) {
	left, err := f.Shape(lhs)
	if err != nil {
		return nil, err
	}
	right, err := f.Shape(rhs)
	if err != nil {
		return nil, err
	}
	if left.DType != dtypes.Float32 || right.DType != dtypes.Float32 || left.Rank() != 2 || right.Rank() != 2 ||
		len(lhsContracting) != 1 || len(rhsContracting) != 1 || len(lhsBatch) > 0 || len(rhsBatch) > 0 {
		return nil, fmt.Errorf("a portable backend multiplies matrices of float32, not %s over axes %v and %s over "+
			"%v (batches %v and %v)", left, lhsContracting, right, rhsContracting, lhsBatch, rhsBatch)
	}
	if lhsContracting[0] == 0 {
		if lhs, err = f.Transpose(lhs, 1, 0); err != nil {
			return nil, err
		}
	}
	factors, err := f.OptimizationBarrier(lhs, rhs)
	if err != nil {
		return nil, err
	}
	product, err := f.Function.DotGeneral(factors[0], []int{1}, nil, factors[1], rhsContracting, nil, config)
	if err != nil {
		return nil, err
	}
	// go-xla leaves out a barrier of one value.
	apart, err := f.OptimizationBarrier(product, factors[0])
	if err != nil {
		return nil, err
	}
	return apart[0], nil
}
