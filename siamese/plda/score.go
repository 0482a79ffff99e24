package plda

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/go-siamese/lab/siamese/embedding"
)

// terms are the weights of a score. Along an axis of variance ψ between classes, the coordinates u and v of a pair have
// the covariance [1+ψ, ψ; ψ, 1+ψ] if they are of one class and (1+ψ) I if they are not, so that
//
//	log p(u, v | same) - log p(u, v | different) = p u v + (q/2)(u² + v²) + log(1+ψ) - log(1+2ψ)/2
//	p = ψ/(1+2ψ), q = -ψ²/((1+ψ)(1+2ψ))
//
// That is the score of SpeechBrain's fast_PLDA_scoring (its Ψ and Φ, diagonal here) and of Kaldi's
// Plda::LogLikelihoodRatio for one enrolled vector, without Kaldi's normalisation of lengths.
type terms struct {
	product, own []float64 // [K], p and q/2
	constant     float64   // sum of the logarithms
}

// terms returns the weights of the model's scores.
func (m *Model) terms() terms {
	t := terms{product: make([]float64, m.K()), own: make([]float64, m.K())}
	for d, v := range m.Between {
		t.product[d] = v / (1 + 2*v)
		t.own[d] = -v * v / (2 * (1 + v) * (1 + 2*v))
		t.constant += math.Log1p(v) - math.Log1p(2*v)/2
	}
	return t
}

// coordinates returns the coordinates [N, K] of the rows of z. Another width and values that are not finite are errors.
func (m *Model) coordinates(z *embedding.Embeddings) (blas64.General, error) {
	k := m.K()
	if z.E != k {
		return blas64.General{}, fmt.Errorf("plda: rows of %d numbers, and the model is of %d: give them the same "+
			"preprocessing", z.E, k)
	}
	rows := blas64.General{Rows: z.N, Cols: k, Stride: k, Data: make([]float64, z.N*k)}
	out := blas64.General{Rows: z.N, Cols: k, Stride: k, Data: make([]float64, z.N*k)}
	if z.N == 0 {
		return out, nil
	}
	for i := range z.N {
		for j, v := range z.Row(i) {
			if notFinite(float64(v)) {
				return out, fmt.Errorf("plda: number %d of item %d is %v", j, i, v)
			}
			rows.Data[i*k+j] = float64(v) - m.Mean[j]
		}
	}
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, rows, blas64.General{Rows: k, Cols: k, Stride: k, Data: m.Axes}, 0, out)
	return out, nil
}

// Score returns the log-likelihood ratio (natural logarithm) of two rows [K] each: above 0 where one class is more
// probable than two at equal odds. It is symmetric. It panics if a row is not K wide.
func (m *Model) Score(x, y []float32) float64 {
	if len(x) != m.K() || len(y) != m.K() {
		panic(fmt.Sprintf("plda: rows of %d and %d numbers for a model of %d", len(x), len(y), m.K()))
	}
	t := m.terms()
	sum := t.constant
	for d := range m.Between {
		var u, v float64
		for j, mean := range m.Mean {
			axis := m.Axes[j*m.K()+d]
			u += axis * (float64(x[j]) - mean)
			v += axis * (float64(y[j]) - mean)
		}
		sum += t.product[d]*u*v + t.own[d]*(u*u+v*v)
	}
	return sum
}

// Scores returns the log-likelihood ratios [a.N, b.N], row by row, of every item of a with every item of b. It is one
// matrix product in float64 and takes 8 a.N b.N bytes: score many queries in blocks. Rows that are not K wide or not
// finite are errors.
func (m *Model) Scores(a, b *embedding.Embeddings) ([]float64, error) {
	left, err := m.Queries(a)
	if err != nil {
		return nil, err
	}
	right, err := m.Gallery(b)
	if err != nil {
		return nil, err
	}
	out := make([]float64, a.N*b.N)
	if len(out) == 0 {
		return out, nil
	}
	w := m.Width()
	blas64.Gemm(blas.NoTrans, blas.Trans, 1,
		blas64.General{Rows: a.N, Cols: w, Stride: w, Data: left}, blas64.General{Rows: b.N, Cols: w, Stride: w, Data: right},
		0, blas64.General{Rows: a.N, Cols: b.N, Stride: b.N, Data: out})
	return out, nil
}

// Width returns the number of numbers of a row of Queries and Gallery: K + 2.
func (m *Model) Width() int { return m.K() + 2 }

// Queries returns rows [N, Width] whose inner product with a row of Gallery is the log-likelihood ratio of the two
// items: with coordinates u and s(u) = Σ_d q_d/2 u_d² + half of the constant,
//
//	query (√p u, s(u), 1), gallery (√p v, 1, s(v))
//
// so that any index of inner products serves. Errors are those of Scores. The inner product of a row with itself is the
// item's score with itself, and not 1; s(u) is the same for all items of a gallery and does not change their order.
func (m *Model) Queries(z *embedding.Embeddings) ([]float64, error) { return m.side(z, 0) }

// Gallery returns the other side of Queries.
func (m *Model) Gallery(z *embedding.Embeddings) ([]float64, error) { return m.side(z, 1) }

// side returns the rows of one side, the place of s among the last two numbers being at.
func (m *Model) side(z *embedding.Embeddings, at int) ([]float64, error) {
	u, err := m.coordinates(z)
	if err != nil {
		return nil, err
	}
	t, k, w := m.terms(), m.K(), m.Width()
	out := make([]float64, z.N*w)
	for i := range z.N {
		row := out[i*w : (i+1)*w]
		own := t.constant / 2
		for d, v := range u.Data[i*k : (i+1)*k] {
			row[d] = math.Sqrt(t.product[d]) * v
			own += t.own[d] * v * v
		}
		row[k+at], row[k+1-at] = own, 1
	}
	return out, nil
}
