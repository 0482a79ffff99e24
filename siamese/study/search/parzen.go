package search

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/siamese/study/space"
)

// parzen is a mixture with one component for each observed point and one for the whole space, the prior, whose
// components are independent in the settings. It is that of Optuna 5 (samplers/_tpe/parzen_estimator.py).
type parzen struct {
	weights []float64 // of the components, of sum 1; the prior's is the last
	of      []kernels // one for each setting
}

// kernels are the components of a mixture in one setting.
type kernels interface {
	// draw returns a value of component k.
	draw(k int, rng *rand.Rand) float64
	// log returns the logarithm of the density, or of the probability, of a value under component k.
	log(k int, value float64) float64
}

// newParzen returns the mixture of observed points, in the order in which they were tried. Older points count less
// where there are more than 25.
func newParzen(params []space.Param, observed []space.Point) *parzen {
	n := len(observed)
	weights := ramp(n)
	weights = append(weights, 1) // the prior's
	total := 0.
	for _, w := range weights {
		total += w
	}
	for i := range weights {
		weights[i] /= total
	}
	m := &parzen{weights: weights}
	for _, p := range params {
		values := make([]float64, n)
		for i, at := range observed {
			values[i] = at[p.Name]
		}
		if p.Kind == space.KindChoice {
			m.of = append(m.of, newChoices(len(p.Choices), values))
		} else {
			m.of = append(m.of, newNormals(p, values))
		}
	}
	return m
}

// ramp returns the weights of n points, the oldest first: 1 for the last 25, and rising from 1/n to 1 before them.
func ramp(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
		if old := n - 25; i < old {
			out[i] = 1 / float64(n)
			if old > 1 {
				out[i] += (1 - 1/float64(n)) * float64(i) / float64(old-1)
			}
		}
	}
	return out
}

// draw returns a point of the mixture, a value for each setting.
func (m *parzen) draw(rng *rand.Rand) []float64 {
	k, u := 0, rng.Float64()
	for k < len(m.weights)-1 && u >= m.weights[k] {
		u -= m.weights[k]
		k++
	}
	out := make([]float64, len(m.of))
	for i, of := range m.of {
		out[i] = of.draw(k, rng)
	}
	return out
}

// log returns the logarithm of the density at a point.
func (m *parzen) log(values []float64) float64 {
	terms := make([]float64, len(m.weights))
	for k, w := range m.weights {
		terms[k] = math.Log(w)
		for i, of := range m.of {
			terms[k] += of.log(k, values[i])
		}
	}
	most := slices.Max(terms)
	if math.IsInf(most, -1) {
		return most
	}
	sum := 0.
	for _, t := range terms {
		sum += math.Exp(t - most)
	}
	return math.Log(sum) + most
}

// choices are probabilities [component][choice].
type choices [][]float64

// newChoices returns, for each observed choice, a distribution that prefers it to the others, and an even one.
func newChoices(n int, observed []float64) choices {
	parts := float64(len(observed) + 1)
	out := make(choices, len(observed)+1)
	for k := range out {
		out[k] = make([]float64, n)
		total := float64(n) / parts
		if k < len(observed) {
			total++
		}
		for j := range out[k] {
			out[k][j] = 1 / parts / total
			if k < len(observed) && int(observed[k]) == j {
				out[k][j] = (1/parts + 1) / total
			}
		}
	}
	return out
}

func (c choices) draw(k int, rng *rand.Rand) float64 {
	u := rng.Float64()
	for j, p := range c[k] {
		if u < p {
			return float64(j)
		}
		u -= p
	}
	return float64(len(c[k]) - 1)
}

func (c choices) log(k int, value float64) float64 { return math.Log(c[k][int(value)]) }

// normals are normal distributions cut off at the ends of a range, on its even scale. Whole numbers have the mass from
// half below to half above.
type normals struct {
	p         space.Param
	low, high float64 // on the even scale, as [space.Param.Ends]
	mean, sd  []float64
	mass      []float64 // logarithm of the mass within the ends
}

func newNormals(p space.Param, observed []float64) *normals {
	n := &normals{p: p}
	n.low, n.high = p.Ends()
	for _, v := range observed {
		if p.Log {
			v = math.Log(v)
		}
		n.mean = append(n.mean, v)
	}
	n.sd = widths(n.mean, n.low, n.high)
	n.mean, n.sd = append(n.mean, (n.low+n.high)/2), append(n.sd, n.high-n.low)
	for k := range n.mean {
		n.mass = append(n.mass, logMass((n.low-n.mean[k])/n.sd[k], (n.high-n.mean[k])/n.sd[k]))
	}
	return n
}

// widths returns the standard deviation for every mean: the larger of the distances to its neighbours, the first and
// the last to their one neighbour, within limits that depend on how many there are.
func widths(means []float64, low, high float64) []float64 {
	order := make([]int, len(means))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case means[a] < means[b]:
			return -1
		case means[a] > means[b]:
			return 1
		}
		return 0
	})
	out := make([]float64, len(means))
	least := (high - low) / min(100, float64(len(means)+2))
	for i, k := range order {
		before, after := low, high
		if i > 0 {
			before = means[order[i-1]]
		}
		if i < len(order)-1 {
			after = means[order[i+1]]
		}
		sd := max(means[k]-before, after-means[k])
		if len(means) > 1 { // the ends of the range are no neighbours
			switch i {
			case 0:
				sd = after - means[k]
			case len(order) - 1:
				sd = means[k] - before
			}
		}
		out[k] = min(max(sd, least), high-low)
	}
	return out
}

func (n *normals) draw(k int, rng *rand.Rand) float64 {
	// By the inverse of the distribution function; means are within the ends, so that neither tail is far.
	a, b := cdf((n.low-n.mean[k])/n.sd[k]), cdf((n.high-n.mean[k])/n.sd[k])
	x := n.mean[k] + n.sd[k]*quantile(a+rng.Float64()*(b-a))
	x = min(max(x, n.low), n.high)
	return unscaled(n.p, x)
}

func (n *normals) log(k int, value float64) float64 {
	if n.p.Kind == space.KindInt {
		low, high := value-.5, value+.5
		if n.p.Log {
			low, high = math.Log(low), math.Log(high)
		}
		return logMass((low-n.mean[k])/n.sd[k], (high-n.mean[k])/n.sd[k]) - n.mass[k]
	}
	if n.p.Log {
		value = math.Log(value)
	}
	z := (value - n.mean[k]) / n.sd[k]
	return -z*z/2 - math.Log(math.Sqrt(2*math.Pi)*n.sd[k]) - n.mass[k]
}
