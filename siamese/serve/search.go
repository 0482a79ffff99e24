package serve

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/search"
)

// neighbour is an item of the gallery in the answer of /v1/search.
type neighbour struct {
	ID          string   `json:"id"`
	Label       string   `json:"label,omitempty"`
	Domain      string   `json:"domain,omitempty"`
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
	// Recall is that of searches for the gallery's own items, where they are approximate; absent where they are exact.
	Recall *search.Certificate `json:"recall,omitempty"`
}

// neighbours answers with the k items of the gallery that are most similar to each query, those of some labels and
// domains alone where the request has such. Queries that are ids of the gallery do not find themselves. A table of
// queries has its k in the address: /v1/search?k=5.
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
	var opt search.Options
	var err error
	if isJSON(r) {
		in := struct {
			items
			K       *int     `json:"k"`
			Labels  []string `json:"labels"`
			Domains []string `json:"domains"`
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
		opt.Labels, opt.Domains = in.Labels, in.Domains
		z, opt.Own, err = s.resolve(r.Context(), in.items)
	} else if err = s.checkK(k); err == nil {
		z, _, err = s.read(r)
	}
	if err != nil {
		return err
	}
	opt.K = k
	lists, err := s.nearest(r.Context(), z, opt)
	if err != nil {
		return err
	}
	out := found{Neighbours: make([][]neighbour, len(lists)), Threshold: s.model.Threshold, Prevalence: s.prevalence(),
		Warnings: z.Warnings(), Recall: s.recall}
	for q, list := range lists {
		out.Neighbours[q] = []neighbour{}
		for _, n := range list {
			item := s.gallery.Item(n.Item)
			one := neighbour{ID: item.ID, Label: item.Label, Domain: item.Domain, Cosine: float64(n.Cosine)}
			one.Same, one.Probability = one.Cosine >= s.model.Threshold, s.probability(one.Cosine)
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

// nearest returns the items of the gallery that are most similar to each query. A request that nobody waits for any
// more ends.
func (s *Server) nearest(ctx context.Context, z *embedding.Embeddings,
	opt search.Options) ([][]embedding.Neighbour, error) {
	if err := s.search.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer s.search.Release(1)
	opt.NoCertificate = true
	f, err := s.gallery.Search(ctx, z, opt)
	if err != nil {
		return nil, err
	}
	return f.Lists, nil
}

// indexOf returns an index of the items of a frame.
func indexOf(ctx context.Context, backend compute.Backend, m *siamese.Model, f *data.Frame) (search.Index, error) {
	z, err := m.Embed(ctx, backend, f)
	if err != nil {
		return nil, err
	}
	x, err := search.New(z.E, search.Config{})
	if err != nil {
		return nil, err
	}
	return x, x.Add(ctx, z, f)
}

// measured returns the recall of an index at 10, on some of its items; nil where it answers exactly. An index of other
// embeddings than a model's is an error.
func measured(ctx context.Context, x search.Index, width int) (*search.Certificate, error) {
	stats := x.Stats()
	if stats.Width != width {
		return nil, fmt.Errorf("the index has embeddings of %d numbers, the model of %d: use the model that it was made with",
			stats.Width, width)
	}
	const some = 100
	var items []int
	all := stats.Items + stats.Deleted
	for n := 0; n < all; n += (all + some - 1) / some {
		if at, there := x.Number(x.Item(n).ID); there && at == n { // else it was deleted
			items = append(items, n)
		}
	}
	z, err := x.Embeddings(items)
	if err != nil {
		return nil, err
	}
	found, err := x.Search(ctx, z, search.Options{Own: items})
	if err != nil {
		return nil, err
	}
	return found.Certificate, nil
}
