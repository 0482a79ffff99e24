package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/decimal"
)

// compareCommand scores items against one another: a line for each of the n (n - 1) / 2 pairs of the given ids.
type compareCommand struct {
	modelAndData
	IDs []string `arg:"" name:"id" help:"Two ids of items or more."`
	modelFlags
	prevalenceFlag
}

// Help is the text below the usage.
func (*compareCommand) Help() string {
	return `Prints for every two of the items their cosine, whether the model's threshold calls them the same, and
how probable it is that they are, which depends on how common that is (--prevalence).

Pictures may be given instead of ids; their features are made with the settings of the model.

  siamese compare model.safetensors builtin digits/00001 digits/00002 fashion/00007
  siamese compare model.safetensors left.png right.png
`
}

// Run prints the threshold, and then for each pair the cosine, the verdict, the probability where the model is
// calibrated, and the two ids. An id that DATA does not have is an error that names the nearest ones.
func (c *compareCommand) Run(ctx context.Context, s *streams) error {
	if err := c.check(); err != nil {
		return err
	}
	// A picture instead of DATA is the first item itself; kong takes one id for a list, and a pair needs two.
	if info, err := os.Stat(c.Data); err == nil && info.Mode().IsRegular() && holdsPictures(ctx, c.Data) {
		c.IDs = append([]string{c.Data}, c.IDs...)
	}
	if len(c.IDs) < 2 {
		return usageError{errors.New("one id is given: compare needs two or more")}
	}
	for k, id := range c.IDs {
		if slices.Contains(c.IDs[:k], id) {
			return usageError{fmt.Errorf("%s is given twice: the cosine of an item with itself is 1", quote.Text(id))}
		}
	}
	c.unlabelled = "compare has no use for classes"
	u, err := c.open(ctx, c.Model, c.Data, s.errOut)
	if err != nil {
		return err
	}
	if err := c.fits(u); err != nil {
		return err
	}
	// Only these items are embedded, not all of DATA.
	frame, err := c.items(ctx, u)
	if err != nil {
		return err
	}
	z, err := u.embedFrame(ctx, frame, s.errOut)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "threshold %s%s\n", decimal.Fixed(u.Threshold, 4), c.legend(u, "third"))
	// Each pair once, in the order in which the later id is given: a b, then a c and b c.
	for j := range c.IDs {
		for i := range j {
			cosine := z.Cosine(i, j)
			probability, err := c.of(u, cosine)
			if err != nil {
				return err
			}
			fmt.Fprintf(s.out, "%8s  %-9s  %s%s  %s\n", decimal.Fixed(cosine, 4), u.verdict(cosine), probability,
				quote.Text(c.IDs[i]), quote.Text(c.IDs[j]))
		}
	}
	return nil
}

// items returns the items to compare, in the order of the ids: those of DATA, and pictures where an id is none of DATA
// but a file.
func (c *compareCommand) items(ctx context.Context, u *loadedModel) (*data.Frame, error) {
	known := make(map[string]bool, u.frame.N())
	for _, id := range u.frame.IDs {
		known[id] = true
	}
	var files []string
	for _, id := range c.IDs {
		if !known[id] && holdsPictures(ctx, id) && !slices.Contains(files, id) {
			files = append(files, id)
		}
	}
	frame := u.frame
	if len(files) > 0 {
		var ids []string // of DATA
		for _, id := range c.IDs {
			if !slices.Contains(files, id) {
				ids = append(ids, id)
			}
		}
		items, err := itemsByID(frame, c.Data, ids...)
		if err != nil {
			return nil, err
		}
		pictures, _, err := c.pictures.frame(ctx, files...)
		if err != nil {
			return nil, err
		}
		if frame, err = joined(u, u.frame.Select(items), pictures); err != nil {
			return nil, err
		}
	}
	items, err := itemsByID(frame, c.Data, c.IDs...)
	if err != nil {
		return nil, err
	}
	return frame.Select(items), nil
}

// joined returns the items of a and then those of b, which was made with the columns and the settings of the model; a
// must have both too.
func joined(u *loadedModel, a, b *data.Frame) (*data.Frame, error) {
	if a.N() == 0 {
		return b, nil
	}
	if _, err := u.Transform.Match(a.Columns); err != nil {
		return nil, err
	}
	if err := u.Transform.CheckSettings(a.Settings); err != nil {
		return nil, err
	}
	a, err := a.SelectColumns(u.Transform.Columns)
	if err != nil {
		return nil, err
	}
	out := &data.Frame{X: slices.Concat(a.X, b.X), IDs: slices.Concat(a.IDs, b.IDs), Columns: a.Columns,
		Blocks: a.Blocks, Settings: a.Settings}
	if a.Domains != nil { // those of pictures are not known
		out.Domains = slices.Concat(a.Domains, make([]string, b.N()))
	}
	return out, nil
}
