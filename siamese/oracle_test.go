package siamese

import (
	"math"

	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// The oracles: the same mathematics in float64 and in plain loops, with nothing shared with the graphs.

// oracleScale returns a raw row as standardisation leaves it.
func oracleScale(row []float32, t *preprocess.Transform) []float64 {
	out := make([]float64, len(row))
	for i, v := range row {
		out[i] = (float64(v) - float64(t.Centre[i])) * float64(t.Factor[i])
	}
	return out
}

// oracleLoss is the mean squared error of the cosines of a batch of scaled rows [2B], and of those of the first nested
// numbers. masks are by row.
func oracleLoss(x [][]float64, labels []float32, layers []labtest.OracleLayer, masks [][][]float64,
	nested ...int) float64 {
	b := len(labels)
	var sum float64
	for k, label := range labels {
		left, right := labtest.OracleEncode(x[k], layers, masks[k]), labtest.OracleEncode(x[b+k], layers, masks[b+k])
		for _, width := range append([]int{len(left)}, nested...) {
			d := labtest.OracleCosine(left[:width], right[:width]) - float64(label)
			sum += d * d
		}
	}
	return sum / float64(b*(1+len(nested)))
}

// oracleAdam is Adam for one number (Kingma and Ba 2015, algorithm 1).
type oracleAdam struct{ m, v float64 }

func (a *oracleAdam) move(p, grad, rate float64, step int) float64 {
	a.m = 0.9*a.m + 0.1*grad
	a.v = 0.999*a.v + 0.001*grad*grad
	m := a.m / (1 - math.Pow(0.9, float64(step)))
	v := a.v / (1 - math.Pow(0.999, float64(step)))
	return p - rate*m/(math.Sqrt(v)+1e-7)
}

// differences returns the gradient of f over parameters by central differences, in the order of the stepper's
// state: weights and biases of every layer in turn.
func differences(layers []labtest.OracleLayer, f func() float64) [][]float64 {
	const h = 1e-5
	slope := func(p *float64) float64 {
		at := *p
		*p = at + h
		up := f()
		*p = at - h
		down := f()
		*p = at
		return (up - down) / (2 * h)
	}
	var out [][]float64
	for _, l := range layers {
		var w, b []float64
		for _, row := range l.W {
			for o := range row {
				w = append(w, slope(&row[o]))
			}
		}
		for o := range l.B {
			b = append(b, slope(&l.B[o]))
		}
		out = append(out, w, b)
	}
	return out
}
