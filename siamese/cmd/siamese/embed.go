package main

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/data/quote"
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
	z, err := u.embed(ctx, nil, s.errOut)
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
