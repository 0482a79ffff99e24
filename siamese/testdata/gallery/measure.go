package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/gallery"
	"github.com/go-siamese/lab/siamese/internal/itemset"
)

// method is what is made of a gallery; the zero value is nothing.
type method struct {
	Expand int     // neighbours; 0 = none
	K1     int     // of re-ranking; 0 = none
	Lambda float64 // of re-ranking
}

// String returns the settings.
func (m method) String() string {
	switch {
	case m.Expand == 0 && m.K1 == 0:
		return "no gallery"
	case m.K1 == 0:
		return fmt.Sprintf("k %d", m.Expand)
	case m.Expand == 0:
		return fmt.Sprintf("K1 %d, Lambda %g", m.K1, m.Lambda)
	}
	return fmt.Sprintf("k %d, K1 %d, Lambda %g", m.Expand, m.K1, m.Lambda)
}

// fixed are the methods whose settings are not chosen: the last two re-rank as the paper does, and by the defaults.
func fixed(size int) []method {
	return []method{{}, {Expand: 30}, {K1: 20, Lambda: .3}, {K1: gallery.DefaultK1(size), Lambda: gallery.DefaultLambda}}
}

// choices are the settings to choose from: of expansion, of re-ranking and, with what expansion was chosen, of both.
func choices(expand int) [3][]method {
	var out [3][]method
	for _, k := range []int{5, 10, 20, 30, 60, 100, 200} {
		out[0] = append(out[0], method{Expand: k})
	}
	for _, k := range []int{10, 20, 40, 80} {
		for _, lambda := range []float64{.1, .3} {
			out[1] = append(out[1], method{K1: k, Lambda: lambda})
		}
		out[2] = append(out[2], method{Expand: expand, K1: k, Lambda: gallery.DefaultLambda})
	}
	return out
}

// choose measures every choice for every size on classes that are held out of the training classes.
func (l *lab) choose() error {
	if missing := l.choices(l.results.Has); !missing {
		return nil
	}
	if err := l.open(); err != nil {
		return err
	}
	var items []int
	test := held(7, 8, 9)
	for i, label := range l.frame.Labels {
		if !slices.Contains(test, label) {
			items = append(items, i)
		}
	}
	known := l.frame.Select(items)
	parts, err := split.Classes(known,
		split.ClassOptions{HeldOut: held(4, 5, 6), TestItems: queries, Val: 0.1, Seed: 11})
	if err != nil {
		return err
	}
	side := known.Select(parts.Test)
	z, err := l.embed("choice", side, known.Select(parts.Train), known.Select(parts.Val), 11)
	if err != nil {
		return err
	}
	l.choices(func(k key) bool {
		err = l.measure(k, z[slices.Index(representations, k.Representation)], side)
		return err == nil
	})
	return err
}

// choices calls do for everything to choose from until it returns false, and returns whether it did. What goes with
// expansion comes after it, since it depends on what is best there.
func (l *lab) choices(do func(key) bool) (ended bool) {
	for _, name := range representations {
		for _, size := range sizes {
			for kind := range 3 {
				expand := 0
				if kind == 2 {
					expand = l.chosen(name, size)[0].Expand
				}
				for _, m := range choices(expand)[kind] {
					if !do(key{"choice", 11, name, size, m}) {
						return true
					}
				}
			}
		}
	}
	return false
}

// chosen returns the best of each kind of choice; the zero method where none is measured.
func (l *lab) chosen(representation string, size int) [3]method {
	size = min(size, sizes[len(sizes)-1]) // for all items that of the largest gallery
	var out [3]method
	for kind := range out {
		best := -1.0
		for _, m := range choices(out[0].Expand)[kind] {
			if v, ok := l.results.Value(key{"choice", 11, representation, size, m}); ok && v > best {
				best, out[kind] = v, m
			}
		}
	}
	return out
}

// methods are those of the table for a size.
func (l *lab) methods(representation string, size int) []method {
	c := l.chosen(representation, size)
	return append(fixed(size), c[0], c[1], c[2])
}

