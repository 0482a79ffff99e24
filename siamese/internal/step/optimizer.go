package step

import (
	"math"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/device"
)

// Constants of Adam, as in Keras and GoMLX.
const (
	adamBeta1   = 0.9
	adamBeta2   = 0.999
	adamEpsilon = 1e-7
)

// stepNumbers are the quantities that depend on the step's number only. They are computed on the host in float64, so
// that a schedule is a line of Go, the graph needs no powers, and a new schedule needs no other compiled graph.
type stepNumbers struct {
	Rate    float64 // learning rate
	adam    float64 // Adam's rate for moments whose bias is not corrected: rate sqrt(1-beta2^step) / (1-beta1^step)
	epsilon float64 // and its epsilon for those: epsilon sqrt(1-beta2^step)
	Average float64 // share that the average of the weights keeps
}

// nStepNumbers is the length of a row of stepNumbers in a graph's input.
const nStepNumbers = 4

// Values returns the numbers as a row of the graph's input, in the order that [NameStepNumbers] expects.
func (n stepNumbers) Values() [nStepNumbers]float32 {
	return [...]float32{float32(n.Rate), float32(n.adam), float32(n.epsilon), float32(n.Average)}
}

// NumbersOf returns the numbers of a step, counted from 1.
func (c Options) NumbersOf(step int) stepNumbers {
	t := float64(step)
	rate := c.LearningRate * c.Scheduled(step)
	correction := math.Sqrt(1 - math.Pow(adamBeta2, t))
	return stepNumbers{
		Rate: rate, adam: rate * correction / (1 - math.Pow(adamBeta1, t)), epsilon: adamEpsilon * correction,
		// An average that starts with the first weights would remember them for long: it forgets faster at first.
		Average: min(c.EMADecay, (1+t)/(10+t)),
	}
}

// Scheduled returns the share of the learning rate that a step, counted from 1, takes: step/WarmupSteps over the
// warm-up, then 1 or, with config.ScheduleCosine, (1 + cos(π d)) / 2 with d the share of the steps after the warm-up that are
// done before this one.
func (c Options) Scheduled(step int) float64 {
	if step <= c.WarmupSteps {
		return float64(step) / float64(c.WarmupSteps)
	}
	if c.Schedule != config.ScheduleCosine {
		return 1
	}
	// From 0 at the first step after the warm-up to nearly 1 at the last.
	done := float64(step-c.WarmupSteps-1) / float64(max(1, c.Steps-c.WarmupSteps))
	return (1 + math.Cos(math.Pi*min(1, done))) / 2
}

// stepNodes are the stepNumbers in a graph, scalars.
type stepNodes struct{ rate, adam, epsilon, average *Node }

// NameStepNumbers takes them from a row of numbers [4].
func NameStepNumbers(row *Node) stepNodes {
	at := func(i int) *Node { return Squeeze(Slice(row, AxisElem(i)), 0) }
	return stepNodes{at(0), at(1), at(2), at(3)}
}

// UpdateGraph moves the named parameters of state against their gradients, which are in the same order, and their
// moments with them.
//
//	adam:  m' = b1 m + (1-b1) g,  v' = b2 v + (1-b2) g²,  p' = p - rate m'/(1-b1^t) / (sqrt(v'/(1-b2^t)) + eps)
//	       with the corrections taken out of the fraction (see stepNumbers), as the paper's section 2 has it
//	adamw: the same, and p' less rate × decay × p
//	sgd:   m' = momentum m + g,  p' = p - rate m'
//
// Only weights decay: biases, batch norm and class centres have no size that is too large.
//
// XLA makes one loop over the memory of all three results where none is needed for another. So on XLA p' is computed
// from m and v by expressions of its own, which share no intermediate result with m' and v'. They are equal but for
// rounding.
func UpdateGraph(cfg GraphOptions, state *nodes, names []string, grads []*Node, n stepNodes) {
	if cfg.ClipNorm > 0 {
		grads = clipGraph(grads, cfg.ClipNorm)
	}
	// onePass says that the moves are computed from the old moments, in expressions that XLA can fuse with those of the
	// new ones; otherwise from the new ones, which is fewer operations.
	onePass := len(grads) > 0 && device.Fuses(grads[0].Graph().Backend())
	for i, name := range names {
		p, grad, rate, adam := state.get(name), grads[i], n.rate, n.adam
		decay := 0.0
		if strings.HasSuffix(name, encoder.WeightsSuffix) {
			decay = cfg.WeightDecay
		}
		if name == centresName { // Adam's steps hardly depend on the size of gradients: a rate of their own is needed
			rate, adam = MulScalar(rate, cfg.ProxyLRMultiplier), MulScalar(adam, cfg.ProxyLRMultiplier)
		}
		if decay > 0 && cfg.Optimizer != config.OptimizerAdamW {
			grad = Add(grad, MulScalar(p, decay))
		}
		was := state.get(FirstMomentName(name))
		var first, move *Node
		if cfg.Optimizer == config.OptimizerSGD {
			first = Add(MulScalar(was, cfg.Momentum), grad)
			move = Mul(first, rate)
			if onePass {
				move = Add(Mul(was, MulScalar(rate, cfg.Momentum)), Mul(grad, rate))
			}
		} else {
			squares := state.get(SecondMomentName(name))
			first = Add(MulScalar(was, adamBeta1), MulScalar(grad, 1-adamBeta1))
			second := Add(MulScalar(squares, adamBeta2), MulScalar(Square(grad), 1-adamBeta2))
			state.set(SecondMomentName(name), second)
			root := Sqrt(second)
			move = Mul(first, adam)
			if onePass { // the same as first·adam and sqrt(second), written out
				move = Add(Mul(was, MulScalar(adam, adamBeta1)), Mul(grad, MulScalar(adam, 1-adamBeta1)))
				root = MulScalar(Sqrt(Add(squares, Square(MulScalar(grad, math.Sqrt(1/adamBeta2-1))))),
					math.Sqrt(adamBeta2))
			}
			move = Div(move, Add(root, n.epsilon))
		}
		state.set(FirstMomentName(name), first)
		if decay > 0 && cfg.Optimizer == config.OptimizerAdamW {
			move = Add(move, Mul(p, MulScalar(rate, decay)))
		}
		state.set(name, Sub(p, move))
	}
}

// clipGraph returns the gradients scaled down together so that their norm, that of all numbers in one vector, is
// at most limit (Pascanu, Mikolov and Bengio 2013): g' = g · limit / max(norm, limit).
func clipGraph(grads []*Node, limit float64) []*Node {
	var squares *Node
	for _, g := range grads {
		sum := ReduceAllSum(Square(g))
		if squares == nil {
			squares = sum
		} else {
			squares = Add(squares, sum)
		}
	}
	norm := Sqrt(squares)
	// limit / max(norm, limit) is 1 below the limit, and never divides by 0.
	scale := MulScalar(Reciprocal(MaxScalar(norm, limit)), limit)
	out := make([]*Node, len(grads))
	for i, g := range grads {
		out[i] = Mul(g, scale)
	}
	return out
}

// averageGraph moves the average of the named weights towards them: a' = d a + (1-d) p (Polyak and Juditsky 1992, with
// the exponential weights of later practice). The running statistics of batch norm are averaged like weights: a mean of
// units is linear in the weights beneath, so the averaged weights have the averaged mean, and nearly the averaged
// variance.
func averageGraph(state *nodes, name string, decay *Node) {
	a := state.get(averageName(name))
	state.set(averageName(name), Add(Mul(a, decay), Mul(state.get(name), OneMinus(decay))))
}
