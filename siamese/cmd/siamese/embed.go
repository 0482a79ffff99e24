package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"iter"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/formula"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/bar"
)

// embedCommand writes embeddings [N, E] as a table, for other programs to use.
type embedCommand struct {
	modelAndData
	modelFlags
	Out string `output:"table" required:"" placeholder:"FILE" help:"File to write."`
	As  string `default:"float32" enum:"float32,float16,int8" placeholder:"TYPE" help:"${help_as}"`
}

// Help is the text below the usage.
func (*embedCommand) Help() string {
	return `Writes the embeddings of all items of DATA, each of unit length, with their ids, labels and domains. The
file's ending chooses the format: .parquet, .arrow, .npz, .npy (the numbers alone), .csv, .tsv.

  siamese embed --out=z.parquet model.safetensors items.parquet
  siamese embed --out=z.npy model.safetensors builtin:50
  siamese embed --width=64 --as=int8 --out=z.npy model.safetensors builtin:50

A table goes to .parquet part by part, whatever its size; for the other endings all must fit into memory.

Shorter embeddings are the first numbers of each, at a width that the model was trained for (train --nested); features
beside the encoder stay whole. Smaller numbers are for .parquet, .npz and .npy: float16 rounds to 16 bits; int8 has
whole numbers from -127 to 127, the same factor for all of a row: cosines are those of the embeddings but for rounding.
`
}

// Run embeds all items of DATA and writes a table with the columns embedding/0, embedding/1, ... and the ids, labels
// and domains of the items. The ending of --out chooses the format.
func (c *embedCommand) Run(ctx context.Context, s *streams) error {
	c.escapesOutput = textEnding.MatchString(c.Out)
	if err := c.checkAs(); err != nil {
		return err
	}
	if strings.HasSuffix(strings.ToLower(c.Out), ".parquet") && c.inParts(ctx, c.Data) {
		return c.stream(ctx, s)
	}
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
	if z, err = z.Rounded(c.As); err != nil {
		return err
	}
	if c.As != embedding.Float32 {
		err = table.SaveAs(c.Out, z.Frame(u.frame), table.Number(c.As))
	} else {
		err = saveTable(c.Out, z.Frame(u.frame), c.EscapeFormulas, s.errOut)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d items x %d numbers%s\n", quote.Text(c.Out), z.N, z.E, c.asText())
	return nil
}

// checkAs returns a usage error where the format of the file has no numbers of the type.
func (c *embedCommand) checkAs() error {
	if c.As == embedding.Float32 || typedEnding.MatchString(c.Out) {
		return nil
	}
	return wrongFlag("as", "%s: only .parquet, .npz and .npy have %s", quote.Text(c.Out), c.As)
}

// asText returns the type of the numbers for the last line, "" for the usual one.
func (c *embedCommand) asText() string {
	if c.As == embedding.Float32 {
		return ""
	}
	return ", " + c.As
}

// inParts reports whether the items of DATA are embedded while they are read, in bounded memory: those of a table,
// without labels from another one. Archives, which NPZ files are, are read as a whole.
func (c *modelFlags) inParts(ctx context.Context, name string) bool {
	return !isBuiltin(name) && name != openfile.Stdin && c.Labels == "" && c.LabelsOfPairs == "" &&
		!holdsPictures(ctx, name) && !isArchive(name)
}

// isArchive reports whether a file, or one of a folder, begins as a ZIP archive does.
func isArchive(name string) bool {
	files := []string{name}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		files, _ = openfile.Glob(name, "*") // what opens them says an error better
	}
	return slices.ContainsFunc(files, func(path string) bool {
		return bytes.HasPrefix(beginning(path), []byte("PK\x03\x04"))
	})
}

// stream embeds the items of a table part by part. The file appears when it is complete.
func (c *embedCommand) stream(ctx context.Context, s *streams) error {
	var all *embedding.Embeddings
	err := atomicfile.Write(c.Out, func(w io.Writer) (err error) {
		var to *table.ParquetWriter
		all, err = c.embedParts(ctx, c.Model, c.Data, s.errOut, func(z *embedding.Embeddings, of *data.Frame) (err error) {
			if z, err = z.Rounded(c.As); err != nil {
				return err
			}
			part := z.Frame(of)
			if to == nil {
				if to, err = table.NewParquetWriterAs(w, part, table.Number(c.As)); err != nil {
					return err
				}
			}
			return to.Write(part)
		})
		if to == nil {
			return err
		}
		return errors.Join(err, to.Close())
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d items x %d numbers%s\n", quote.Text(c.Out), all.N, all.E, c.asText())
	return nil
}

// embedParts embeds the items of a table with a model while the table is read, and gives each part to write, as
// [siamese.Model.EmbedStream] does. The backend, progress and warnings go to errOut.
func (c *modelFlags) embedParts(ctx context.Context, model, name string, errOut io.Writer,
	write func(z *embedding.Embeddings, of *data.Frame) error) (*embedding.Embeddings, error) {
	m, err := c.load(model)
	if err != nil {
		return nil, err
	}
	c.known = m.Transform.Columns
	frames, err := c.scan(ctx, name)
	if err != nil {
		return nil, err
	}
	backend, err := c.openBackend(m, errOut)
	if err != nil {
		return nil, err
	}
	line, every, done := bar.NewLine(errOut), bar.Every{Pause: 5 * time.Second}, 0
	begun := time.Now()
	all, zeros, err := m.EmbedStream(ctx, backend, frames, func(z *embedding.Embeddings, of *data.Frame) error {
		if done += z.N; every.Due(time.Now(), false) && time.Since(begun) > 2*time.Second {
			text := fmt.Sprintf("%d items embedded", done)
			if line == nil {
				fmt.Fprintln(errOut, provenance.Volatile(text))
			} else {
				line.Show(func(int) string { return text }, "")
			}
		}
		return write(z, of)
	})
	if line != nil {
		line.End()
	}
	if err != nil {
		return nil, err
	}
	if zeros > 0 {
		fmt.Fprintf(errOut, "warning: %d of %d items have a zero embedding (first: item %d): their cosine with "+
			"anything is 0\n", zeros, all.N, all.Zero[0])
		all.Zero = nil
	}
	for _, warning := range all.Warnings() {
		fmt.Fprintln(errOut, "warning:", warning)
	}
	return all, nil
}

// uniqueIDs returns the items of a table up to the first id that was there before, which is an error as it is where a
// table is read as a whole. Of every id 8 bytes are remembered: of a hundred million different ids two have the same
// ones in 3 of 10,000 runs, and then others in the next.
func uniqueIDs(name string, frames iter.Seq2[*data.Frame, error]) iter.Seq2[*data.Frame, error] {
	return func(yield func(*data.Frame, error) bool) {
		seed, seen := maphash.MakeSeed(), make(map[uint64]struct{})
		for f, err := range frames {
			if err == nil && !f.Numbered {
				for _, id := range f.IDs {
					n := len(seen)
					if seen[maphash.String(seed, id)] = struct{}{}; len(seen) == n {
						err = fmt.Errorf("%s: two items have the id %s; give every item an id of its own, or give --id=- and "+
							"the column to --ignore, to have the items numbered", quote.Text(name), quote.Quoted(id))
						break
					}
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(f, nil) {
				return
			}
		}
	}
}

// typedEnding matches the names of files whose numbers can be of other types.
var typedEnding = regexp.MustCompile(`(?i)\.(parquet|npz|npy)$`)

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
