package plda

import (
	"fmt"
	"math"

	"github.com/go-siamese/lab/siamese/embedding"
)

// movedSphere is sphere for Project. Of 0, .5, 1, 4 and 16 it had the best ROC-AUC on held-out training classes of the
// built-in images, at the MAP@R of 4.
const movedSphere = 1

// Projection is what makes unit vectors of a model's rows, as [Model.Project] has them: plain numbers, for programs that
// compute it elsewhere, such as a graph. Of a row x [K] that is not zero it makes
//
//	v = (x - Mean) Turn, (v / √(Σ_d Length_d v_d²), Radius) at unit length
//
// and of a zero row, which says nothing, the zero vector [K+1].
type Projection struct {
	Mean   []float64 // [K]
	Turn   []float64 // [K, K], row by row
	Length []float64 // [K], above 0
	Radius float64   // 0 where the model has no variance between classes: then all vectors are zero
}

// String returns the size.
func (p Projection) String() string {
	return fmt.Sprintf("projection of %d numbers by PLDA", len(p.Mean))
}

// Projection returns the model's. It panics on a model that is not valid.
func (m *Model) Projection() Projection {
	t, k := m.terms(), m.K()
	var sum, expected float64
	for d, v := range m.Between {
		sum += t.product[d]
		expected += t.product[d] * (1 + v)
	}
	p := Projection{Mean: append([]float64(nil), m.Mean...), Turn: make([]float64, k*k), Length: make([]float64, k),
		Radius: math.Sqrt(movedSphere * expected)}
	for d, v := range m.Between {
		p.Length[d] = 1 / (1 + v)
		if sum > 0 {
			p.Length[d] /= sum
		}
		for j := range k {
			p.Turn[j*k+d] = m.Axes[j*k+d] * math.Sqrt(t.product[d])
		}
	}
	return p
}

// Project returns unit vectors [N, K+1] whose cosine stands for the score wherever cosines are compared: thresholds,
// probabilities, indexes, averages of neighbours. Their numbers are those of [Model.Projection]. Zero rows of z stay
// zero, as embeddings of which nothing is known.
//
// With coordinates u, g(u) = Σ_d p_d/(2(1+ψ_d)) u_d² and the terms p_d = ψ_d/(1+2ψ_d) the score of two items is
//
//	-½|√p (u - v)|² + g(u) + g(v) + constant
//
// An item far from the mean, with a large g, thus scores higher with all others. Here every item is first moved along
// its line through the mean to where g has its expected value ½ Σ p, as Garcia-Romero and Espy-Wilson (2011) and Kaldi
// normalise lengths; then the score is a constant minus half a squared distance, and the cosine of the vectors (√p u, r)
// falls with that distance. r² is the expected |√p u|². On held-out classes these cosines rank items as well as the
// scores do, see siamese/testdata/plda. Errors are those of Scores.
func (m *Model) Project(z *embedding.Embeddings) (*embedding.Embeddings, error) {
	u, err := m.coordinates(z)
	if err != nil {
		return nil, err
	}
	t, p, k := m.terms(), m.Projection(), m.K()
	out := &embedding.Embeddings{Values: make([]float32, z.N*(k+1)), N: z.N, E: k + 1, Unseen: z.Unseen,
		Unchecked: z.Unchecked}
	for i := range z.N {
		if p.Radius == 0 || embedding.Magnitude(z.Row(i)) == 0 {
			out.Zero = append(out.Zero, i)
			continue
		}
		var length, square float64
		for d, v := range u.Data[i*k : (i+1)*k] {
			length += p.Length[d] * t.product[d] * v * v
			square += t.product[d] * v * v
		}
		moved := 0. // of an item at the mean
		if length > 0 {
			moved = 1 / math.Sqrt(length)
		}
		norm := math.Sqrt(moved*moved*square + p.Radius*p.Radius)
		row := out.Row(i)
		for d, v := range u.Data[i*k : (i+1)*k] {
			row[d] = float32(math.Sqrt(t.product[d]) * v * moved / norm)
		}
		row[k] = float32(p.Radius / norm)
	}
	return out, nil
}
