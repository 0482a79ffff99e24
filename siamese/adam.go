package siamese

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// Constants of Adam as its authors, Keras and GoMLX have them.
const (
	adamBeta1   = 0.9
	adamBeta2   = 0.999
	adamEpsilon = 1e-7
)

// adamGraph returns the parameters after one step of Adam (Kingma and Ba 2015, algorithm 1) and the new
// moments. step, a float32 scalar, counts from 1.
//
//	m' = b1*m + (1-b1)*g,  v' = b2*v + (1-b2)*g^2,  p' = p - rate * m'/(1-b1^step) / (sqrt(v'/(1-b2^step)) + eps)
//
// The state goes in and out of the graph as plain inputs and outputs: it can be donated, saved and resumed.
func adamGraph(params, grads, first, second []*Node, step *Node, rate float64) (newParams, newFirst, newSecond []*Node) {
	g := step.Graph()
	correction1 := Reciprocal(OneMinus(Pow(Const(g, float32(adamBeta1)), step)))
	correction2 := Reciprocal(OneMinus(Pow(Const(g, float32(adamBeta2)), step)))
	for i, grad := range grads {
		m := Add(MulScalar(first[i], adamBeta1), MulScalar(grad, 1-adamBeta1))
		v := Add(MulScalar(second[i], adamBeta2), MulScalar(Square(grad), 1-adamBeta2))
		move := Div(MulScalar(Mul(m, correction1), rate), AddScalar(Sqrt(Mul(v, correction2)), adamEpsilon))
		newParams = append(newParams, Sub(params[i], move))
		newFirst, newSecond = append(newFirst, m), append(newSecond, v)
	}
	return newParams, newFirst, newSecond
}
