package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/formula"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/search"
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
}

// Help is the text below the usage.
func (*indexCommand) Help() string {
	return `Writes the embeddings of all items of DATA, with ids, labels and domains, as an index: a file that search takes
instead of DATA, without embedding the items again.

  siamese index --out=items.index model.safetensors items.parquet
  siamese search --query=new.csv model.safetensors items.index

The file belongs to the model: search with another one is refused. It is in the safetensors format and holds no code.
`
}

// Run embeds all items of DATA and writes the index.
func (c *indexCommand) Run(ctx context.Context, s *streams) error {
	_, hash, err := openfile.Hash(c.Model)
	if err != nil {
		return err
	}
	u, err := c.open(ctx, c.Model, c.Data, s.errOut)
	if err != nil {
		return err
	}
	if err := needs(s.errOut, "the index", 3*numbers(u.frame.N(), u.E())); err != nil {
		return err
	}
	z, err := u.embed(ctx, s.errOut)
	if err != nil {
		return err
	}
	x, err := search.New(z.E, search.Config{Storage: search.Storage(c.Storage), Of: hash})
	if err != nil {
		return err
	}
	if err := x.Add(ctx, z, u.frame); err != nil {
		return err
	}
	if err := x.Save(c.Out); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d items x %d numbers, %s\n", quote.Text(c.Out), z.N, z.E, c.Storage)
	return nil
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
