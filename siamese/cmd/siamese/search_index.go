package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/search"
	"github.com/go-siamese/lab/siamese/search/hnsw"
)

// indexSearchCommand finds the items of an index that are most similar to others.
type indexSearchCommand struct {
	modelAndIndex
	searchFlags
	Exact bool `help:"Compare exactly where numbers are int8 or there is a graph, which is slower."`
	// An index has no --label column to choose by.
	OnlyLabel  []string `sep:"none" placeholder:"LABEL" help:"${help_only_label}"`
	OnlyDomain []string `sep:"none" placeholder:"DOMAIN" help:"${help_only_domain}"`
	Ef         int      `placeholder:"N" help:"${help_ef}"`
}

// Help is the text below the usage.
func (*indexSearchCommand) Help() string {
	return `Finds the items of an index most similar to one of them, or to each item of a table, and prints them as siamese search
does. Only the items of the table are embedded; --expand and --rerank work as there.

  siamese index search --query=fashion/00007 --k=5 model.safetensors items.index
  siamese index search --query=new.csv --only-label=shoe model.safetensors items.index

The answers of an index with int8 numbers or a graph are approximate and say how many of the right items they have, from
the exact answers to a sample of the queries.
`
}

// Run prints what siamese search prints. Only the queries are embedded.
func (c *indexSearchCommand) Run(ctx context.Context, parsed *kong.Context, s *streams) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	if c.usesGallery() {
		for _, flag := range []struct {
			name string
			used bool
		}{{"exact", c.Exact}, {"ef", c.Ef != 0}, {"only-label", c.OnlyLabel != nil}, {"only-domain", c.OnlyDomain != nil}} {
			if flag.used {
				return wrongFlag(flag.name, "it has no effect with --expand and --rerank, for which all items are compared")
			}
		}
	}
	opt := search.Options{K: c.K, Exact: c.Exact, Ef: c.Ef, Labels: c.OnlyLabel, Domains: c.OnlyDomain}
	if err := opt.Validate(); err != nil {
		return usageError{err}
	}
	x, err := openIndex(ctx, c.Index, c.Model, &c.widthFlags, c.Exact || c.usesGallery())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	if c.Ef != 0 && x.Stats().Engine == search.EngineExact {
		if c.Exact {
			return wrongFlag("ef", "it has no effect with --exact, which does not use the graph")
		}
		return wrongFlag("ef", "it has no effect: there is no graph to search")
	}
	if flag := tableFlag(parsed); flag != "" {
		if _, ok := x.Number(c.Query); ok {
			return wrongFlag(flag, "it is about a table of queries, and %s is an item of the index", quote.Text(c.Query))
		}
	}
	u, z, self, err := c.asked(ctx, s, x)
	if err != nil {
		return err
	}
	if err := c.fits(u); err != nil {
		return err
	}
	if c.usesGallery() {
		return c.byIndex(ctx, s, x, u, z, self)
	}
	if self >= 0 {
		opt.Own = []int{self}
	}
	found, err := x.Search(ctx, z, opt)
	if err != nil {
		return err
	}
	if (c.OnlyLabel != nil || c.OnlyDomain != nil) && len(found.Lists) > 0 && len(found.Lists[0]) == 0 {
		return fmt.Errorf("%s has no other items of this label and domain", quote.Text(c.Index))
	}
	if found.Certificate != nil {
		fmt.Fprintf(s.out, "approximate: %s\n\n", found.Certificate)
	}
	return c.list(s.out, u, u.frame, "third", c.matches(found.Lists, self), func(_ int, n match) foundItem {
		item := x.Item(n.item)
		return foundItem{cosine: n.similarity, id: item.ID, label: item.Label}
	})
}

