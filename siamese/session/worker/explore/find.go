package explore

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
)

// Kinds of similarity.
const (
	kindModel    = "model"    // the model's, with a share of features that can be moved
	kindEncoder  = "encoder"  // its encoder alone
	kindPrepared = "prepared" // the features as the encoder gets them
	kindPlain    = "plain"    // the features, standardised only
)

// mostShown bounds the neighbours that are seen.
const mostShown = 100

// settings say what is looked for.
type settings struct {
	Query string  `json:"query"` // id
	Kind  string  `json:"kind"`
	Share float64 `json:"share"` // of features, in [0, 1]; for kindModel
	K     int     `json:"k"`
	// Label and Domain say which items are looked among: "" = all, "same" and "other" = those with the query's and those
	// with another one, "=x" = those with x.
	Label  string `json:"label"`
	Domain string `json:"domain"`
	// Expand is by how many of its nearest each item is expanded before it is compared; 0 = none are.
	Expand int `json:"expand"`
}

// item is an item as the script has it.
type item struct {
	ID     string `json:"id"`
	Label  string `json:"label"`
	Domain string `json:"domain"`
}

// neighbour is an item with its place in the order.
type neighbour struct {
	item
	Cosine float64 `json:"cosine"`
	// Agrees says whether its label is the query's: "same", "different", or "" where one of them has none.
	Agrees string `json:"agrees"`
	// Was is its place before the settings were changed, from 1 on; 0 = nothing was changed, -1 = it was not among the
	// items that were looked among.
	Was int `json:"was"`
}

// found is what was found.
type found struct {
	Settings settings    `json:"settings"`
	Query    item        `json:"query"`
	List     []neighbour `json:"list"`
	Among    int         `json:"among"`  // items that were looked among
	Before   string      `json:"before"` // what moves are counted from, in words; "" = nothing was changed
	// Above is how many of the list are the same by the model's threshold; -1 = it does not count for these settings.
	Above int `json:"above"`
}

// find looks for the neighbours that now asks for, and for their places by before.
func (e *Explorer) find(ctx context.Context, now, before settings) (*found, error) {
	query, ok := e.items.at[now.Query]
	if !ok {
		return nil, fmt.Errorf("there is no item %s", quote.Cut(now.Query, 60))
	}
	before.Query, before.K = now.Query, now.K
	scores, err := e.scores(ctx, now, query)
	if err != nil {
		return nil, err
	}
	among := e.among(now, query)
	var best []embedding.Neighbour
	out := &found{Settings: now, Query: e.item(query), List: []neighbour{}, Above: -1}
	for i, score := range scores {
		if among(i) {
			out.Among++
			best = embedding.Insert(best, embedding.Neighbour{Item: i, Cosine: score}, now.K)
		}
	}
	var was []int
	if now != before {
		if was, err = e.places(ctx, before, query, best); err != nil {
			return nil, err
		}
		out.Before = e.words(before)
	}
	for k, n := range best {
		one := neighbour{item: e.item(n.Item), Cosine: float64(n.Cosine)}
		one.Agrees = agrees(one.Label, out.Query.Label)
		if was != nil {
			one.Was = was[k]
		}
		out.List = append(out.List, one)
	}
	if now.Kind == kindModel && now.Share == e.g.Share && now.Expand == 0 {
		out.Above = 0
		for _, n := range best {
			if float64(n.Cosine) >= e.g.Threshold {
				out.Above++
			}
		}
	}
	return out, nil
}

// agrees compares two labels.
func agrees(a, b string) string {
	switch {
	case a == "" || b == "":
		return ""
	case a == b:
		return "same"
	}
	return "different"
}

// item returns an item by its number.
func (e *Explorer) item(i int) item { return item{e.g.IDs[i], at(e.g.Labels, i), at(e.g.Domains, i)} }

// at returns the text of an item, "" where there are none.
func at(list []string, i int) string {
	if list == nil {
		return ""
	}
	return list[i]
}

