package serve

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
)

// neighbour is an item of the gallery in the answer of /v1/search.
type neighbour struct {
	ID          string   `json:"id"`
	Label       string   `json:"label,omitempty"`
	Cosine      float64  `json:"cosine"`
	Same        bool     `json:"same"`
	Probability *float64 `json:"probability,omitempty"`
}

// found is the answer of /v1/search: for every query its neighbours, the most similar first.
type found struct {
	Neighbours [][]neighbour `json:"neighbours"`
	Threshold  float64       `json:"threshold"`
	Prevalence float64       `json:"prevalence,omitempty"`
	Warnings   []string      `json:"warnings,omitempty"`
}

// neighbours answers with the k items of the gallery that are most similar to each query. Queries that are ids of the
// gallery do not find themselves. A table of queries has its k in the address: /v1/search?k=5.
func (s *Server) neighbours(w http.ResponseWriter, r *http.Request) error {
	if s.gallery == nil {
		return statusError{http.StatusNotFound, fmt.Errorf("there is no gallery to search: give one when the server is started")}
	}
	k := 10
	if text := r.URL.Query().Get("k"); text != "" {
		var err error
		if k, err = strconv.Atoi(text); err != nil {
			return bad("k is %s, want a number", quote.Text(text))
		}
	}
	var z *embedding.Embeddings
	var places []int
	var err error
	if isJSON(r) {
		in := struct {
			items
			K *int `json:"k"`
		}{}
		if err = decode(r.Body, &in); err != nil {
			return err
		}
		if in.K != nil {
			k = *in.K
		}
		if err := s.checkK(k); err != nil {
			return err
		}
		z, places, err = s.resolve(r.Context(), in.items)
	} else if err = s.checkK(k); err == nil {
		z, _, err = s.read(r)
	}
	if err != nil {
		return err
	}
	lists, err := s.nearest(r.Context(), z, k)
	if err != nil {
		return err
	}
	out := found{Neighbours: make([][]neighbour, len(lists)), Threshold: s.model.Threshold, Prevalence: s.prevalence(),
		Warnings: z.Warnings()}
	f := s.opt.Gallery
	for q, list := range lists {
		if places != nil {
			list = slices.DeleteFunc(list, func(n embedding.Neighbour) bool { return n.Item == places[q] })
		}
		out.Neighbours[q] = []neighbour{}
		for _, n := range list[:min(k, len(list))] {
			one := neighbour{ID: f.IDs[n.Item], Cosine: embedding.Cosine(z.Row(q), s.gallery.Row(n.Item))}
			one.Same, one.Probability = one.Cosine >= s.model.Threshold, s.probability(one.Cosine)
			if f.Labels != nil {
				one.Label = f.Labels[n.Item]
			}
			out.Neighbours[q] = append(out.Neighbours[q], one)
		}
	}
	return answer(w, out)
}

// checkK returns an error for a number of neighbours out of range.
func (s *Server) checkK(k int) error {
	if k < 1 || k > s.opt.MaxNeighbours {
		return bad("k is %d, want 1 to %d", k, s.opt.MaxNeighbours)
	}
	return nil
}

// nearest returns the k+1 items of the gallery that are most similar to each query: one may be the query itself. Queries
// are compared some at a time, so that a request that nobody waits for any more ends.
func (s *Server) nearest(ctx context.Context, z *embedding.Embeddings, k int) ([][]embedding.Neighbour, error) {
	if err := s.search.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer s.search.Release(1)
	const queries = 64
	var out [][]embedding.Neighbour
	for at := 0; at < z.N; at += queries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		end := min(z.N, at+queries)
		some := &embedding.Embeddings{Values: z.Values[at*z.E : end*z.E], N: end - at, E: z.E}
		lists, err := embedding.Nearest(some, s.gallery, min(k, s.gallery.N)+1, false)
		if err != nil {
			return nil, err
		}
		out = append(out, lists...)
	}
	return out, nil
}
