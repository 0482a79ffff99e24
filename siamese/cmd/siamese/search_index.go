package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
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
	x, err := openIndex(ctx, c.Data, c.Model, &c.widthFlags, c.Exact)
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
	return c.list(s.out, u, u.frame, "third", c.matches(found.Lists, self), func(_ int, n match) foundItem {
		item := x.Item(n.item)
		return foundItem{cosine: n.similarity, id: item.ID, label: item.Label}
	})
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
		"again: siamese index --out=FILE MODEL DATA", quote.Text(path), quote.Text(model), hash, quote.Line(of))
}

// asked returns the model with the queries, their embeddings and the number of the one that is an item of the index
// itself, else -1. An id is looked for first, as without an index, and needs no backend.
func (c *searchCommand) asked(ctx context.Context, s *streams, x search.Index) (*loadedModel, *embedding.Embeddings,
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

// indexCommand writes the embeddings of items as an index, in which search finds the nearest.
type indexCommand struct {
	modelAndData
	modelFlags
	Out     string `output:"file" required:"" placeholder:"FILE" help:"File to write."`
	Storage string `default:"float32" enum:"float32,float16,int8" placeholder:"KIND" help:"${help_storage}"`
	Engine  string `default:"exact" enum:"exact,hnsw" placeholder:"KIND" help:"${help_engine}"`
	// For hnsw alone.
	Links          int    `placeholder:"N" help:"Links of an item on every level of the graph but the lowest; 0 = 16."`
	EfConstruction int    `placeholder:"N" help:"Nearest items that are kept while links are chosen; 0 = 200."`
	Threads        int    `placeholder:"N" help:"${help_threads}"`
	Seed           uint64 `placeholder:"N" help:"Seed of the levels of items in the graph."`
}

// Help is the text below the usage.
func (*indexCommand) Help() string {
	return `Writes the embeddings of all items of DATA, with ids, labels and domains, as an index: a file that search takes
instead of DATA, without embedding the items again.

  siamese index --out=items.index model.safetensors items.parquet
  siamese search --query=new.csv model.safetensors items.index

With --engine=hnsw it has a graph, in which a search goes from neighbour to neighbour; what it misses is measured at
every search. The program needs hnswlib for it: the tag hnswlib when it is built.

  siamese index --engine=hnsw --out=items.index model.safetensors items.parquet

Without a graph a table is embedded part by part and needs no memory of its own; the index does. With --storage=int8 or
float16 its float32 numbers are in a temporary file beside --out meanwhile.

The file belongs to the model: search with another one is refused. It is in the safetensors format and holds no code.
`
}

// check returns what is wrong with the flags of the graph, or nil.
func (c *indexCommand) check(config hnsw.Config) error {
	if c.Engine == search.EngineHNSW {
		if err := config.Validate(); err != nil {
			return usageError{err}
		}
		if err := hnsw.Available(); err != nil {
			return option.Errorf("engine", "%w", err)
		}
		return nil
	}
	for _, flag := range []struct {
		name string
		used bool
	}{{"links", c.Links != 0}, {"ef-construction", c.EfConstruction != 0}, {"threads", c.Threads != 0},
		{"seed", c.Seed != 0}} {
		if flag.used {
			return wrongFlag(flag.name, "it has no effect without --engine=hnsw")
		}
	}
	return nil
}

// Run embeds all items of DATA and writes the index.
func (c *indexCommand) Run(ctx context.Context, s *streams) (err error) {
	tell, end := linkBar(s.errOut)
	config := hnsw.Config{Links: c.Links, EfConstruction: c.EfConstruction, Threads: c.Threads, Seed: c.Seed}
	if err := c.check(config); err != nil {
		return err
	}
	_, hash, err := openfile.Hash(c.Model)
	if err != nil {
		return err
	}
	config.Config = search.Config{Storage: search.Storage(c.Storage), Of: c.of(hash)}
	if c.Engine == search.EngineExact && c.Storage != string(search.Float32) {
		config.Scratch = filepath.Dir(c.Out) // the float32 numbers, which only the end of a search reads
	}
	var x search.Index // nil until the width is known
	defer func() {
		if x != nil {
			err = errors.Join(err, x.Close())
		}
	}()
	checked := 1 << 12 // items for which there is memory
	add := func(z *embedding.Embeddings, of *data.Frame) (err error) {
		if x == nil {
			if c.Engine == search.EngineHNSW {
				x, err = hnsw.New(z.E, config)
			} else {
				x, err = search.New(z.E, config.Config)
			}
			if err != nil {
				return err
			}
		}
		for x.Stats().Items+z.N > checked {
			checked *= 2
			if err := needs(s.errOut, fmt.Sprintf("an index of %d items", checked), c.bytes(checked, z.E)); err != nil {
				return err
			}
		}
		return x.Add(ctx, z, of)
	}
	if c.Engine == search.EngineExact && c.inParts(ctx, c.Data) {
		defer debug.SetGCPercent(debug.SetGCPercent(25)) // where an index fills the memory, as much garbage does not fit
		_, err = c.embedParts(ctx, c.Model, c.Data, s.errOut, add)
	} else {
		var u *loadedModel
		if u, err = c.open(ctx, c.Model, c.Data, s.errOut); err != nil {
			return err
		}
		config.Room, config.Progress = u.frame.N(), tell
		var z *embedding.Embeddings
		if z, err = u.embed(ctx, s.errOut); err == nil {
			err = add(z, u.frame)
		}
	}
	if end(); err != nil {
		return err
	}
	if x == nil {
		return fmt.Errorf("%s has no items", quote.Text(c.Data))
	}
	if err := x.Save(c.Out); err != nil {
		return err
	}
	stats := x.Stats()
	fmt.Fprintf(s.out, "%s: %d items x %d numbers, %s\n", quote.Text(c.Out), stats.Items, stats.Width, c.kind())
	return nil
}

// bytes returns what an index of n embeddings takes at most while it grows: its arrays twice and more, and ids.
func (c *indexCommand) bytes(n, e int) float64 {
	item := map[string]int{"float32": 4 * e, "float16": 2 * e, "int8": e}[c.Storage]
	if c.Engine == search.EngineHNSW {
		item += e + 8*cmp.Or(c.Links, 16) + 150
	}
	return float64(n) * (2.25*float64(item) + 100)
}

// kind returns how the index keeps items.
func (c *indexCommand) kind() string {
	if c.Engine == search.EngineHNSW {
		return c.Storage + " with a graph"
	}
	return c.Storage
}

// inBrackets returns the label of item i in brackets after a blank, or "" where it has none. labels may be nil.
func inBrackets(labels []string, i int) string {
	if labels == nil || labels[i] == "" {
		return ""
	}
	return " [" + quote.Cut(labels[i], 60) + "]"
}
