package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/formula"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/internal/bar"
	"github.com/go-siamese/lab/siamese/search"
	"github.com/go-siamese/lab/siamese/search/hnsw"
)

// embedCommand writes embeddings [N, E] as a table, for other programs to use.
type embedCommand struct {
	modelAndData
	modelFlags
	Out string `output:"table" required:"" placeholder:"FILE" help:"File to write."`
}

// Help is the text below the usage.
func (*embedCommand) Help() string {
	return `Writes the embeddings of all items of DATA, each of unit length, with their ids, labels and domains. The
file's ending chooses the format: .parquet, .arrow, .npz, .npy (the numbers alone), .csv, .tsv.

  siamese embed --out=z.parquet model.safetensors items.parquet
  siamese embed --out=z.npy model.safetensors builtin:50
`
}

// Run embeds all items of DATA and writes a table with the columns embedding/0, embedding/1, ... and the ids, labels
// and domains of the items. The ending of --out chooses the format.
func (c *embedCommand) Run(ctx context.Context, s *streams) error {
	c.escapesOutput = textEnding.MatchString(c.Out)
	u, err := c.open(ctx, c.Model, c.Data, s.errOut)
	if err != nil {
		return err
	}
	if err := needs(s.errOut, "embedding", numbers(u.frame.N(), u.E())); err != nil {
		return err
	}
	z, err := u.embed(ctx, s.errOut)
	if err != nil {
		return err
	}
	// Save refuses an ending that it does not know before anything is written.
	if err := saveTable(c.Out, z.Frame(u.frame), c.EscapeFormulas, s.errOut); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d items x %d numbers\n", quote.Text(c.Out), z.N, z.E)
	return nil
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
	for flag, used := range map[string]bool{"links": c.Links != 0, "ef-construction": c.EfConstruction != 0,
		"threads": c.Threads != 0, "seed": c.Seed != 0} {
		if used {
			return wrongFlag(flag, "it has no effect without --engine=hnsw")
		}
	}
	return nil
}

// Run embeds all items of DATA and writes the index.
func (c *indexCommand) Run(ctx context.Context, s *streams) (err error) {
	tell, end := linkBar(s.errOut)
	config := hnsw.Config{Links: c.Links, EfConstruction: c.EfConstruction, Threads: c.Threads, Seed: c.Seed,
		Progress: tell}
	if err := c.check(config); err != nil {
		return err
	}
	_, hash, err := openfile.Hash(c.Model)
	if err != nil {
		return err
	}
	u, err := c.open(ctx, c.Model, c.Data, s.errOut)
	if err != nil {
		return err
	}
	bytes := 3 * numbers(u.frame.N(), u.E())
	if c.Engine == search.EngineHNSW {
		bytes += float64(u.frame.N()) * float64(u.E()+8*cmp.Or(c.Links, 16)+150)
	}
	if err := needs(s.errOut, "the index", bytes); err != nil {
		return err
	}
	z, err := u.embed(ctx, s.errOut)
	if err != nil {
		return err
	}
	config.Config = search.Config{Storage: search.Storage(c.Storage), Of: hash, Room: z.N}
	var x search.Index
	if c.Engine == search.EngineHNSW {
		x, err = hnsw.New(z.E, config)
	} else {
		x, err = search.New(z.E, config.Config)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	err = x.Add(ctx, z, u.frame)
	if end(); err != nil {
		return err
	}
	if err := x.Save(c.Out); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d items x %d numbers, %s\n", quote.Text(c.Out), z.N, z.E, c.kind())
	return nil
}

// kind returns how the index keeps items.
func (c *indexCommand) kind() string {
	if c.Engine == search.EngineHNSW {
		return c.Storage + " with a graph"
	}
	return c.Storage
}

// linkBar returns what shows on w how many items are linked: on a terminal as a line that is rewritten, else every five
// seconds. end ends the line.
func linkBar(w io.Writer) (tell func(done, total int), end func()) {
	line, every := bar.NewLine(w), bar.Every{Pause: 5 * time.Second}
	if line != nil {
		every.Pause = 100 * time.Millisecond
	}
	return func(done, total int) {
		switch text := fmt.Sprintf("%d of %d items linked", done, total); {
		case !every.Due(time.Now(), done == total):
		case line == nil:
			fmt.Fprintln(w, provenance.Volatile(text))
		default:
			line.Show(func(int) string { return bar.Draw(done, total, 16) + " " + text }, "")
		}
	}, line.End
}

// textEnding matches the names of files that spreadsheets open as text.
var textEnding = regexp.MustCompile(`(?i)\.(csv|tsv)(\.gz|\.zst)?$`)

// mayBeText reports whether a table of that name may be one that a spreadsheet wrote: its ending is none of the formats
// of numbers.
func mayBeText(path string) bool {
	if textEnding.MatchString(path) {
		return true
	}
	return !slices.ContainsFunc(table.Endings(), func(ending string) bool {
		return strings.HasSuffix(strings.ToLower(path), ending)
	})
}

// saveTable writes the frame to a file in the format that its ending says. In text, cells that a spreadsheet would run
// are escaped, or, where that is not asked for, counted in a warning on errOut.
func saveTable(path string, frame *data.Frame, escape bool, errOut io.Writer) error {
	if textEnding.MatchString(path) {
		if escape {
			frame = formula.EscapeFrame(frame)
		} else if n := formula.Count(frame); n > 0 {
			fmt.Fprintf(errOut, "warning: %d texts in %s begin with =, +, - or @: a spreadsheet would run them as "+
				"formulas, unless --escape-formulas is given\n", n, path)
		}
	}
	return table.Save(path, frame)
}