// split measures all methods on a split, as far as they are not measured already.
func (l *lab) split(p protocol, seed uint64, small bool) error {
	var missing []key
	for _, name := range representations {
		for _, size := range append(slices.Clone(sizes), whole) {
			for _, m := range l.methods(name, size) {
				if !l.results.Has(key{p.name, seed, name, size, m}) && (!small || size != whole) {
					missing = append(missing, key{p.name, seed, name, size, m})
				}
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if err := l.open(); err != nil {
		return err
	}
	parts, err := p.draw(l.frame, seed)
	if err != nil {
		return err
	}
	// Queries first.
	order := slices.Clone(parts.Test)
	for i := range l.frame.N() {
		if !small && !slices.Contains(parts.Test, i) {
			order = append(order, i)
		}
	}
	f := l.frame.Select(order)
	z, err := l.embed(fmt.Sprintf("%.3s-%d", p.name, seed), f, l.frame.Select(parts.Train), l.frame.Select(parts.Val), seed)
	if err != nil {
		return err
	}
	for _, k := range missing {
		if err := l.measure(k, z[slices.Index(representations, k.Representation)], f); err != nil {
			return err
		}
	}
	return nil
}

// measure adds MAP@R of the first items of f, the queries: each against the others of a gallery of a size. For sizes up
// to their number they are divided into galleries at random, so that every one is a query once.
func (l *lab) measure(k key, z *embedding.Embeddings, f *data.Frame) error {
	if l.results.Has(k) {
		return nil
	}
	_, labels := itemset.ClassNumbers(f)
	parts := [][]int{itemset.AllItems(f)}
	if k.Size <= queries {
		order := rand.New(rand.NewPCG(k.Seed, 77)).Perm(queries)
		parts = slices.Collect(slices.Chunk(order, k.Size))
	}
	var sum float64
	for _, items := range parts {
		ask := len(items) // all of a small gallery, and of a large one those that come first
		if k.Size > queries {
			ask = queries
		}
		got, err := k.Method.sum(l.ctx, z.Select(items), embedding.Pick(labels, items), ask)
		if err != nil {
			return err
		}
		sum += got
	}
	return l.results.Add(k, sum/queries)
}

// sum returns the sum of AP@R over the first items of z as queries, each against all others.
func (m method) sum(ctx context.Context, z *embedding.Embeddings, labels []int32, ask int) (float64, error) {
	var err error
	if m.Expand > 0 {
		if z, err = gallery.Expand(ctx, z, gallery.Options{Neighbours: m.Expand}); err != nil {
			return 0, err
		}
	}
	var all *gallery.Overlaps
	if m.K1 > 0 {
		r, err := gallery.NewReranker(ctx, z, gallery.RerankOptions{K1: m.K1, Lambda: m.Lambda})
		if err != nil {
			return 0, err
		}
		if all, err = r.Overlaps(ctx); err != nil {
			return 0, err
		}
	}
	others := map[int32]int{}
	for _, c := range labels {
		others[c]++
	}
	aps := make([]float64, ask)
	const block = 64
	err = parallel.Each(ctx, (ask+block-1)/block, 0, func(_, b int) error {
		from, to := b*block, min(ask, (b+1)*block)
		scores, err := embedding.ScoreAll(&embedding.Embeddings{Values: z.Values[from*z.E : to*z.E], N: to - from, E: z.E}, z)
		if err != nil {
			return err
		}
		for i := from; i < to; i++ {
			row := scores[(i-from)*z.N : (i-from+1)*z.N]
			if all != nil {
				for j := range row {
					row[j] *= float32(all.Share())
				}
				all.More(i, func(j int, more float64) { row[j] += float32(more) })
			}
			aps[i] = apAtR(row, i, labels, others[labels[i]]-1)
		}
		return nil
	})
	var sum float64
	for _, ap := range aps {
		sum += ap
	}
	return sum, err
}

// apAtR returns AP@R of an item from its scores with all, of which r others are of its class.
func apAtR(scores []float32, self int, labels []int32, r int) float64 {
	order := make([]int32, 0, len(scores))
	for j := range scores {
		if j != self {
			order = append(order, int32(j))
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
	hits, sum := 0, 0.0
	for k, j := range order[:r] {
		if labels[j] == labels[self] {
			hits++
			sum += float64(hits) / float64(k+1)
		}
	}
	return sum / float64(max(1, r))
}
