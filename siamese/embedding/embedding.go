// Package embedding holds the embeddings of items, their cosines and the nearest neighbours of queries.
//
// [Embeddings] come from a model (siamese.Model.Embed) or, for comparison, from features without training
// ([Transformed]). [Embeddings.Cosine] compares two items, [ScoreAll] all of two sets, and [Nearest] searches exactly,
// by comparing every query with every reference. An index that is kept, saved and filtered is in package search.
package embedding

import (
	"fmt"
	"math"
)

// Select returns a copy of the embeddings of the given items, in that order, without Zero and Unseen. It panics if an
// item is out of range.
func (e *Embeddings) Select(items []int) *Embeddings {
	out := &Embeddings{N: len(items), E: e.E, Values: make([]float32, 0, len(items)*e.E)}
	for _, i := range items {
		out.Values = append(out.Values, e.Row(i)...)
	}
	return out
}

// Pick returns the values of the given items, in that order: of labels, ids and other lists beside embeddings. It
// panics if an item is out of range.
func Pick[T any](all []T, items []int) []T {
	out := make([]T, len(items))
	for k, i := range items {
		out[k] = all[i]
	}
	return out
}

// Embeddings are the embeddings of N items, each of unit length, so that a dot product is a cosine, or zero.
type Embeddings struct {
	Values []float32 // [N, E], row by row
	N, E   int
	// Zero lists the items whose embedding is the zero vector: their cosine with anything is 0, which means
	// "unknown" rather than "different". More than a few are a sign of a collapsed encoder.
	Zero []int
	// Unseen lists the domains of items, by name, that no training item had.
	Unseen []string
	// Unchecked says that it is not known how the features were made, while the model knows how its own were: whether
	// they mean the same could not be checked.
	Unchecked bool
}

// Row returns the embedding of item i, shape [E]. It shares memory with e.
func (e *Embeddings) Row(i int) []float32 { return e.Values[i*e.E : (i+1)*e.E : (i+1)*e.E] }

// Cosine returns the similarity of items i and j, in [-1, 1]; 0 when either embedding is zero. It sums in float64, and
// may differ from [ScoreAll] by rounding.
func (e *Embeddings) Cosine(i, j int) float64 {
	return Cosine(e.Row(i), e.Row(j))
}

// Cosine returns the similarity of two embeddings of unit length, in [-1, 1] whatever the rounding; 0 when either is
// zero.
func Cosine(a, b []float32) float64 { return max(-1, min(1, Dot(a, b))) }

// Cosines returns the cosines of pairs of rows, [B]: to the bit what [Embeddings.Cosine] returns for each, in less than
// half the time. left and right have the same length. It panics if a row is out of range.
func (e *Embeddings) Cosines(left, right []int32) []float64 {
	out := make([]float64, len(left))
	right = right[:len(left)]
	k := 0
	// Every addition waits for the one before it: four sums at a time take hardly longer than one.
	for ; k+4 <= len(left); k += 4 {
		i, j := left[k:k+4], right[k:k+4]
		a0, a1, a2, a3 := e.Row(int(i[0])), e.Row(int(i[1])), e.Row(int(i[2])), e.Row(int(i[3]))
		b0, b1, b2, b3 := e.Row(int(j[0])), e.Row(int(j[1])), e.Row(int(j[2])), e.Row(int(j[3]))
		a1, a2, a3 = a1[:len(a0)], a2[:len(a0)], a3[:len(a0)]
		b0, b1, b2, b3 = b0[:len(a0)], b1[:len(a0)], b2[:len(a0)], b3[:len(a0)]
		var s0, s1, s2, s3 float64
		for m := range a0 {
			s0 += float64(a0[m]) * float64(b0[m])
			s1 += float64(a1[m]) * float64(b1[m])
			s2 += float64(a2[m]) * float64(b2[m])
			s3 += float64(a3[m]) * float64(b3[m])
		}
		for m, s := range [...]float64{s0, s1, s2, s3} {
			out[k+m] = max(-1, min(1, s))
		}
	}
	for ; k < len(left); k++ {
		out[k] = e.Cosine(int(left[k]), int(right[k]))
	}
	return out
}

// ToUnit scales every row to unit length, in place, and appends the zero rows to Zero. Call it once.
func (e *Embeddings) ToUnit() {
	for i := range e.N {
		if !toUnit(e.Row(i)) {
			e.Zero = append(e.Zero, i)
		}
	}
}

// toUnit scales a row to unit length; false = it is zero.
func toUnit(row []float32) bool {
	norm := math.Sqrt(Dot(row, row))
	if norm == 0 {
		return false
	}
	for k := range row {
		row[k] = float32(float64(row[k]) / norm)
	}
	return true
}

// Size returns N and E.
func (e *Embeddings) Size() (n, width int) { return e.N, e.E }

// Read fills to with the embeddings of items from the given one on, as many as it has room for.
func (e *Embeddings) Read(to []float32, from int) error {
	copy(to, e.Values[from*e.E:][:len(to)])
	return nil
}

// Warnings describes degenerate embeddings and unseen domains; nil = none.
func (e *Embeddings) Warnings() []string {
	var warnings []string
	if len(e.Zero) > 0 {
		warnings = append(warnings,
			fmt.Sprintf("%d of %d items have a zero embedding (first: item %d): their cosine with anything is 0",
				len(e.Zero), e.N, e.Zero[0]))
	}
	if len(e.Unseen) > 0 {
		warnings = append(warnings, fmt.Sprintf("no training item was of domain %q: the model was not tested there",
			e.Unseen))
	}
	if e.Unchecked {
		warnings = append(warnings,
			"the table does not say how its features were made, so it was not checked that they "+
				"were made as the model's were: Parquet, Arrow and NPZ files of this lab say it, CSV and NPY files cannot")
	}
	return warnings
}

// Magnitude returns the sum of the absolute values of row: 0 where all are, NaN where one is NaN. It finds zero rows
// and NaN in one pass, and unlike a sum of squares it does not underflow.
func Magnitude(row []float32) float32 {
	const sign = 1 << 31
	var even, odd float32 // independent sums run in parallel
	for ; len(row) >= 2; row = row[2:] {
		even += math.Float32frombits(math.Float32bits(row[0]) &^ sign)
		odd += math.Float32frombits(math.Float32bits(row[1]) &^ sign)
	}
	for _, v := range row {
		even += math.Float32frombits(math.Float32bits(v) &^ sign)
	}
	return even + odd
}

// Dot returns the dot product of two rows of one length, summed in float64. It panics if b is shorter than a.
func Dot(a, b []float32) float64 {
	var sum float64
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}