// among returns which items are looked among: never the query itself.
func (e *Explorer) among(s settings, query int) func(i int) bool {
	fits := func(list []string, rule string) func(int) bool {
		own := at(list, query)
		switch {
		case list == nil || rule == "":
			return func(int) bool { return true }
		case rule == "same":
			return func(i int) bool { return list[i] == own }
		case rule == "other":
			return func(i int) bool { return list[i] != own }
		}
		name := strings.TrimPrefix(rule, "=")
		return func(i int) bool { return list[i] == name }
	}
	label, domain := fits(e.g.Labels, s.Label), fits(e.g.Domains, s.Domain)
	return func(i int) bool { return i != query && label(i) && domain(i) }
}

// places returns the places of items by other settings, from 1 on, -1 for one that these do not look among.
func (e *Explorer) places(ctx context.Context, s settings, query int, of []embedding.Neighbour) ([]int, error) {
	scores, err := e.scores(ctx, s, query)
	if err != nil {
		return nil, err
	}
	among := e.among(s, query)
	out := make([]int, len(of))
	for k, n := range of {
		if out[k] = 1; !among(n.Item) {
			out[k] = -1
		}
	}
	for i, score := range scores {
		if !among(i) {
			continue
		}
		for k, n := range of {
			if out[k] > 0 && (score > scores[n.Item] || score == scores[n.Item] && i < n.Item) {
				out[k]++
			}
		}
	}
	return out, nil
}

// scores returns the similarity of all items with the query.
func (e *Explorer) scores(ctx context.Context, s settings, query int) ([]float32, error) {
	if s.Expand > 0 {
		z, err := e.expanded(ctx, s)
		if err != nil {
			return nil, err
		}
		return embedding.ScoreAll(z.Select([]int{query}), z)
	}
	switch s.Kind {
	case kindEncoder:
		return e.cosines(ctx, Encoder, query, nil)
	case kindPrepared:
		return e.cosines(ctx, Prepared, query, nil)
	case kindPlain:
		return e.cosines(ctx, Plain, query, nil)
	}
	// As the model puts them beside each other: sqrt(1-s) z next to sqrt(s) x, then of unit length, since one of them
	// may be zero.
	var zeros [2][]int
	weights := [2]float64{1 - s.Share, s.Share}
	var sum []float32
	for k, space := range [2]Space{Encoder, Prepared} {
		if weights[k] == 0 {
			continue
		}
		one, err := e.cosines(ctx, space, query, &zeros[k])
		if err != nil {
			return nil, err
		}
		if sum == nil {
			sum = make([]float32, len(one))
		}
		for i, c := range one {
			sum[i] += float32(weights[k]) * c
		}
	}
	for k, other := range [2]float64{weights[1], weights[0]} {
		for _, i := range zeros[k] { // such an item is the other part alone
			if other == 0 {
				continue
			}
			grow := float32(1 / math.Sqrt(other))
			sum[i] *= grow
			if i == query {
				for j := range sum {
					sum[j] *= grow
				}
			}
		}
	}
	for i, c := range sum {
		sum[i] = max(-1, min(1, c))
	}
	return sum, nil
}

// cosines returns those of all items with the query in a space, which must not be changed, and puts the items that are
// zero there into zeros, unless that is nil.
func (e *Explorer) cosines(ctx context.Context, space Space, query int, zeros *[]int) ([]float32, error) {
	c := &e.last
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.query != query || c.of == nil {
		c.query, c.of = query, map[Space]scored{}
	}
	known, ok := c.of[space]
	if !ok {
		z, done, err := e.engine.Rows(ctx, space)
		if err != nil {
			return nil, err
		}
		defer done()
		known.zero = z.Zero
		if known.cosines, err = embedding.ScoreAll(z.Select([]int{query}), z); err != nil {
			return nil, err
		}
		c.of[space] = known
	}
	if zeros != nil {
		*zeros = known.zero
	}
	return known.cosines, nil
}

// lastScored are the cosines of the last query: a movement of the share needs no more than their sums.
type lastScored struct {
	mu    sync.Mutex
	query int
	of    map[Space]scored
}

// scored are the cosines of all items with a query.
type scored struct {
	cosines []float32
	zero    []int // items that are zero in the space
}
