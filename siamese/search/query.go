package search

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/scan"
)

// Search implements [Index]. Besides options, queries that are no embeddings of the index's width are errors, and files
// that cannot be read.
func (x *Exact) Search(ctx context.Context, queries *embedding.Embeddings, opt Options) (*Found, error) {
	if err := x.Accepts(queries, opt); err != nil {
		return nil, err
	}
	s := x.selected(queries, opt)
	if x.storage != Int8 || opt.Exact || opt.AtLeast != nil {
		return s.exact(ctx)
	}
	found, err := s.approximate(ctx)
	if err == nil && !opt.NoCertificate {
		found.Certificate, err = s.certify(ctx, found)
	}
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Accepts returns what is wrong with options or queries, as [Exact.Search] does, or nil.
func (x *Exact) Accepts(queries *embedding.Embeddings, opt Options) error {
	if err := opt.Validate(); err != nil {
		return err
	}
	if queries.E != x.width {
		return fmt.Errorf("index: queries of %d numbers do not fit an index of %d: use the model that it was made with",
			queries.E, x.width)
	}
	if opt.Self && queries.N != x.n() {
		return option.Errorf("Self", "%d queries are not the %d items of the index", queries.N, x.n())
	}
	if opt.Own != nil && len(opt.Own) != queries.N {
		return option.Errorf("Own", "%d numbers are not those of %d queries", len(opt.Own), queries.N)
	}
	for i, own := range opt.Own {
		if own < -1 || own >= x.n() {
			return option.Errorf("Own", "query %d: there is no item %d", i, own)
		}
	}
	for i := range queries.N {
		if err := unit(queries.Row(i)); err != nil {
			return fmt.Errorf("index: query %d: %w", i, err)
		}
	}
	return nil
}

// selection is the items that a search is about.
type selection struct {
	*Exact
	queries *embedding.Embeddings
	opt     Options
	numbers []int32 // of the items, rising; nil = all
	n       int
	own     func(query int) int // number of the item that a query is
	after   bool                // only items with higher numbers than the query's own
}

// all returns all items, those that are deleted too.
func (x *Exact) all(queries *embedding.Embeddings, opt Options) *selection {
	s := &selection{Exact: x, queries: queries, opt: opt, n: x.n()}
	switch {
	case opt.Self:
		s.own = func(query int) int { return query }
	case opt.Own != nil:
		s.own = func(query int) int { return opt.Own[query] }
	}
	return s
}

// selected returns the items that pass the filters.
func (x *Exact) selected(queries *embedding.Embeddings, opt Options) *selection {
	s := x.all(queries, opt)
	if len(x.byID) == x.n() && opt.Labels == nil && opt.Domains == nil {
		return s
	}
	passes := x.passing(opt)
	s.numbers = []int32{}
	for i := range x.n() {
		if passes(i) {
			s.numbers = append(s.numbers, int32(i))
		}
	}
	s.n = len(s.numbers)
	return s
}

// among returns for every text whether it is one of names; nil = all are.
func (t *texts) among(names []string) []bool {
	out := make([]bool, len(t.names))
	for i, name := range t.names {
		out[i] = names == nil || slices.Contains(names, name)
	}
	return out
}

// number returns the number of the item at a place of the selection.
func (s *selection) number(place int) int {
	if s.numbers == nil {
		return place
	}
	return int(s.numbers[place])
}

// want returns what a scan looks for: the k best or, with the option, all above a cosine.
func (s *selection) want(k int) scan.Want {
	w := scan.Want{K: k, Floor: -2}
	if s.opt.AtLeast != nil {
		w.Floor, w.Count = float32(*s.opt.AtLeast), true
		if float64(w.Floor) < *s.opt.AtLeast {
			w.Floor = math.Nextafter32(w.Floor, 2) // the least float32 that is at least as much
		}
	}
	if s.own != nil {
		w.Skip = func(query, place int) bool {
			n, own := s.number(place), s.own(query)
			return n == own || s.after && n < own
		}
	}
	return w
}

// exact searches by bounds on rounding: what they cannot rule out is scored with the float32 numbers.
func (s *selection) exact(ctx context.Context) (*Found, error) {
	w := s.want(cmp.Or(s.opt.K, 10))
	w.Exact = s.cosine
	const long = 1.001 // the most that unit lets pass
	w.Margin = func(int) float64 { return scan.Margin(s.width, long, long+s.off) + long*s.off }
	found, err := scan.Floats(ctx, s.queries.Values, s.queries.N, s.width, s.tile, s.n, w)
	return s.answer(found, err)
}

// cosine returns that of a query and the item at a place.
func (s *selection) cosine(query, place int) float32 {
	n, x := s.number(place), s.queries.Row(query)
	if n >= s.inFile && s.scratch == nil {
		return scan.Cosine(x, s.values[(n-s.inFile)*s.width:][:s.width])
	}
	return scan.Cosine(x, s.row(n, make([]float32, s.width)))
}

// tile returns rows of the selection as floats, as near to the right ones as they are stored.
func (s *selection) tile(buf []float32, from, to int) []float32 {
	first, direct := s.number(from), s.number(to-1)-s.number(from) == to-1-from
	if s.storage == Float32 && direct && first >= s.inFile {
		return s.values[(first-s.inFile)*s.width : (first-s.inFile+to-from)*s.width]
	}
	for p := from; p < to; p++ {
		i, row := s.number(p), buf[(p-from)*s.width:][:s.width]
		switch s.storage {
		case Float16:
			scan.Floats16(row, s.halves[i*s.width:(i+1)*s.width])
		case Int8:
			wide, scale := scan.CodeWidth(s.width), s.codes.Scales[i]
			for k, c := range s.codes.Codes[i*wide:][:s.width] {
				row[k] = float32(c) * scale
			}
		default:
			copy(row, s.row(i, row))
		}
	}
	return buf[:(to-from)*s.width]
}

// codeTile is tile for codes.
func (s *selection) codeTile(buf scan.CodeTile, from, to int) scan.CodeTile {
	wide := scan.CodeWidth(s.width)
	if first := s.number(from); s.number(to-1)-first == to-1-from {
		last := first + to - from
		return scan.CodeTile{Codes: s.codes.Codes[first*wide : last*wide], Sums: s.codes.Sums[first:last],
			Scales: s.codes.Scales[first:last]}
	}
	for p := from; p < to; p++ {
		i, r := s.number(p), p-from
		copy(buf.Codes[r*wide:(r+1)*wide], s.codes.Codes[i*wide:])
		buf.Sums[r], buf.Scales[r] = s.codes.Sums[i], s.codes.Scales[i]
	}
	return buf
}

// approximate ranks the best candidates by int8 scores with the float32 numbers.
func (s *selection) approximate(ctx context.Context) (*Found, error) {
	k := cmp.Or(s.opt.K, 10)
	w := s.want(s.opt.Ranked())
	var found []scan.Found
	var err error
	if scan.HasCodes() {
		found, err = scan.Codes(ctx, s.queries.Values, s.queries.N, s.width, s.codeTile, s.n, w)
	} else {
		found, err = scan.Floats(ctx, s.queries.Values, s.queries.N, s.width, s.tile, s.n, w)
	}
	if err != nil {
		return nil, err
	}
	return s.answer(found, s.rank(ctx, found, k))
}

// answer returns what a scan found, by the numbers of items.
func (s *selection) answer(found []scan.Found, err error) (*Found, error) {
	if fault := s.failed(); err == nil {
		err = fault
	}
	if err != nil {
		return nil, err
	}
	out := &Found{Lists: make([][]embedding.Neighbour, len(found))}
	if s.opt.AtLeast != nil {
		out.Totals = make([]int, len(found))
	}
	for q, f := range found {
		list := make([]embedding.Neighbour, len(f.Hits))
		for i, h := range f.Hits {
			list[i] = embedding.Neighbour{Item: s.number(int(h.Row)), Cosine: h.Score}
		}
		if out.Lists[q] = list; out.Totals != nil {
			out.Totals[q] = f.Count
		}
	}
	return out, nil
}
