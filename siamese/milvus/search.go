package milvus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/milvus-io/milvus/client/v2/column"
	"github.com/milvus-io/milvus/client/v2/entity"
	"github.com/milvus-io/milvus/client/v2/index"
	"github.com/milvus-io/milvus/client/v2/milvusclient"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/search"
)

// Neighbour is an item that was found.
type Neighbour struct {
	search.Item
	Cosine float32 `json:"cosine"`
}

// String returns the item with its cosine.
func (n Neighbour) String() string { return fmt.Sprintf("%s (cosine %.4f)", n.Item, n.Cosine) }

// Found is the answer of a search, as search.Found is.
type Found struct {
	// Lists has the neighbours of each query, nearest first, ties by id.
	Lists [][]Neighbour
	// Totals is how many items have a cosine of at least Options.AtLeast, by query; nil without it.
	Totals []int
	// Certificate says how good an approximate answer is; nil = the answer is exact, or Options.NoCertificate.
	Certificate *search.Certificate
}

// queriesAtOnce is how many queries a request has.
const queriesAtOnce = 100

// ef is Options.Ef of searches that have none.
const ef = 100

// Search returns the items nearest to every query. Options.Self, Own and Rerank have no meaning here and are errors. So
// are queries that are no embeddings of the collection's width.
func (x *Collection) Search(ctx context.Context, queries *embedding.Embeddings, opt search.Options) (*Found, error) {
	return x.search(ctx, queries, nil, opt)
}

// SearchItems returns the items nearest to items of the collection, which are no neighbours of themselves. An id that
// is not there is an error.
func (x *Collection) SearchItems(ctx context.Context, ids []string, opt search.Options) (*Found, error) {
	queries, err := x.Embeddings(ctx, ids...)
	if err != nil {
		return nil, err
	}
	return x.search(ctx, queries, ids, opt)
}

// search is Search; own has the ids of queries that are items, nil = none is.
func (x *Collection) search(ctx context.Context, queries *embedding.Embeddings, own []string,
	opt search.Options) (*Found, error) {
	if err := x.accepts(queries, opt); err != nil {
		return nil, err
	}
	opt.K = cmp.Or(opt.K, 10)
	if opt.AtLeast != nil || opt.Exact && x.Index.Kind != Flat {
		best, err := x.exact(ctx, queries, own, opt)
		if err != nil {
			return nil, err
		}
		return best.found(), nil
	}
	found := &Found{Lists: make([][]Neighbour, queries.N)}
	expr, none := filter(opt)
	for from := 0; from < queries.N && !none; from += queriesAtOnce {
		if err := x.ask(ctx, queries, from, min(queries.N, from+queriesAtOnce), own, expr, opt, found); err != nil {
			return nil, err
		}
	}
	if x.Index.Kind == Flat || opt.NoCertificate {
		return found, nil
	}
	var err error
	found.Certificate, err = x.certify(ctx, queries, own, found, opt)
	return found, err
}

// Certify returns the certificate of an answer of [Collection.Search] to these queries with these options: its recall
// against the exact answers to a sample of them. It reads all items that pass the filters. A server's exact index has
// one of 1.
func (x *Collection) Certify(ctx context.Context, queries *embedding.Embeddings, found *Found,
	opt search.Options) (*search.Certificate, error) {
	if err := x.accepts(queries, opt); err != nil {
		return nil, err
	}
	if len(found.Lists) != queries.N {
		return nil, fmt.Errorf("milvus: %d answers are not those of %d queries", len(found.Lists), queries.N)
	}
	opt.K = cmp.Or(opt.K, 10)
	return x.certify(ctx, queries, nil, found, opt)
}

// CertifyItems is Certify of an answer of [Collection.SearchItems].
func (x *Collection) CertifyItems(ctx context.Context, ids []string, found *Found,
	opt search.Options) (*search.Certificate, error) {
	queries, err := x.Embeddings(ctx, ids...)
	if err == nil {
		err = x.accepts(queries, opt)
	}
	if err == nil && len(found.Lists) != len(ids) {
		err = fmt.Errorf("milvus: %d answers are not those of %d queries", len(found.Lists), len(ids))
	}
	if err != nil {
		return nil, err
	}
	opt.K = cmp.Or(opt.K, 10)
	return x.certify(ctx, queries, ids, found, opt)
}

