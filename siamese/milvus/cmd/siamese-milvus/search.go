package main

import (
	"context"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/milvus"
	"github.com/go-siamese/lab/siamese/search"
)

type searchCommand struct {
	serverFlags
	tableFlags
	Query string `required:"" placeholder:"ID|TABLE" help:"Id of an item of the collection, or a table of items."`
	K     int    `default:"10" help:"Number of items to find (${default})."`
	Exact bool   `help:"Where the collection has a graph: compare all items, which are read from the server."`

	OnlyLabel  []string `option:"Labels" sep:"none" placeholder:"LABEL" help:"Only items of this label; can be repeated."`
	OnlyDomain []string `option:"Domains" sep:"none" placeholder:"DOMAIN" help:"Only items of this domain."`

	Ef int `placeholder:"N" help:"Of a graph: how many of the nearest a search keeps; more find more; 0 = 100."`

	Certificate   bool   `xor:"certificate" help:"Measure what an exact collection finds, too."`
	NoCertificate bool   `xor:"certificate" help:"Do not measure what a graph misses: it reads all items."`
	Sample        int    `placeholder:"N" help:"Queries that a certificate is measured on; 0 = 100."`
	Seed          uint64 `placeholder:"N" help:"Seed of the sample."`
}

// Help is the text below the usage.
func (*searchCommand) Help() string {
	return `Finds the items of the collection most similar to one of them, or to each item of a table, with their cosines,
labels and domains. Answers of a graph come with their recall, measured on a sample of the queries; an exact
collection's with --certificate.

  siamese-milvus search --query=photo-17 --only-label=shoe items
  siamese-milvus search --model=model.safetensors --query=new.csv items
`
}

// Run prints for every query its id and its neighbours.
func (c *searchCommand) Run(ctx context.Context, s *streams) error {
	opt := search.Options{K: c.K, Exact: c.Exact, Labels: c.OnlyLabel, Domains: c.OnlyDomain, Ef: c.Ef, Sample: c.Sample,
		Seed: c.Seed, NoCertificate: c.NoCertificate}
	if c.K < 1 {
		return wrongFlag("k", "%d is less than 1", c.K)
	}
	if err := opt.Validate(); err != nil {
		return usageError{err}
	}
	return c.with(ctx, func(x *milvus.Collection) error { return c.in(ctx, s, x, opt) })
}

// in searches a collection.
func (c *searchCommand) in(ctx context.Context, s *streams, x *milvus.Collection, opt search.Options) error {
	var (
		found *milvus.Found
		z     *embedding.Embeddings
		like  = &data.Frame{IDs: []string{c.Query}}
	)
	items, err := x.Items(ctx, c.Query)
	switch {
	case err == nil: // an id is looked for first, so that an item that is called like a file can be found
		like.Labels = []string{items[0].Label}
		found, err = x.SearchItems(ctx, like.IDs, opt)
	case !exists(c.Query):
		return option.Errorf("query", "%s is not a file, and %w", quote.Text(c.Query), err)
	default:
		if like, z, err = c.queries(ctx, s.errOut, x); err == nil {
			found, err = x.Search(ctx, z, opt)
		}
	}
	if err == nil && c.Certificate && found.Certificate == nil {
		if z == nil {
			found.Certificate, err = x.CertifyItems(ctx, like.IDs, found, opt)
		} else {
			found.Certificate, err = x.Certify(ctx, z, found, opt)
		}
	}
	if err != nil {
		return err
	}
	if found.Certificate != nil {
		fmt.Fprintf(s.out, "%s\n\n", found.Certificate)
	}
	for q, list := range found.Lists {
		if q > 0 {
			fmt.Fprintln(s.out)
		}
		query := search.Item{ID: like.IDs[q]}
		if like.Labels != nil {
			query.Label = like.Labels[q]
		}
		fmt.Fprintln(s.out, query)
		for _, n := range list {
			fmt.Fprintf(s.out, "%8s  %s\n", decimal.Fixed(float64(n.Cosine), 4), n.Item)
		}
	}
	return nil
}

// queries returns the embeddings of the items of a table.
func (c *searchCommand) queries(ctx context.Context, errOut io.Writer, x *milvus.Collection) (*data.Frame,
	*embedding.Embeddings, error) {
	m, err := c.open(errOut)
	if err == nil {
		err = m.fits(x, c.Collection)
	}
	if err != nil {
		return nil, nil, err
	}
	like, _, err := table.Open(ctx, c.Query, c.options(m))
	if err != nil {
		return nil, nil, &option.Error{Option: "query", Err: err}
	}
	if m.Model == nil {
		return like, &embedding.Embeddings{Values: like.X, N: like.N(), E: like.F()}, nil
	}
	z, err := m.Embed(ctx, m.backend, like)
	if err != nil {
		return nil, nil, err
	}
	for _, warning := range z.Warnings() {
		fmt.Fprintln(errOut, "warning:", warning)
	}
	return like, z, nil
}
