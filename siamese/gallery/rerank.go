package gallery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
)

// Defaults of [RerankOptions]: the paper's K2, and the Lambda that was best on classes held out of training
// (siamese/testdata/gallery), where the paper has 0.3.
const (
	DefaultK2     = 6
	DefaultLambda = 0.1
)

// DefaultK1 returns the K1 for a gallery of n items of which nobody knows how many are of a class: n/25, but 20, the
// paper's, or more and 80 or less. siamese/testdata/gallery measures it.
func DefaultK1(n int) int { return max(20, min(n/25, 80)) }

// RerankOptions says how items are re-ranked, in the letters of the paper. The zero value is usable: its fields have
// defaults.
type RerankOptions struct {
	// K1 is how many nearest items of each are looked at for neighbours of both sides; 0 = DefaultK1 of the gallery's
	// size. About as many as a class has in the gallery are best (siamese/testdata/gallery); many more draw in other
	// classes.
	K1 int
	K2 int // items, itself the first, whose neighbourhoods are averaged; 1 = none are; 0 = DefaultK2
	// Lambda is the share of the cosine in the similarity, in (0, 1]; the rest is that of neighbourhoods. 0 =
	// DefaultLambda.
	Lambda float64
}

// Validate returns all that is wrong with the options, joined, or nil. Errors name the fields.
func (o RerankOptions) Validate() error {
	var k1, k2, lambda error
	if o.K1 < 0 {
		k1 = option.Errorf("K1", "%d is less than 0", o.K1)
	}
	if o.K2 < 0 {
		k2 = option.Errorf("K2", "%d is less than 0", o.K2)
	}
	if !(o.Lambda >= 0 && o.Lambda <= 1) { // NaN is no share either
		lambda = option.Errorf("Lambda", "%v is not a share in (0, 1], or 0 for the default", o.Lambda)
	}
	return errors.Join(k1, k2, lambda)
}

// withDefaults returns valid options with their defaults for a gallery of n items.
func (o RerankOptions) withDefaults(n int) RerankOptions {
	const most = 1 << 30 // more items than fit in memory
	return RerankOptions{min(cmp.Or(o.K1, DefaultK1(n)), most), min(cmp.Or(o.K2, DefaultK2), most),
		cmp.Or(o.Lambda, DefaultLambda)}
}

// Reranker re-ranks what is found in a gallery by k-reciprocal encoding (Zhong, Zheng, Cao and Li 2017, "Re-ranking
// person re-identification with k-reciprocal encoding"). Items are neighbours where each is among the K1 nearest of the
// other; an item is encoded as its neighbours and theirs (where two thirds agree), weighted by e^-(1-cosine), in sum 1,
// and averaged over its K2 nearest. Two items are as similar as
//
//	Lambda · cosine + (1 - Lambda) · J, J = Σ min(v_i, v_j) / Σ max(v_i, v_j)
//
// which is symmetric, 1 for an item and itself and -Lambda or more. It is 1 less the distance of the authors' code,
// which is followed where the paper leaves something open, with 1 - cosine as the distance; that is not divided by the
// largest distance of an item, which would depend on what is farthest from it.
//
// A zero embedding is close to nothing, and its similarity with all is 0. Ties go to the item with the lower number.
// Results are the same bits on any number of cores. [NewReranker] makes a Reranker; several goroutines may use it.
type Reranker struct {
	z       *embedding.Embeddings
	opt     RerankOptions // with its defaults
	nearest [][]near      // by item: itself, then its K1 nearest, the most similar first
	zeros   int           // items with a zero embedding
}

// String returns the settings and the number of items.
func (r *Reranker) String() string {
	return fmt.Sprintf("re-ranking of %s, K1 %d, K2 %d, Lambda %g", quote.Count(r.z.N, "item"), r.opt.K1, r.opt.K2,
		r.opt.Lambda)
}

// near is an item close to another one.
type near struct {
	item   int32
	cosine float64
}

// closer orders by falling cosine, ties by number.
func closer(a, b near) int {
	return cmp.Or(cmp.Compare(b.cosine, a.cosine), cmp.Compare(a.item, b.item))
}

// NewReranker returns the Reranker of a gallery [N, E], after one pass over all pairs, O(N² E). It keeps z, which must
// not be changed, and 16 bytes for each of the K1 neighbours of an item. Options that are not valid, values that are not
// finite (the error names the item) and a cancelled ctx are errors.
func NewReranker(ctx context.Context, z *embedding.Embeddings, opt RerankOptions) (*Reranker, error) {
	if err := opt.Validate(); err != nil {
		return nil, fmt.Errorf("gallery: %w", err)
	}
	if err := finite("gallery", z); err != nil {
		return nil, err
	}
	r := &Reranker{z: z, opt: opt.withDefaults(z.N), nearest: make([][]near, z.N)}
	among, numbers := z, []int32(nil)
	for i := range z.N {
		r.nearest[i] = []near{{int32(i), 1}}
		if embedding.Magnitude(z.Row(i)) != 0 {
			numbers = append(numbers, int32(i))
		}
	}
	// A zero embedding has a cosine of 0 with all, which is more than many have.
	if r.zeros = z.N - len(numbers); r.zeros > 0 {
		items := make([]int, len(numbers))
		for k, i := range numbers {
			items[k] = int(i)
		}
		among = z.Select(items)
	}
	return r, r.search(ctx, among, numbers)
}

// spare is how many more neighbours are searched than are kept: a search rounds to float32, and they are sorted by
// cosines in float64, which copies of an item share to the bit.
const spare = 8

// search fills in the nearest of the items among, whose numbers in the gallery are given.
func (r *Reranker) search(ctx context.Context, among *embedding.Embeddings, numbers []int32) error {
	k := min(r.opt.K1, among.N) + 1 + spare
	for from := 0; from < among.N; from += block {
		to := min(among.N, from+block)
		part := &embedding.Embeddings{Values: among.Values[from*among.E : to*among.E], N: to - from, E: among.E}
		found, err := embedding.Nearest(part, among, k, false)
		if err != nil {
			return fmt.Errorf("gallery: %w", err)
		}
		err = parallel.Each(ctx, to-from, 0, func(_, i int) error {
			own := numbers[from+i]
			list := make([]near, 0, len(found[i]))
			for _, n := range found[i] {
				if item := numbers[n.Item]; item != own {
					list = append(list, near{item, embedding.Dot(part.Row(i), among.Row(n.Item))})
				}
			}
			slices.SortFunc(list, closer)
			list = list[:min(len(list), r.opt.K1)]
			r.nearest[own] = slices.Clip(append(r.nearest[own], list...))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// similarity returns that of two items by their cosine and the overlap of their encodings.
func (o RerankOptions) similarity(cosine, overlap float64) float64 {
	return o.Lambda*max(-1, min(1, cosine)) + (1-o.Lambda)*overlap
}

// half is the number of neighbours that must agree with those of an item to be added to them: half of K1, as numpy
// rounds it.
func (o RerankOptions) half() int { return int(math.RoundToEven(float64(o.K1) / 2)) }
