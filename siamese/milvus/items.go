package milvus

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/milvus-io/milvus/client/v2/column"
	"github.com/milvus-io/milvus/client/v2/entity"
	"github.com/milvus-io/milvus/client/v2/milvusclient"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/search"
)

// idsAtOnce is how many ids a filter names.
const idsAtOnce = 1000

// Items returns what the collection knows of the items of these ids, in their order. One that is not there is an error.
func (x *Collection) Items(ctx context.Context, ids ...string) ([]search.Item, error) {
	found, _, err := x.get(ctx, ids, false)
	if err != nil {
		return nil, err
	}
	out := make([]search.Item, len(ids))
	for i, id := range ids {
		item, ok := found[id]
		if !ok {
			return nil, fmt.Errorf("milvus: %s has no item %s", x.name, quote.Text(id))
		}
		out[i] = item
	}
	return out, nil
}

// Embeddings returns the embeddings of the items of these ids, in their order. One that is not there is an error.
func (x *Collection) Embeddings(ctx context.Context, ids ...string) (*embedding.Embeddings, error) {
	_, rows, err := x.get(ctx, ids, true)
	if err != nil {
		return nil, err
	}
	out := &embedding.Embeddings{N: len(ids), E: x.width, Values: make([]float32, 0, len(ids)*x.width)}
	for i, id := range ids {
		row, ok := rows[id]
		if !ok {
			return nil, fmt.Errorf("milvus: %s has no item %s", x.name, quote.Text(id))
		}
		if embedding.Magnitude(row) == 0 {
			out.Zero = append(out.Zero, i)
		}
		out.Values = append(out.Values, row...)
	}
	return out, nil
}

// get returns the items of ids that are there, and where asked for their embeddings.
func (x *Collection) get(ctx context.Context, ids []string, numbers bool) (map[string]search.Item,
	map[string][]float32, error) {
	items, rows := make(map[string]search.Item, len(ids)), map[string][]float32{}
	at := idsAtOnce
	if numbers {
		at = min(at, x.most())
	}
	for from := 0; from < len(ids); from += at {
		some := ids[from:min(len(ids), from+at)]
		err := x.do(ctx, fmt.Sprintf("reading %d items", len(some)), 1, func(ctx context.Context) error {
			rs, err := x.Query(ctx, milvusclient.NewQueryOption(x.name).WithFilter(among(fieldID, some)).
				WithConsistencyLevel(entity.ClStrong).WithOutputFields(outputs(numbers)...))
			if err != nil {
				return err
			}
			like, z, err := x.unpack(rs, numbers)
			if err != nil {
				return err
			}
			for i, id := range like.IDs {
				items[id] = search.Item{ID: id, Label: like.Labels[i], Domain: like.Domains[i]}
				if numbers {
					rows[id] = z.Row(i)
				}
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return items, rows, nil
}

// outputs are the fields of answers.
func outputs(numbers bool) []string {
	out := []string{fieldID, fieldLabel, fieldDomain}
	if numbers {
		out = append(out, fieldEmbedding)
	}
	return out
}

// unpack returns the items of an answer.
func (x *Collection) unpack(rs milvusclient.ResultSet, numbers bool) (*data.Frame, *embedding.Embeddings, error) {
	like := &data.Frame{Labels: []string{}, Domains: []string{}}
	z := &embedding.Embeddings{E: x.width}
	if rs.ResultCount == 0 && len(rs.Fields) == 0 {
		return like, z, nil
	}
	for _, f := range []struct {
		name string
		to   *[]string
	}{{fieldID, &like.IDs}, {fieldLabel, &like.Labels}, {fieldDomain, &like.Domains}} {
		c, ok := rs.GetColumn(f.name).(*column.ColumnVarChar)
		if !ok {
			return nil, nil, fmt.Errorf("the answer lacks the field %s", f.name)
		}
		*f.to = slices.Clone(c.Data())
	}
	n := len(like.IDs)
	if len(like.Labels) != n || len(like.Domains) != n {
		return nil, nil, fmt.Errorf("the answer has %d ids, %d labels and %d domains", n, len(like.Labels), len(like.Domains))
	}
	if !numbers || n == 0 {
		return like, z, nil
	}
	c, ok := rs.GetColumn(fieldEmbedding).(*column.ColumnFloatVector)
	if !ok || c.Len() != n || c.Dim() != x.width {
		return nil, nil, fmt.Errorf("the answer lacks the embeddings of %d items", n)
	}
	z.N, z.Values = n, make([]float32, 0, n*x.width)
	for _, v := range c.Data() {
		z.Values = append(z.Values, v...)
	}
	return like, z, nil
}

// window is the most items that a server gives at a time.
const window = 1 << 14

// pageRows returns how many items a page has: 32 MB at most.
func (x *Collection) pageRows() int { return max(1, min(window, 4*request/(4*x.width))) }

// page is some items with their embeddings.
type page struct {
	like *data.Frame
	z    *embedding.Embeddings
}

// pages returns all items that pass a filter, in the order of their ids. An error is the last element. Items that are
// added or deleted meanwhile may be among them or not.
func (x *Collection) pages(ctx context.Context, expr string) iter.Seq2[page, error] {
	return func(yield func(page, error) bool) {
		for after := ""; ; { // every id is greater than ""
			var p page
			err := x.do(ctx, "reading all items of "+x.name, slow, func(ctx context.Context) error {
				// An iterator of one page: for further ones it would put ids into its filter unquoted.
				it, err := x.QueryIterator(ctx, milvusclient.NewQueryIteratorOption(x.name).WithBatchSize(x.pageRows()).
					WithFilter(both(expr, fieldID+" > "+literal(after))).WithOutputFields(outputs(true)...).
					WithConsistencyLevel(entity.ClStrong))
				if err != nil {
					return err
				}
				rs, err := it.Next(ctx)
				if err != nil && !isEnd(err) {
					return err
				}
				p.like, p.z, err = x.unpack(rs, true)
				return err
			})
			if err != nil || len(p.like.IDs) == 0 {
				if err != nil {
					yield(page{}, err)
				}
				return
			}
			last := slices.Max(p.like.IDs)
			if last <= after {
				yield(page{}, fmt.Errorf("milvus: %s gives its items in no order", x.name))
				return
			}
			if !yield(p, nil) {
				return
			}
			after = last
		}
	}
}
