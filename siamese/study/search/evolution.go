package search

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// evolution is the normal distribution of CMA-ES in the unit cube of d dimensions, with the names and the equations
// (by number) of Hansen 2016, negative weights included. gonum's form of it runs its own loop and knows no bounds.
type evolution struct {
	d                    int
	weights              []float64
	mu                   int
	muEff                float64
	cSigma, dSigma       float64
	cc, c1, cMu          float64
	chi                  float64 // mean length of a standard normal vector
	mean, pSigma, pC     []float64
	sigma                float64
	covariance           *mat.SymDense
	directions           *mat.Dense // eigenvectors of the covariance, and the roots of its eigenvalues
	roots                []float64
	generation, resample int
}

// newEvolution returns the distribution of the first generation.
func newEvolution(d, size int, sigma float64) *evolution {
	e := &evolution{d: d, mu: size / 2, sigma: sigma, resample: 100}
	n := float64(d)
	prime := make([]float64, size)
	for i := range prime {
		prime[i] = math.Log((float64(size)+1)/2) - math.Log(float64(i)+1)
	}
	effective := func(w []float64) float64 { return floats.Sum(w) * floats.Sum(w) / floats.Dot(w, w) }
	e.muEff = effective(prime[:e.mu])
	muMinus := effective(prime[e.mu:])
	e.c1 = 2 / ((n+1.3)*(n+1.3) + e.muEff)
	e.cMu = min(1-e.c1-1e-8, 2*(e.muEff-2+1/e.muEff)/((n+2)*(n+2)+e.muEff))
	alpha := min(1+e.c1/e.cMu, 1+2*muMinus/(e.muEff+2), (1-e.c1-e.cMu)/(n*e.cMu)) // (50) to (52)
	var plus, minus float64
	for _, w := range prime {
		plus, minus = plus+max(w, 0), minus+max(-w, 0)
	}
	for _, w := range prime {
		if w >= 0 {
			e.weights = append(e.weights, w/plus)
		} else {
			e.weights = append(e.weights, alpha*w/minus)
		}
	}
	e.cSigma = (e.muEff + 2) / (n + e.muEff + 5)
	e.dSigma = 1 + 2*max(0, math.Sqrt((e.muEff-1)/(n+1))-1) + e.cSigma
	e.cc = (4 + e.muEff/n) / (n + 4 + 2*e.muEff/n)
	e.chi = math.Sqrt(n) * (1 - 1/(4*n) + 1/(21*n*n))
	e.mean, e.pSigma, e.pC = make([]float64, d), make([]float64, d), make([]float64, d)
	e.covariance = mat.NewSymDense(d, nil)
	for i := range d {
		e.mean[i] = .5
		e.covariance.SetSym(i, i, 1)
	}
	e.decompose()
	return e
}

// decompose sets the directions and roots of the covariance. Eigenvalues that rounding made negative are a little
// above 0.
func (e *evolution) decompose() bool {
	var eigen mat.EigenSym
	if !eigen.Factorize(e.covariance, true) {
		return false
	}
	e.directions = new(mat.Dense)
	eigen.VectorsTo(e.directions)
	e.roots = eigen.Values(nil)
	for i, v := range e.roots {
		e.roots[i] = math.Sqrt(cmp.Or(max(v, 0), 1e-8))
	}
	return true
}

// draw returns a point within the cube: the first of up to 100 draws that is, else the nearest to the last one.
func (e *evolution) draw(rng *rand.Rand) []float64 {
	z, x := make([]float64, e.d), make([]float64, e.d)
	for range e.resample {
		for i := range z {
			z[i] = rng.NormFloat64()
		}
		x = e.place(z)
		if !slices.ContainsFunc(x, func(v float64) bool { return v < 0 || v > 1 }) {
			return x
		}
	}
	for i := range x {
		x[i] = min(max(x[i], 0), 1)
	}
	return x
}

// place returns the point of a standard normal vector.
func (e *evolution) place(z []float64) []float64 {
	x := slices.Clone(e.mean)
	for i := range x {
		for j, root := range e.roots {
			x[i] += e.sigma * e.directions.At(i, j) * root * z[j]
		}
	}
	return x
}

// whiten returns C^(-1/2) y.
func (e *evolution) whiten(y []float64) []float64 {
	out := make([]float64, e.d)
	for j, root := range e.roots {
		along := 0.
		for i, v := range y {
			along += e.directions.At(i, j) * v
		}
		for i := range out {
			out[i] += e.directions.At(i, j) * along / root
		}
	}
	return out
}

// learn moves the distribution by a generation's points and their losses; lower is better, and of equal ones the first.
func (e *evolution) learn(points [][]float64, losses []float64) error {
	e.generation++
	order := make([]int, len(points))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(losses[a], losses[b]) })
	steps := make([][]float64, len(points)) // y, in order
	mean := make([]float64, e.d)            // y_w (41)
	for k, i := range order {
		steps[k] = make([]float64, e.d)
		for j, v := range points[i] {
			steps[k][j] = (v - e.mean[j]) / e.sigma
		}
		if k < e.mu {
			floats.AddScaled(mean, e.weights[k], steps[k])
		}
	}
	white := e.whiten(mean)
	floats.AddScaled(e.mean, e.sigma, mean)
	floats.Scale(1-e.cSigma, e.pSigma)
	floats.AddScaled(e.pSigma, math.Sqrt(e.cSigma*(2-e.cSigma)*e.muEff), white) // (43)
	length := floats.Norm(e.pSigma, 2)
	h := 0.
	if length/math.Sqrt(1-math.Pow(1-e.cSigma, 2*float64(e.generation+1))) < (1.4+2/(float64(e.d)+1))*e.chi {
		h = 1
	}
	floats.Scale(1-e.cc, e.pC)
	floats.AddScaled(e.pC, h*math.Sqrt(e.cc*(2-e.cc)*e.muEff), mean) // (45)
	// (46) and (47); the old covariance whitens the steps of negative weight.
	next := mat.NewSymDense(e.d, nil)
	next.ScaleSym(1+e.c1*(1-h)*e.cc*(2-e.cc)-e.c1-e.cMu*floats.Sum(e.weights), e.covariance)
	next.SymRankOne(next, e.c1, mat.NewVecDense(e.d, slices.Clone(e.pC)))
	for k, y := range steps {
		w := e.weights[k]
		if w < 0 {
			l := floats.Norm(e.whiten(y), 2)
			w *= float64(e.d) / (l*l + 1e-8)
		}
		next.SymRankOne(next, e.cMu*w, mat.NewVecDense(e.d, y))
	}
	e.sigma *= math.Exp(e.cSigma / e.dSigma * (length/e.chi - 1)) // (44)
	e.covariance = next
	if math.IsNaN(e.sigma) || e.sigma < 1e-12 || math.IsInf(e.sigma, 0) || !e.decompose() {
		return errors.Join(ErrExhausted, errors.New("cmaes: its distribution has no width any more"))
	}
	return nil
}
