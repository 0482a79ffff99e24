package explore

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/go-siamese/lab/siamese/embedding"
)

// mostExpanded bounds the items of a gallery that is expanded, and mostNear by how many each: all of them are compared
// with all.
const (
	mostExpanded = 20_000
	mostNear     = 50
)

// expands reports whether the gallery can be expanded.
func (e *Explorer) expands() bool { return e.g.Expand != nil && len(e.g.IDs) <= mostExpanded }

// expansions are the last galleries that were expanded: those that are seen, and those that moves are counted from.
type expansions struct {
	mu   sync.Mutex
	last []expansion

	stopping sync.Mutex
	stop     context.CancelFunc // of the one that is computed; nil = none is
}

// expansion is an expanded gallery.
type expansion struct {
	of   settings // those of its settings that count for it
	rows *embedding.Embeddings
}

// cancel ends an expansion that is computed.
func (x *expansions) cancel() {
	x.stopping.Lock()
	defer x.stopping.Unlock()
	if x.stop != nil {
		x.stop()
	}
}

// begin notes what ends an expansion; nil = it has ended.
func (x *expansions) begin(stop context.CancelFunc) {
	x.stopping.Lock()
	defer x.stopping.Unlock()
	x.stop = stop
}

// expanded returns all items as settings compare them, expanded.
func (e *Explorer) expanded(ctx context.Context, s settings) (*embedding.Embeddings, error) {
	key := settings{Kind: s.Kind, Share: s.Share, Expand: s.Expand}
	if s.Kind != kindModel {
		key.Share = 0
	}
	x := &e.expanses
	x.mu.Lock()
	defer x.mu.Unlock()
	if i := slices.IndexFunc(x.last, func(one expansion) bool { return one.of == key }); i >= 0 {
		found := x.last[i]
		x.last = append(slices.Delete(x.last, i, i+1), found)
		return found.rows, nil
	}
	rows, err := e.rows(ctx, s)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	x.begin(stop)
	defer x.begin(nil)
	if rows, err = e.g.Expand(ctx, rows, s.Expand); err != nil {
		return nil, err
	}
	x.last = append(x.last[max(0, len(x.last)-1):], expansion{key, rows})
	return rows, nil
}

// rows returns all items as settings compare them: for the model as it puts its two parts beside each other.
func (e *Explorer) rows(ctx context.Context, s settings) (*embedding.Embeddings, error) {
	space := map[string]Space{kindEncoder: Encoder, kindPrepared: Prepared, kindPlain: Plain}[s.Kind]
	parts, weights := []Space{space}, []float64{1}
	if space == "" {
		parts, weights = []Space{Encoder, Prepared}, []float64{1 - s.Share, s.Share}
	}
	out := &embedding.Embeddings{N: len(e.g.IDs)}
	var all []*embedding.Embeddings
	var scale []float64
	for k, part := range parts {
		if weights[k] == 0 {
			continue
		}
		z, done, err := e.engine.Rows(ctx, part)
		if err != nil {
			return nil, err
		}
		defer done()
		all, scale, out.E = append(all, z), append(scale, math.Sqrt(weights[k])), out.E+z.E
	}
	out.Values = make([]float32, 0, out.N*out.E)
	for i := range out.N {
		for k, z := range all {
			for _, v := range z.Row(i) {
				out.Values = append(out.Values, float32(scale[k]*float64(v)))
			}
		}
	}
	out.ToUnit() // one of the parts may be zero
	return out, nil
}
