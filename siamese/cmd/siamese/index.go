package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/search"
	"github.com/go-siamese/lab/siamese/search/hnsw"
)

// indexCommands are about indexes: the embeddings of items in a file, in which the nearest are found.
type indexCommands struct {
	Build  indexBuildCommand  `cmd:"" help:"Embed items and write their index."`
	Search indexSearchCommand `cmd:"" help:"Find the items of an index most similar to others."`
	Serve  indexServeCommand  `cmd:"" help:"Answer other programs over HTTP from an index."`
}

// modelAndIndex are the arguments of a command that takes an index.
type modelAndIndex struct {
	Model string `arg:"" help:"File of the model, as train writes it."`
	Index string `arg:"" help:"File of an index that index build has made with this model, at the same --width."`
}

// isIndex returns the error of a command that takes tables and was given an index; other is the command for indexes.
func isIndex(path, other string) error {
	return usageError{fmt.Errorf("%s is an index: use siamese index %s", quote.Text(path), other)}
}

// indexBuildCommand writes the embeddings of items as an index.
type indexBuildCommand struct {
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
func (*indexBuildCommand) Help() string {
	return `Writes the embeddings of all items of DATA, with ids, labels and domains, as an index: a file in which index search
and index serve find items without embedding them again.

  siamese index build --out=items.index model.safetensors items.parquet
  siamese index search --query=new.csv model.safetensors items.index

With --engine=hnsw it has a graph, in which a search goes from neighbour to neighbour; what it misses is measured at
every search. The program needs hnswlib for it: the tag hnswlib when it is built.

  siamese index build --engine=hnsw --out=items.index model.safetensors items.parquet

Without a graph a table is embedded part by part and needs no memory of its own; the index does. With --storage=int8 or
float16 its float32 numbers are in a temporary file beside --out meanwhile.

The file belongs to the model: search with another one is refused. It is in the safetensors format and holds no code.
`
}

// check returns what is wrong with the flags of the graph, or nil.
func (c *indexBuildCommand) check(config hnsw.Config) error {
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
func (c *indexBuildCommand) Run(ctx context.Context, s *streams) (err error) {
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
	room := func(n, e int) error {
		for ; n > checked; checked *= 2 {
			if err := needs(s.errOut, fmt.Sprintf("an index of %d items", 2*checked), c.bytes(2*checked, e)); err != nil {
				return err
			}
		}
		return nil
	}
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
		if err := room(x.Stats().Items+z.N, z.E); err != nil {
			return err
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
		if err := room(u.frame.N(), u.E()); err != nil { // before they are embedded
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
func (c *indexBuildCommand) bytes(n, e int) float64 {
	item := map[string]int{"float32": 4 * e, "float16": 2 * e, "int8": e}[c.Storage]
	if c.Engine == search.EngineHNSW {
		item += e + 8*cmp.Or(c.Links, 16) + 150
	}
	return float64(n) * (2.25*float64(item) + 100)
}

// kind returns how the index keeps items.
func (c *indexBuildCommand) kind() string {
	if c.Engine == search.EngineHNSW {
		return c.Storage + " with a graph"
	}
	return c.Storage
}
