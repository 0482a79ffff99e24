package evaluate

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
)

// learner returns directions [k, d] of rows [n, k], whose classes are numbers below classes: the distance |L'(x - y)|
// is what it learns. Every class has a row.
type learner func(ctx context.Context, rows *mat.Dense, class []int, classes int) (*mat.Dense, error)

// learnt adds a distance that is learnt from the labelled training items, at unit length in a metricSpace. What cannot
// be learnt is a warning.
func (a *alternatives) learnt(ctx context.Context, name string, space *metricSpace, learn learner) error {
	of, err := a.distance(ctx, space, learn)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		a.warn(fmt.Sprintf("no %s: %v", name, err))
		return nil
	}
	return a.add(name, of)
}

// distance returns a learnt distance as unit vectors: of (L'(x - m), r) for the mean m of the training items, r² being
// four times the mean square of their L'(x - m). The cosine of two falls with their distance, as for
// [plda.Model.Embed], where the cosine of L'x alone would not.
func (a *alternatives) distance(ctx context.Context, space *metricSpace, learn learner) (embedding.Source, error) {
	z, class, classes, err := labelled(space.train, a.train)
	if err != nil {
		return nil, err
	}
	rows := wide(z)
	directions, err := learn(ctx, rows, class, classes)
	if err != nil {
		return nil, err
	}
	_, d := directions.Dims()
	mean := make([]float64, z.E)
	for i := range z.N {
		for k, v := range rows.RawRowView(i) {
			mean[k] += v / float64(z.N)
		}
	}
	along := func(z *embedding.Embeddings) *mat.Dense {
		rows := wide(z)
		for i := range z.N {
			for k := range mean {
				rows.RawRowView(i)[k] -= mean[k]
			}
		}
		var out mat.Dense
		out.Mul(rows, directions)
		return &out
	}
	var square float64
	for _, v := range along(z).RawMatrix().Data {
		square += v * v / float64(z.N)
	}
	r := math.Sqrt(4 * square)
	return func(ctx context.Context, f *data.Frame) (*embedding.Embeddings, error) {
		z, err := space.of(ctx, f)
		if err != nil {
			return nil, err
		}
		out := &embedding.Embeddings{Values: make([]float32, z.N*(d+1)), N: z.N, E: d + 1}
		rows := along(z)
		for i := range z.N {
			for k, v := range rows.RawRowView(i) {
				out.Row(i)[k] = float32(v)
			}
			out.Row(i)[d] = float32(r)
		}
		out.ToUnit()
		return out, nil
	}, nil
}

// labelled returns those of z, the items of a frame, that have a label, and their classes as numbers. Fewer than two
// classes are an error.
func labelled(z *embedding.Embeddings, f *data.Frame) (*embedding.Embeddings, []int, int, error) {
	names, labels := itemset.ClassNumbers(f)
	var items, class []int
	for i, label := range labels {
		if int(label) < len(names) { // beyond them are items without a label
			items, class = append(items, i), append(class, int(label))
		}
	}
	if len(names) < 2 {
		return nil, nil, 0, fmt.Errorf("the training items have %d class(es), and two are needed", len(names))
	}
	return z.Select(items), class, len(names), nil
}

// thinned returns a learner that sees most items at most, drawn by seed, of each class as many as of the others where
// it has so many. Of more classes than pairs fit in, it sees a part.
func thinned(learn learner, most int, seed uint64) learner {
	return func(ctx context.Context, rows *mat.Dense, class []int, classes int) (*mat.Dense, error) {
		n, k := rows.Dims()
		if n <= most {
			return learn(ctx, rows, class, classes)
		}
		each, count := max(2, most/classes), make([]int, classes)
		rng := rand.New(rand.NewPCG(seed, 0x7468696e))
		order := rng.Perm(n)
		number := make([]int, classes) // of a class among those that are seen; -1 = it is not
		for c := range number {
			number[c] = c
		}
		if seen := max(2, most/each); classes > seen {
			for k, c := range rng.Perm(classes) {
				if number[c] = k; k >= seen {
					number[c] = -1
				}
			}
			classes = seen
		}
		var kept, of []int
		for _, i := range order {
			if c := class[i]; number[c] >= 0 && count[c] < each {
				count[c]++
				kept, of = append(kept, i), append(of, number[c])
			}
		}
		few := mat.NewDense(len(kept), k, nil)
		for r, i := range kept {
			few.SetRow(r, rows.RawRowView(i))
		}
		return learn(ctx, few, of, classes)
	}
}
