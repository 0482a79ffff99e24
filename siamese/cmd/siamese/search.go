package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/gallery"
	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/search"
)

// searchFlags are the flags of a search, among the items of a table or of an index.
type searchFlags struct {
	modelFlags
	prevalenceFlag
	expandFlags
	rerankFlags
	// Query is an id or a file, tried in this order.
	Query string `required:"" placeholder:"ID|TABLE" help:"${help_query}"`
	// K has a default of its own instead of 0, since a search for nothing is a slip.
	K int `default:"10" help:"Number of items to find."`
}

// check returns what is wrong with the flags, or nil.
func (c *searchFlags) check() error {
	if err := c.prevalenceFlag.check(); err != nil {
		return err
	}
	if c.K < 1 {
		return wrongFlag("k", "%d is less than 1", c.K)
	}
	return errors.Join(c.expandFlags.check(), c.rerankFlags.check())
}

// searchCommand finds the items of DATA that are most similar to others.
type searchCommand struct {
	modelAndData
	searchFlags
}

// Help is the text below the usage.
func (*searchCommand) Help() string {
	return `Finds the items of DATA most similar to one of them, or to each item of another table, with their
cosines, labels, whether the model's threshold calls them the same, and how probable it is that they are, which
depends on how common that is (--prevalence).

  siamese search --query=fashion/00007 --k=5 model.safetensors builtin
  siamese search --query=new.csv model.safetensors items.parquet
  siamese search --query=photo.jpg model.safetensors items.parquet

All items are embedded for it. Where that is done again and again, or memory is short, make an index of them once with
siamese index build, and search it with siamese index search.

A picture, or a folder of them, gets its features with the settings of the model.

With --expand=30 every item gives way to the mean of itself and its 30 nearest items of DATA (the gallery), which
usually finds more of a class. Two cosines are printed then: that of the means, by which items are ordered, and that
of the two items, which verdict and probability are about.

With --rerank=20 the nearest items, 100 or K, are put in another order: by which of their 20 nearest items of DATA they
have in common with the query (k-reciprocal encoding), and by their cosine. The first number is then that similarity,
at most 1. --expand and --rerank together re-rank expanded items.
`
}

// Run prints for every query its id, its label and the threshold, and then the K nearest items of DATA, the most
// similar first, each with cosine, verdict, probability, id and label. It compares each query with all N items:
// O(queries x N x E).
func (c *searchCommand) Run(ctx context.Context, s *streams) error {
	if err := c.check(); err != nil {
		return err
	}
	if search.Is(c.Data) {
		return isIndex(c.Data, "search")
	}
	// References and queries need the model's columns; labels are needed by neither.
	if _, err := os.Stat(c.Query); err == nil {
		c.other = c.Query
	}
	u, err := c.open(ctx, c.Model, c.Data, s.errOut)
	if err != nil {
		return err
	}
	if err := c.fits(u); err != nil {
		return err
	}
	queries, self, err := c.queries(ctx, u.frame)
	if err != nil {
		return err
	}
	// Queries are compared with all items some hundreds at a time.
	n := u.frame.N()
	if err := needs(s.errOut, "searching", numbers(n+queries.N(), u.E())+numbers(n, min(queries.N(), 256))+
		32*float64(queries.N())*float64(min(c.K, n))+c.galleryNeeds(n, queries.N(), u.E())); err != nil {
		return err
	}
	// The query's own frame is embedded again even if it is an item of DATA: one item costs nothing beside N.
	references, err := u.embed(ctx, s.errOut)
	if err != nil {
		return err
	}
	z, err := u.embedFrame(ctx, queries, s.errOut)
	if err != nil {
		return err
	}
	found, err := c.find(ctx, z, references, self)
	if err != nil {
		return err
	}
	c.explain(s.out)
	number := "third"
	if c.usesGallery() { // a number more
		number = "fourth"
	}
	return c.list(s.out, u, queries, number, found, func(q int, n match) foundItem {
		out := foundItem{cosine: n.similarity, id: u.frame.IDs[n.item], label: labelOf(u.frame, n.item)}
		if c.usesGallery() {
			out.orderedBy(n, z.Row(q), references.Row(n.item))
		}
		return out
	})
}

// foundItem is a line of what was found for a query.
type foundItem struct {
	order     string // what it is ordered by, where that is not the cosine
	cosine    float64
	id, label string
}

// list prints what was found for each query; item says what to print of a match. number says in which column the
// probability is.
func (c *searchFlags) list(out io.Writer, u *loadedModel, queries *data.Frame, number string, found [][]match,
	item func(query int, n match) foundItem) error {
	legend := c.legend(u, number)
	for q, list := range found {
		if q > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "%s%s  (threshold %s%s)\n", quote.Text(queries.IDs[q]), inBrackets(queries.Labels, q),
			decimal.Fixed(u.Threshold, 4), legend)
		for _, n := range list {
			i := item(q, n)
			probability, err := c.of(u, i.cosine)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%s%8s  %-9s  %s%s%s\n", i.order, decimal.Fixed(i.cosine, 4), u.verdict(i.cosine), probability,
				quote.Text(i.id), inBrackets([]string{i.label}, 0))
		}
	}
	return nil
}

