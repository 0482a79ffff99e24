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
	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/search"
	"github.com/go-siamese/lab/siamese/search/hnsw"
)

// inIndex is Run where DATA is an index: only the queries are embedded.
func (c *searchCommand) inIndex(ctx context.Context, s *streams) (err error) {
	if c.Expand > 0 {
		return wrongFlag("expand", "an index is searched as it is: name the table of the items instead")
	}
	if c.Rerank > 0 {
		return wrongFlag("rerank", "an index is searched as it is: name the table of the items instead")
	}
	opt := search.Options{K: c.K, Exact: c.Exact, Ef: c.Ef, Labels: c.OnlyLabel, Domains: c.OnlyDomain}
	if err := opt.Validate(); err != nil {
		return usageError{err}
	}
	x, err := openIndex(ctx, c.Data, c.Model, c.Exact)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	if c.Ef != 0 && x.Stats().Engine == search.EngineExact {
		return wrongFlag("ef", "it has no effect: there is no graph to search")
	}
	u, z, self, err := c.asked(ctx, s, x)
	if err != nil {
		return err
	}
	if err := c.fits(u); err != nil {
		return err
	}
	if self >= 0 {
		opt.Own = []int{self}
	}
	found, err := x.Search(ctx, z, opt)
	if err != nil {
		return err
	}
	if (c.OnlyLabel != nil || c.OnlyDomain != nil) && len(found.Lists) > 0 && len(found.Lists[0]) == 0 {
		return fmt.Errorf("%s has no other items of this label and domain", quote.Text(c.Data))
	}
	if found.Certificate != nil {
		fmt.Fprintf(s.out, "approximate: %s\n\n", found.Certificate)
	}
	for q, list := range found.Lists {
		if q > 0 {
			fmt.Fprintln(s.out)
		}
		fmt.Fprintf(s.out, "%s%s  (threshold %s%s)\n", quote.Text(u.frame.IDs[q]), inBrackets(u.frame.Labels, q),
			decimal.Fixed(u.Threshold, 4), c.legend(u, "third"))
		for _, n := range list {
			cosine, item := float64(n.Cosine), x.Item(n.Item)
			probability, err := c.of(u, cosine)
			if err != nil {
				return err
			}
			fmt.Fprintf(s.out, "%8s  %-9s  %s%s%s\n", decimal.Fixed(cosine, 4), u.verdict(cosine), probability,
				quote.Text(item.ID), inBrackets([]string{item.Label}, 0))
		}
	}
	return nil
}

// openIndex returns the index in a file, without its graph where answers are exact. It is of this model, or refused.
func openIndex(ctx context.Context, path, model string, exact bool) (search.Index, error) {
	_, hash, err := openfile.Hash(model)
	if err != nil {
		return nil, err
	}
	var x search.Index
	if exact {
		x, err = search.Load(ctx, path)
	} else {
		x, err = hnsw.Open(ctx, path)
	}
	if err != nil {
		return nil, err
	}
	if x.Of() != hash {
		err := fmt.Errorf("%s is not of the model %s, whose SHA-256 is %.12s: it was made with another one (%.12s). Make it "+
			"again: siamese index --out=FILE MODEL DATA", quote.Text(path), quote.Text(model), hash, quote.Line(x.Of()))
		return nil, errors.Join(err, x.Close())
	}
	return x, nil
}

// asked returns the model with the queries, their embeddings and the number of the one that is an item of the index
// itself, else -1. An id is looked for first, as without an index, and needs no backend.
func (c *searchCommand) asked(ctx context.Context, s *streams, x search.Index) (*loadedModel, *embedding.Embeddings, int,
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
