package milvus

import (
	"context"
	"fmt"

	"github.com/milvus-io/milvus/client/v2/column"
	"github.com/milvus-io/milvus/client/v2/milvusclient"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
)

// request is about how many bytes of embeddings go in a message; servers take 64 MB.
const request = 8 << 20

// most returns how many items fit into a message.
func (x *Collection) most() int { return max(1, min(4096, request/(4*x.width))) }

// Add adds the items of z, or replaces those whose ids are there. Their ids, labels and domains are those of like.
// Faults of items are found before any is sent; after another error some may have been added: add all again.
func (x *Collection) Add(ctx context.Context, z *embedding.Embeddings, like *data.Frame) error {
	if err := x.check(z, like); err != nil {
		return err
	}
	for from := 0; from < z.N; from += x.most() {
		if err := x.put(ctx, z, like, from, min(z.N, from+x.most())); err != nil {
			return err
		}
	}
	return nil
}

// check returns what is wrong with items that are to be added.
func (x *Collection) check(z *embedding.Embeddings, like *data.Frame) error {
	if like == nil {
		return fmt.Errorf("milvus: items need ids, and there is no table of them")
	}
	if err := x.rows.Check(z, like); err != nil {
		return err
	}
	for i := range z.N {
		for _, t := range []struct{ what, text string }{{fieldID, like.IDs[i]}, {fieldLabel, text(like.Labels, i)},
			{fieldDomain, text(like.Domains, i)}} {
			if len(t.text) > maxText {
				return fmt.Errorf("milvus: row %d: the %s %s has %d bytes: a collection takes %d", i, t.what,
					quote.Cut(t.text, 60), len(t.text), maxText)
			}
		}
	}
	return nil
}

// text returns the label or domain of an item, "" where there is none.
func text(of []string, i int) string {
	if of == nil {
		return ""
	}
	return of[i]
}

// put sends the items [from, to), and returns once the server has them.
func (x *Collection) put(ctx context.Context, z *embedding.Embeddings, like *data.Frame, from, to int) error {
	n := to - from
	rows, labels, domains := make([][]float32, n), make([]string, n), make([]string, n)
	for i := range n {
		rows[i], labels[i], domains[i] = z.Row(from+i), text(like.Labels, from+i), text(like.Domains, from+i)
	}
	return x.do(ctx, fmt.Sprintf("adding %d items", n), 1, func(ctx context.Context) error {
		done, err := x.Upsert(ctx, milvusclient.NewColumnBasedInsertOption(x.name,
			column.NewColumnVarChar(fieldID, like.IDs[from:to]), column.NewColumnVarChar(fieldLabel, labels),
			column.NewColumnVarChar(fieldDomain, domains), column.NewColumnFloatVector(fieldEmbedding, x.width, rows)))
		if err == nil && done.UpsertCount != int64(n) {
			err = fmt.Errorf("the server took %d of %d items", done.UpsertCount, n)
		}
		return err
	})
}

// flush has the server write what it took to its storage.
func (x *Collection) flush(ctx context.Context) error {
	return x.do(ctx, "flushing collection "+x.name, slow, func(ctx context.Context) error {
		task, err := x.Flush(ctx, milvusclient.NewFlushOption(x.name))
		if err != nil {
			return err
		}
		return task.Await(ctx)
	})
}

// Delete removes the items of these ids; one that is not there is an error, and then none is removed. After another
// error some may have been removed.
func (x *Collection) Delete(ctx context.Context, ids ...string) error {
	if _, err := x.Items(ctx, ids...); err != nil {
		return err
	}
	for from := 0; from < len(ids); from += idsAtOnce {
		some := ids[from:min(len(ids), from+idsAtOnce)]
		err := x.do(ctx, fmt.Sprintf("deleting %d items", len(some)), 1, func(ctx context.Context) error {
			_, err := x.Client.Delete(ctx, milvusclient.NewDeleteOption(x.name).WithExpr(among(fieldID, some)))
			return err
		})
		if err != nil {
			return fmt.Errorf("%w (%d of %d items are deleted)", err, from, len(ids))
		}
	}
	return nil
}