// accepts returns what is wrong with queries or options.
func (x *Collection) accepts(queries *embedding.Embeddings, opt search.Options) error {
	switch {
	case opt.Self:
		return option.Errorf("Self", "items of a server have no numbers: use SearchItems")
	case opt.Own != nil:
		return option.Errorf("Own", "items of a server have no numbers: use SearchItems")
	case opt.Rerank != 0:
		return option.Errorf("Rerank", "it has no effect: a server keeps all numbers")
	case opt.Ef != 0 && x.Index.Kind != HNSW:
		return option.Errorf("Ef", "it has no effect: there is no graph to search")
	case opt.Ef > maxEf:
		return option.Errorf("Ef", "%d: a server takes %d at most", opt.Ef, maxEf)
	}
	return x.rows.Accepts(queries, opt)
}

// ask puts the server's answers to the queries [from, to) into found.
func (x *Collection) ask(ctx context.Context, queries *embedding.Embeddings, from, to int, own []string, expr string,
	opt search.Options, found *Found) error {
	vectors := make([]entity.Vector, to-from)
	for i := range vectors {
		vectors[i] = entity.FloatVector(queries.Row(from + i))
	}
	k := opt.K
	if own != nil { // one of them is the query
		k++
	}
	return x.do(ctx, fmt.Sprintf("searching for %d queries", to-from), 1, func(ctx context.Context) error {
		ask := milvusclient.NewSearchOption(x.name, k, vectors).WithANNSField(fieldEmbedding).
			WithConsistencyLevel(entity.ClStrong).WithFilter(expr).WithOutputFields(fieldLabel, fieldDomain).
			WithSearchParam(index.MetricTypeKey, string(entity.IP))
		if x.Index.Kind == HNSW { // one for each request: the client writes into it
			ask = ask.WithAnnParam(index.NewHNSWAnnParam(max(cmp.Or(opt.Ef, ef), k)))
		}
		answers, err := x.Client.Search(ctx, ask)
		if err != nil {
			return err
		}
		if len(answers) != to-from {
			return fmt.Errorf("the server gave %d answers to %d queries", len(answers), to-from)
		}
		for i, a := range answers {
			list, err := neighbours(a, opt)
			if err != nil {
				return err
			}
			if own != nil {
				list = slices.DeleteFunc(list, func(n Neighbour) bool { return n.ID == own[from+i] })
			}
			found.Lists[from+i] = list[:min(opt.K, len(list))]
		}
		return nil
	})
}

// neighbours returns the items of an answer. One that the filters leave out is an error: who asked for some labels must
// not get others, whatever became of the filter on the way.
func neighbours(a milvusclient.ResultSet, opt search.Options) ([]Neighbour, error) {
	if a.Err != nil || a.ResultCount == 0 {
		return nil, a.Err
	}
	ids, ok := a.IDs.(*column.ColumnVarChar)
	labels, ok2 := a.GetColumn(fieldLabel).(*column.ColumnVarChar)
	domains, ok3 := a.GetColumn(fieldDomain).(*column.ColumnVarChar)
	if n := len(a.Scores); !ok || !ok2 || !ok3 || ids.Len() != n || labels.Len() != n || domains.Len() != n {
		return nil, errors.New("the server's answer lacks ids, labels or domains")
	}
	list := make([]Neighbour, len(a.Scores))
	for i, score := range a.Scores {
		n := Neighbour{search.Item{ID: ids.Data()[i], Label: labels.Data()[i], Domain: domains.Data()[i]},
			max(-1, min(1, score))}
		if opt.Labels != nil && !slices.Contains(opt.Labels, n.Label) ||
			opt.Domains != nil && !slices.Contains(opt.Domains, n.Domain) {
			return nil, fmt.Errorf("the server found %s, which the filter leaves out", quote.Text(n.ID))
		}
		list[i] = n
	}
	slices.SortFunc(list, nearer)
	return list, nil
}

// nearer orders neighbours: the nearest first, ties by id.
func nearer(a, b Neighbour) int {
	return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), strings.Compare(a.ID, b.ID))
}

// String returns how many queries have how many neighbours, with the certificate.
func (f Found) String() string {
	n := 0
	for _, l := range f.Lists {
		n += len(l)
	}
	text := fmt.Sprintf("%d neighbours of %d queries", n, len(f.Lists))
	if f.Certificate != nil {
		text += "; " + f.Certificate.String()
	}
	return text
}
