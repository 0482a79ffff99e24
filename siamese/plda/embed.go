package plda

import (
	"math"

	"github.com/go-siamese/lab/siamese/embedding"
)

// sphere is the square of the number that Embed adds to every row, in units of the rows' expected squared length: the
// larger, the closer cosines follow distances, and the less of float32 is left for them. On components of the built-in
// images MAP@R of held-out classes hardly changed from 4 on.
const sphere = 4

// Embed returns unit vectors [N, K+1] whose cosine can stand for the score where only cosines are compared:
//
//	(√p u, r) at unit length, r² = 4 E|√p u|²
//
// The cosine falls with the distance |√p (u - v)|. The score is -½|√p (u - v)|² + g(u) + g(v) + constant with
// g(u) = Σ_d p_d/(2(1+ψ_d)) u_d², so that what is lost is g, by which items far from the mean score higher with all
// others, and, because r is finite, a little of the distance. Errors are those of Scores.
func (m *Model) Embed(z *embedding.Embeddings) (*embedding.Embeddings, error) {
	u, err := m.coordinates(z)
	if err != nil {
		return nil, err
	}
	t, k := m.terms(), m.K()
	var expected float64
	for d, v := range m.Between {
		expected += t.product[d] * (1 + v)
	}
	out := &embedding.Embeddings{Values: make([]float32, z.N*(k+1)), N: z.N, E: k + 1, Unseen: z.Unseen,
		Unchecked: z.Unchecked}
	for i := range z.N {
		row, square := out.Row(i), sphere*expected
		for d, v := range u.Data[i*k : (i+1)*k] {
			square += t.product[d] * v * v
		}
		if square == 0 { // no variance between classes: nothing tells items apart
			continue
		}
		for d, v := range u.Data[i*k : (i+1)*k] {
			row[d] = float32(math.Sqrt(t.product[d]/square) * v)
		}
		row[k] = float32(math.Sqrt(sphere * expected / square))
	}
	for i := range z.N {
		if embedding.Magnitude(out.Row(i)) == 0 {
			out.Zero = append(out.Zero, i)
		}
	}
	return out, nil
}
