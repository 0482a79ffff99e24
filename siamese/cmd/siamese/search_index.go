package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/search"
)

// inIndex is Run where DATA is an index: only the queries are embedded.
func (c *searchCommand) inIndex(ctx context.Context, s *streams) (err error) {
	if c.Expand > 0 {
		return wrongFlag("expand", "an index is searched as it is: name the table of the items instead")
	}
	if c.Rerank > 0 {
		return wrongFlag("rerank", "an index is searched as it is: name the table of the items instead")
	}
	if c.K >= search.MaxK {
		return wrongFlag("k", "%d: an index gives at most %d", c.K, search.MaxK-1)
	}
	x, err := search.Load(ctx, c.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	_, hash, err := openfile.Hash(c.Model)
	if err != nil {
		return err
	}
	if x.Of() != hash {
		return fmt.Errorf("%s is not of the model %s, whose SHA-256 is %.12s: it was made with another one (%.12s). Make it "+
			"again: siamese index --out=FILE MODEL DATA", quote.Text(c.Data), quote.Text(c.Model), hash, quote.Line(x.Of()))
	}
	u, z, self, err := c.asked(ctx, s, x)
	if err != nil {
		return err
	}
	if err := c.fits(u); err != nil {
		return err
	}
	// One more: the query may be among them.
	found, err := x.Search(ctx, z, search.Options{K: c.K + 1, Exact: c.Exact})
	if err != nil {
		return err
	}
	if found.Certificate != nil {
		fmt.Fprintf(s.out, "approximate: %s\n\n", found.Certificate)
	}
	return c.list(s.out, u, u.frame, "third", c.matches(found.Lists, self), func(_ int, n match) foundItem {
		item := x.Item(n.item)
		return foundItem{cosine: n.similarity, id: item.ID, label: item.Label}
	})
}

// asked returns the model with the queries, their embeddings and the number of the one that is an item of the index
// itself, else -1. An id is looked for first, as without an index, and needs no backend.
func (c *searchCommand) asked(ctx context.Context, s *streams, x *search.Exact) (*loadedModel, *embedding.Embeddings, int,
	error) {
	if n, ok := x.Number(c.Query); ok {
		m, err := siamese.Load(c.Model)
		if err != nil {
			return nil, nil, 0, err
		}
		z, err := x.Embeddings([]int{n})
		item := x.Item(n)
		return &loadedModel{Model: m, frame: &data.Frame{IDs: []string{item.ID}, Labels: []string{item.Label}}}, z, n, err
	}
	if _, err := os.Stat(c.Query); err != nil && c.Query != openfile.Stdin {
		return nil, nil, 0, option.Errorf("query", "%s is not a file, and there is no item of that id in %s",
			quote.Text(c.Query), quote.Text(c.Data))
	}
	u, err := c.open(ctx, c.Model, c.Query, s.errOut)
	if err != nil {
		return nil, nil, 0, err
	}
	z, err := u.embed(ctx, s.errOut)
	return u, z, -1, err
}
