package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese/internal/decimal"
)

// adaptCommand makes a model for items of another population.
type adaptCommand struct {
	modelAndData
	Unlabelled string `arg:"" help:"Items of the other population, as DATA; their classes are not looked at."`
	Split      string `required:"" placeholder:"FILE" help:"${help_adapt_split}"`
	Out        string `output:"model" required:"" placeholder:"FILE" help:"File of the adapted model."`
	modelFlags
}

// Help is the text below the usage.
func (*adaptCommand) Help() string {
	return `Adapts a model to items of another population, such as other classes, of which no labels are needed: some
hundred of them. It adapts PLDA of the features, which the model must have (train --plda=features --feature-share=0.8),
and chooses threshold and calibration anew on the validation items of the split. What it gains is in the report of both:

  siamese adapt --split=m.split.json --out=adapted.safetensors m.safetensors items.parquet new.parquet
  siamese evaluate --split=m.split.json --html=both.html m.safetensors adapted.safetensors items.parquet

Do not adapt to test items that are to tell how well other items will do: evaluate warns of them. What a model gains
that may see its test items is a row of its own there, with --transductive.
`
}

// Run writes the adapted model and says what it was adapted to.
func (c *adaptCommand) Run(ctx context.Context, s *streams) error {
	u, err := c.open(ctx, c.Model, c.Data, s.errOut)
	if err != nil {
		return err
	}
	sides, err := split.Load(c.Split, u.frame)
	if err != nil {
		return err
	}
	other, err := c.population(ctx)
	if err != nil {
		return fmt.Errorf("items to adapt to: %w", err)
	}
	if n := u.Transform.Width(); n > 500 && u.FeaturesPLDA != nil {
		fmt.Fprintf(s.errOut, "adapting PLDA of %d numbers, which can take minutes; components (--preset) take seconds\n", n)
	}
	adapted, err := u.Adapt(ctx, u.backend, other, u.frame.Select(sides.Val))
	if err != nil {
		return err
	}
	defer adapted.Close()
	if err := adapted.Save(c.Out); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %v; threshold %s (before: %s)\n", quote.Text(c.Out), adapted.FeaturesPLDA,
		decimal.Fixed(adapted.Threshold, 4), decimal.Fixed(u.Threshold, 4))
	return nil
}

// population returns the items to adapt to. Tables of labels are those of DATA.
func (c *adaptCommand) population(ctx context.Context) (*data.Frame, error) {
	if word, count, given := strings.Cut(c.Unlabelled, ":"); word == builtinName {
		return builtinFrame(ctx, count, given)
	}
	return c.others(ctx, c.Unlabelled)
}
