package siamese

import (
	"math"

	"github.com/go-siamese/lab/data/preprocess"
)

// The oracles: the same mathematics in float64 and in plain loops, with nothing shared with the graphs.

// oracleLayer is a dense layer: w [in][out], b [out].
type oracleLayer struct {
	w [][]float64
	b []float64
}

func oracleLayers(layers []Layer) []oracleLayer {
	out := make([]oracleLayer, len(layers))
	for i, l := range layers {
		for r := range l.In {
			out[i].w = append(out[i].w, widen(l.Weights[r*l.Out:(r+1)*l.Out]))
		}
		out[i].b = widen(l.Biases)
	}
	return out
}

func widen(values []float32) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(v)
	}
	return out
}

// oracleEncode returns the embedding of one scaled row. masks, where not nil, holds a factor for every unit of
// every layer: 0 where it is dropped.
func oracleEncode(x []float64, layers []oracleLayer, masks [][]float64) []float64 {
	for i, l := range layers {
		y := make([]float64, len(l.b))
		for o := range y {
			y[o] = l.b[o]
			for k, v := range x {
				y[o] += v * l.w[k][o]
			}
			y[o] = math.Max(0, y[o])
			if masks != nil {
				y[o] *= masks[i][o]
			}
		}
		x = y
	}
	return x
}

func oracleUnit(x []float64) []float64 {
	var squares float64
	for _, v := range x {
		squares += v * v
	}
	out := make([]float64, len(x))
	if squares == 0 {
		return out
	}
	for i, v := range x {
		out[i] = v / math.Sqrt(squares)
	}
	return out
}

func oracleCosine(a, b []float64) float64 {
	a, b = oracleUnit(a), oracleUnit(b)
	var sum float64
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// oracleScale returns a raw row as standardisation leaves it.
func oracleScale(row []float32, t *preprocess.Transform) []float64 {
	out := make([]float64, len(row))
	for i, v := range row {
		out[i] = (float64(v) - float64(t.Centre[i])) * float64(t.Factor[i])
	}
	return out
}

// oracleLoss is the mean squared error of the cosines of a batch of scaled rows [2B]. masks are by row.
func oracleLoss(x [][]float64, labels []float32, layers []oracleLayer, masks [][][]float64) float64 {
	b := len(labels)
	var sum float64
	for k, label := range labels {
		left, right := oracleEncode(x[k], layers, masks[k]), oracleEncode(x[b+k], layers, masks[b+k])
		d := oracleCosine(left, right) - float64(label)
		sum += d * d
	}
	return sum / float64(b)
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
func differences(layers []oracleLayer, f func() float64) [][]float64 {
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
		for _, row := range l.w {
			for o := range row {
				w = append(w, slope(&row[o]))
			}
		}
		for o := range l.b {
			b = append(b, slope(&l.b[o]))
		}
		out = append(out, w, b)
	}
	return out
}
