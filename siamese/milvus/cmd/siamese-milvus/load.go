package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/bar"
	"github.com/go-siamese/lab/siamese/milvus"
)

type loadCommand struct {
	serverFlags
	tableFlags
	Table string `arg:"" help:"Table of items; its embeddings, without --model."`

	Cursor string `placeholder:"FILE" help:"Keep how far the load is in FILE, and go on from there."`
	Batch  int    `default:"1000" help:"Items that are sent at a time (${default})."`

	Index          string `option:"Kind" placeholder:"KIND" help:"Of a new collection: flat (exact, the default) or hnsw."`
	Links          int    `placeholder:"N" help:"Of hnsw: links of an item; 0 = 16."`
	EfConstruction int    `placeholder:"N" help:"Of hnsw: nearest items that are kept while links are chosen; 0 = 200."`
}

// Help is the text below the usage.
func (*loadCommand) Help() string {
	return `Puts all items of TABLE into the collection, which is made where it is missing. An item whose id is there is
replaced. The table is read part by part, whatever its size. With --cursor a load that was cut goes on where it was,
by the same command; nothing is lost, and nothing is there twice.

  siamese-milvus load --model=model.safetensors --cursor=items.cursor items items.parquet
  siamese-milvus load --index=hnsw items embeddings.parquet
`
}

// Run loads the table.
func (c *loadCommand) Run(ctx context.Context, s *streams) (err error) {
	config, err := c.config()
	if err != nil {
		return err
	}
	config.Index = milvus.IndexConfig{Kind: milvus.Kind(c.Index), Links: c.Links, EfConstruction: c.EfConstruction}
	if err := config.Validate(); err != nil {
		return usageError{err}
	}
	if c.Batch < 1 {
		return wrongFlag("batch", "%d is less than 1", c.Batch)
	}
	if c.Table == openfile.Stdin {
		return errors.New("a load reads its table from a file: it goes on from there")
	}
	m, err := c.open(s.errOut)
	if err != nil {
		return err
	}
	opt := c.options(m)
	x, err := c.collection(ctx, config, m, opt)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	if err := m.fits(x, c.Collection); err != nil {
		return err
	}
	tell, end := progress(s.errOut)
	load := milvus.LoadOptions{Cursor: c.Cursor, Batch: c.Batch, Numbered: c.ID == "-", Progress: tell}
	var all *embedding.Embeddings
	zeros := 0
	if m.Model != nil {
		load.Embed = func(frames iter.Seq2[*data.Frame, error],
			write func(*embedding.Embeddings, *data.Frame) error) (err error) {
			all, zeros, err = m.EmbedStream(ctx, m.backend, frames, write)
			return err
		}
	}
	done, err := x.Load(ctx, table.Scan(ctx, c.Table, opt), load)
	end()
	if err != nil && c.Cursor != "" {
		return fmt.Errorf("%w; the same command goes on where it was", err)
	} else if err != nil {
		return err
	}
	if done.Again != "" {
		fmt.Fprintf(s.errOut, "all items were sent again, since %s\n", done.Again)
	}
	if all != nil {
		if zeros > 0 {
			fmt.Fprintf(s.errOut, "warning: %d items have a zero embedding: their cosine with anything is 0\n", zeros)
		}
		all.Zero = nil
		for _, warning := range all.Warnings() {
			fmt.Fprintln(s.errOut, "warning:", warning)
		}
	}
	fmt.Fprintf(s.out, "%s: %s of %d numbers", c.Collection, quote.Count(done.Items, "item"), x.Width())
	if done.Skipped > 0 {
		fmt.Fprintf(s.out, ", %d of them by an earlier load", done.Skipped)
	}
	fmt.Fprintln(s.out)
	return nil
}

// collection returns the collection, which is made where it is missing.
func (c *loadCommand) collection(ctx context.Context, config milvus.Config, m *model,
	opt table.Options) (*milvus.Collection, error) {
	x, err := milvus.Open(ctx, config)
	if err == nil {
		if c.Index != "" && milvus.Kind(c.Index) != x.Index.Kind {
			err = wrongFlag("index", "%s is there, and is %s: leave it out", c.Collection, x.Index.Kind)
			return nil, errors.Join(err, x.Close())
		}
		return x, nil
	}
	if !errors.Is(err, milvus.ErrMissing) {
		return nil, err
	}
	width := 0
	if m.Model != nil {
		width = m.E()
	} else {
		for f, err := range table.Scan(ctx, c.Table, opt) {
			if err != nil {
				return nil, err
			}
			width = f.F()
			break
		}
	}
	return milvus.Create(ctx, width, m.of, config)
}

// progress returns what shows on w how many items are there: on a terminal as a line that is rewritten, else every five
// seconds, from the second on. end ends the line.
func progress(w io.Writer) (tell func(done int), end func()) {
	line, every, begun := bar.NewLine(w), bar.Every{Pause: 5 * time.Second}, time.Now()
	if line != nil {
		every.Pause = 100 * time.Millisecond
	}
	return func(done int) {
		if time.Since(begun) < 2*time.Second || !every.Due(time.Now(), false) {
			return
		}
		if text := fmt.Sprintf("%d items loaded", done); line == nil {
			fmt.Fprintln(w, provenance.Volatile(text))
		} else {
			line.Show(func(int) string { return text }, "")
		}
	}, line.End
}