// labelOf returns the label of an item, "" where the frame has none.
func labelOf(f *data.Frame, i int) string {
	if f.Labels == nil {
		return ""
	}
	return f.Labels[i]
}

// usesGallery returns whether items are ordered by more than their cosine.
func (c *searchFlags) usesGallery() bool { return c.Expand > 0 || c.Rerank > 0 }

// galleryNeeds returns the bytes that expansion and re-ranking of n items and some queries take.
func (c *searchFlags) galleryNeeds(n, queries, width int) float64 {
	var bytes float64
	if c.Expand > 0 {
		bytes += numbers(n+queries, width) + numbers(n, min(n, 256))
	}
	if c.Rerank > 0 {
		bytes += 16*float64(n)*float64(min(c.Rerank, n)) + numbers(n, min(n, 256))
	}
	return bytes
}

// explain says what the numbers of lines are where they are not cosines of the two items alone.
func (c *searchFlags) explain(out io.Writer) {
	var how []string
	first := "cosine is of these"
	if c.Expand > 0 {
		how = append(how, fmt.Sprintf("every item is averaged with its %d nearest", c.Expand))
	}
	if c.Rerank > 0 {
		how = append(how, fmt.Sprintf("the nearest are re-ranked by which of their %d nearest they have in common",
			c.Rerank))
		first = "number is by this"
	}
	if len(how) > 0 {
		fmt.Fprintf(out, "uses the gallery: %s;\nthe first %s; the next is the cosine of the two items, which the verdict "+
			"and the probability are about\n\n", strings.Join(how, ",\n"), first)
	}
}

// match is an item that was found, with what it is ordered by.
type match struct {
	item       int
	similarity float64
}

// matches returns the first K neighbours of each query without self.
func (c *searchFlags) matches(found [][]embedding.Neighbour, self int) [][]match {
	out := make([][]match, len(found))
	for q, list := range found {
		list = slices.DeleteFunc(list, func(n embedding.Neighbour) bool { return n.Item == self })
		for _, n := range list[:min(c.K, len(list))] {
			out[q] = append(out[q], match{n.Item, float64(n.Cosine)})
		}
	}
	return out
}

// find returns the K references most similar to each query. self is the number of the one query among them, else -1: it
// is taken out by its number, not by its cosine, because a copy of it under another id is a finding.
func (c *searchFlags) find(ctx context.Context, z, references *embedding.Embeddings, self int) ([][]match, error) {
	z, references, err := c.expanded(ctx, z, references, self)
	if err != nil {
		return nil, err
	}
	out := make([][]match, z.N)
	if c.Rerank == 0 {
		// One more: the query may be among them. There are no more than all.
		found, err := embedding.Nearest(z, references, min(c.K, references.N)+1, false)
		return c.matches(found, self), err
	}
	r, err := gallery.NewReranker(ctx, references, c.reranking())
	if err != nil {
		return nil, err
	}
	found := make([][]gallery.Reranked, 1)
	if self >= 0 { // an item of the gallery, which is not there twice
		found[0], err = r.SearchItem(ctx, self, c.K, 0)
	} else {
		found, err = r.Search(ctx, z, c.K, 0)
	}
	for q, list := range found {
		for _, n := range list {
			out[q] = append(out[q], match{n.Item, n.Similarity})
		}
	}
	return out, err
}

// expanded returns queries and references as they are searched: expanded by the references where that is wanted. self
// is the number of the one query among them, else -1.
func (c *searchFlags) expanded(ctx context.Context, z, references *embedding.Embeddings,
	self int) (queries, items *embedding.Embeddings, err error) {
	if c.Expand == 0 {
		return z, references, nil
	}
	if items, err = gallery.Expand(ctx, references, c.expansion()); err != nil {
		return nil, nil, err
	}
	if self >= 0 { // as an item of the gallery, which is not a neighbour of itself
		return items.Select([]int{self}), items, nil
	}
	queries, err = gallery.ExpandQueries(ctx, z, references, c.expansion())
	return queries, items, err
}

// queries returns the items to look for, and the number of the one that is an item of frame itself, else -1. An id is
// looked for first: an item that is called like a file can still be searched for. What is neither gets an error about
// both.
func (c *searchCommand) queries(ctx context.Context, frame *data.Frame) (*data.Frame, int, error) {
	items, missing := itemsByID(frame, c.Data, c.Query)
	if missing == nil {
		return frame.Select(items), items[0], nil
	}
	if _, err := os.Stat(c.Query); err != nil && c.Query != openfile.Stdin {
		return nil, 0, option.Errorf("query", "%s is not a file, and %w", quote.Text(c.Query), missing)
	}
	// Read like DATA, with the same columns; labels of queries are optional and only printed.
	queries, err := c.others(ctx, c.Query)
	if err != nil {
		return nil, 0, &option.Error{Option: "query", Err: err}
	}
	return queries, -1, nil
}