// byIndex prints what is found where items are averaged or re-ranked by those of an index. Its items are compared with
// each other, and are in memory for that.
func (c *indexSearchCommand) byIndex(ctx context.Context, s *streams, x search.Index, u *loadedModel, z *embedding.Embeddings,
	self int) error {
	n := x.Stats().Items // those of a file: none is deleted
	if err := needs(s.errOut, "searching", 2*numbers(n, z.E)+c.galleryNeeds(n, z.N, z.E)); err != nil {
		return err
	}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	references, err := x.Embeddings(all)
	if err != nil {
		return err
	}
	found, err := c.find(ctx, z, references, self)
	if err != nil {
		return err
	}
	c.explain(s.out)
	return c.list(s.out, u, u.frame, "fourth", found, func(q int, n match) foundItem {
		item := x.Item(n.item)
		out := foundItem{id: item.ID, label: item.Label}
		out.orderedBy(n, z.Row(q), references.Row(n.item))
		return out
	})
}

// orderedBy sets what a match is ordered by where that is not the cosine, and the cosine of the query and the item.
func (f *foundItem) orderedBy(n match, query, item []float32) {
	f.order = fmt.Sprintf("%8s", decimal.Fixed(n.similarity, 4))
	f.cosine = max(-1, min(1, embedding.Dot(query, item)))
}

// openIndex returns the index in a file, without its graph where answers are exact. It is of this model and as many of
// its numbers, or refused.
func openIndex(ctx context.Context, path, model string, width *widthFlags, exact bool) (search.Index, error) {
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
	if err := madeOf(x.Of(), hash, path, model, width); err != nil {
		return nil, errors.Join(err, x.Close())
	}
	return x, nil
}

// madeOf returns an error unless an index was made of this model, whose hash is given, and of as many of its numbers.
func madeOf(of, hash, path, model string, width *widthFlags) error {
	short, narrow := strings.CutPrefix(of, hash+" width ")
	switch {
	case of == width.of(hash):
		return nil
	case narrow:
		return wrongFlag("width", "%s has the first %s numbers of the encoder: give --width=%s", quote.Text(path),
			quote.Line(short), quote.Line(short))
	case of == hash:
		return wrongFlag("width", "%s has all numbers of the encoder: leave it out, or make it again with --width=%d",
			quote.Text(path), width.Width)
	}
	return fmt.Errorf("%s is not of the model %s, whose SHA-256 is %.12s: it was made with another one (%.12s). Make it "+
		"again: siamese index build --out=FILE MODEL DATA", quote.Text(path), quote.Text(model), hash, quote.Line(of))
}

// asked returns the model with the queries, their embeddings and the number of the one that is an item of the index
// itself, else -1. An id is looked for first, as without an index, and needs no backend.
func (c *indexSearchCommand) asked(ctx context.Context, s *streams, x search.Index) (*loadedModel, *embedding.Embeddings,
	int, error) {
	if n, ok := x.Number(c.Query); ok {
		m, err := c.load(c.Model)
		if err != nil {
			return nil, nil, 0, err
		}
		z, err := x.Embeddings([]int{n})
		item := x.Item(n)
		return &loadedModel{Model: m, frame: &data.Frame{IDs: []string{item.ID}, Labels: []string{item.Label}}}, z, n, err
	}
	if _, err := os.Stat(c.Query); err != nil && c.Query != openfile.Stdin && !isBuiltin(c.Query) {
		return nil, nil, 0, option.Errorf("query", "%s is not a file, and there is no item of that id in %s",
			quote.Text(c.Query), quote.Text(c.Index))
	}
	u, err := c.open(ctx, c.Model, c.Query, s.errOut)
	if err != nil {
		return nil, nil, 0, err
	}
	z, err := u.embed(ctx, s.errOut)
	return u, z, -1, err
}

// inBrackets returns the label of item i in brackets after a blank, or "" where it has none. labels may be nil.
func inBrackets(labels []string, i int) string {
	if labels == nil || labels[i] == "" {
		return ""
	}
	return " [" + quote.Cut(labels[i], 60) + "]"
}
