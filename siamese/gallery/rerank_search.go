package gallery

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/siamese/embedding"
)

// Candidates is how many of the nearest by cosine [Reranker.Search] re-ranks where it is not told more.
const Candidates = 100

// Reranked is an item that was found for a query.
type Reranked struct {
	Item       int     // its number in the gallery
	Similarity float64 // by which items are ordered: see [Reranker]
	Cosine     float64 // of the item and the query
}

// String returns the item and its similarity.
func (r Reranked) String() string {
	return fmt.Sprintf("item %d, re-ranked %.4f, cosine %.4f", r.Item, r.Similarity, r.Cosine)
}

// Search returns the k items of the gallery most similar to each query [Q, E], the most similar first, of those that are
// nearest by cosine: as many as candidates, k or more; 0 = [Candidates], or k where that is more. Items whose cosine
// is lower are not found, however much their neighbours are those of the query.
//
// A query counts as one more item of the gallery, with the last number, as if it were alone with it: other queries
// change nothing. k below 1, candidates below k, different widths, values that are not finite and a cancelled ctx are
// errors. It takes O(Q N E), and for each query about K1² steps for each of some hundreds of items.
func (r *Reranker) Search(ctx context.Context, queries *embedding.Embeddings, k, candidates int) ([][]Reranked, error) {
	candidates, err := r.candidates(k, candidates)
	if err != nil {
		return nil, err
	}
	if err := finite("query", queries); err != nil {
		return nil, err
	}
	out := make([][]Reranked, queries.N)
	most := min(max(candidates, r.opt.K1+spare)+r.zeros, r.z.N) // zero embeddings are nobody's neighbours
	for from := 0; from < queries.N && r.z.N > 0; from += block {
		to := min(queries.N, from+block)
		part := &embedding.Embeddings{Values: queries.Values[from*queries.E : to*queries.E], N: to - from, E: queries.E}
		found, err := embedding.Nearest(part, r.z, most, false)
		if err != nil {
			return nil, fmt.Errorf("gallery: %w", err)
		}
		err = parallel.Each(ctx, to-from, 0, func(_, q int) error {
			v := newAsked(r, part.Row(q), found[q])
			out[from+q] = r.rank(v, int32(r.z.N), found[q], k, candidates)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SearchItem is [Reranker.Search] for an item of the gallery itself, which is not found.
func (r *Reranker) SearchItem(ctx context.Context, item, k, candidates int) ([]Reranked, error) {
	candidates, err := r.candidates(k, candidates)
	if err != nil {
		return nil, err
	}
	if item < 0 || item >= r.z.N {
		return nil, fmt.Errorf("gallery: there is no item %d among %d", item, r.z.N)
	}
	found, err := embedding.Nearest(r.z.Select([]int{item}), r.z, min(candidates+1, r.z.N), false)
	if err != nil {
		return nil, fmt.Errorf("gallery: %w", err)
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	list := slices.DeleteFunc(found[0], func(n embedding.Neighbour) bool { return n.Item == item })
	return r.rank(newKept(r), int32(item), list, k, candidates), nil
}

// candidates returns how many items are re-ranked to find k of them.
func (r *Reranker) candidates(k, candidates int) (int, error) {
	if candidates == 0 {
		candidates = max(k, Candidates)
	}
	if k < 1 || candidates < k {
		return 0, fmt.Errorf("gallery: %d items of %d candidates: want one or more, of no fewer candidates", k, candidates)
	}
	return min(candidates, r.z.N), nil
}

// rank returns the k most similar to item i of v among the first candidates of those found.
func (r *Reranker) rank(v view, i int32, found []embedding.Neighbour, k, candidates int) []Reranked {
	own := r.opt.average(v, i)
	var out []Reranked
	for _, n := range found[:min(len(found), candidates)] {
		j := int32(n.Item)
		cosine := v.cosine(i, j)
		out = append(out, Reranked{n.Item, r.opt.similarity(cosine, overlap(own, r.opt.average(v, j))), cosine})
	}
	slices.SortFunc(out, func(a, b Reranked) int {
		return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), cmp.Compare(a.Item, b.Item))
	})
	return out[:min(len(out), k)]
}

// list and cosine are of the gallery as it is, for all that see it so.
func (r *Reranker) list(i int32) []near { return r.nearest[i] }

func (r *Reranker) cosine(i, j int32) float64 { return embedding.Dot(r.z.Row(int(i)), r.z.Row(int(j))) }

// kept is the gallery as it is. What is computed for an item is kept, for one goroutine: a search meets an item often,
// and most items of the gallery not at all.
type kept struct {
	*Reranker
	mutuals map[[2]int32][]near // by item and number of neighbours
	codes   map[int32][]weight
}

func newKept(r *Reranker) *kept { return &kept{r, map[[2]int32][]near{}, map[int32][]weight{}} }

func (v *kept) mutual(i int32, k int) []near {
	return once(v.mutuals, [2]int32{i, int32(k)}, func() []near { return reciprocal(v, i, k) })
}

func (v *kept) code(i int32) []weight {
	return once(v.codes, i, func() []weight { return v.opt.encode(v, i) })
}

// once returns what is in m, and puts it there where it is not.
func once[K comparable, V any](m map[K]V, key K, compute func() V) V {
	value, ok := m[key]
	if !ok {
		value = compute()
		m[key] = value
	}
	return value
}

// asked is the gallery with a query as its last item.
type asked struct {
	kept
	query []float32
	lists map[int32][]near // of items, with the query where it belongs there
}

// newAsked returns the gallery with a query, of which the nearest are found.
func newAsked(r *Reranker, query []float32, found []embedding.Neighbour) *asked {
	v := &asked{kept: *newKept(r), query: query, lists: map[int32][]near{}}
	own := []near{{int32(r.z.N), 1}}
	if embedding.Magnitude(query) != 0 {
		for _, n := range found {
			if embedding.Magnitude(r.z.Row(n.Item)) != 0 {
				own = append(own, near{int32(n.Item), embedding.Dot(query, r.z.Row(n.Item))})
			}
		}
	}
	slices.SortFunc(own[1:], closer)
	v.lists[int32(r.z.N)] = own[:min(len(own), r.opt.K1+1)]
	return v
}

func (v *asked) list(i int32) []near {
	return once(v.lists, i, func() []near {
		list := v.nearest[i]
		if embedding.Magnitude(v.query) == 0 || embedding.Magnitude(v.z.Row(int(i))) == 0 {
			return list
		}
		// The query has the highest number, so that it comes after its equals.
		one := near{int32(v.z.N), embedding.Dot(v.z.Row(int(i)), v.query)}
		at, _ := slices.BinarySearchFunc(list[1:], one, closer)
		if at == v.opt.K1 {
			return list
		}
		list = slices.Insert(slices.Clone(list), at+1, one)
		return list[:min(len(list), v.opt.K1+1)]
	})
}

func (v *asked) cosine(i, j int32) float64 {
	row := func(i int32) []float32 {
		if int(i) == v.z.N {
			return v.query
		}
		return v.z.Row(int(i))
	}
	return embedding.Dot(row(i), row(j))
}

func (v *asked) mutual(i int32, k int) []near {
	return once(v.mutuals, [2]int32{i, int32(k)}, func() []near { return reciprocal(v, i, k) })
}

func (v *asked) code(i int32) []weight {
	return once(v.codes, i, func() []weight { return v.opt.encode(v, i) })
}
