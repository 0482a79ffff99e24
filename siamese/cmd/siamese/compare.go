package main

import (
	"context"
	"errors"
	"fmt"

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

  siamese compare model.safetensors builtin digits/00001 digits/00002 fashion/00007
`
}

// Run prints the threshold, and then for each pair the cosine, the verdict, the probability where the model is
// calibrated, and the two ids. An id that DATA does not have is an error that names the nearest ones.
func (c *compareCommand) Run(ctx context.Context, s *streams) error {
	if err := c.check(); err != nil {
		return err
	}
	// kong takes one id for a list; a pair needs two.
	if len(c.IDs) < 2 {
		return usageError{errors.New("one id is given: compare needs two or more")}
	}
	u, err := c.open(ctx, c.Model, c.Data, s.errOut)
	if err != nil {
		return err
	}
	// Only these items are embedded, not all of DATA.
	items, err := itemsByID(u.frame, c.Data, c.IDs...)
	if err != nil {
		return err
	}
	z, err := u.embed(ctx, items, s.errOut)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "threshold %s%s\n", decimal.Fixed(u.Threshold, 4), c.legend(u))
	// Each pair once, in the order in which the later id is given: a b, then a c and b c.
	for j := range c.IDs {
		for i := range j {
			cosine := z.Cosine(i, j)
			probability, err := c.of(u, cosine)
			if err != nil {
				return err
			}
			fmt.Fprintf(s.out, "%8s  %-9s  %s%s  %s\n", decimal.Fixed(cosine, 4), u.verdict(cosine), probability,
				c.IDs[i], c.IDs[j])
		}
	}
	return nil
}
