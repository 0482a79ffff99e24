package main

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/data/describe"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

// describeCommand says what is in a table.
type describeCommand struct {
	dataArgument
	dataFlags
	Near  float64 `option:"Threshold" placeholder:"SIMILARITY" help:"Similarity from which items are near duplicates, such as 0.98; 0 = only exact ones are looked for."`
	Fence float64 `placeholder:"SPREADS" help:"Spreads beyond the quartiles from which a value is an outlier; 0 = 3."`
	HTML  string  `placeholder:"FILE" help:"File for the description as a page."`
	JSON  string  `placeholder:"FILE" help:"File for the description as JSON."`
}

// Help is the text below the usage.
func (*describeCommand) Help() string {
	return `Describes DATA: blocks of features, values that are missing, columns that are constant, outliers, duplicates,
classes and domains, and what to do about what stands out. Missing values are read as such.

  siamese describe builtin
  siamese describe --near=0.98 --html=items.html --json=items.json items.parquet
`
}

// Run describes the table.
func (c *describeCommand) Run(ctx context.Context, s *streams) error {
	c.AllowMissing = true
	frame, how, err := c.open(ctx, c.Data)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, how)
	near := duplicates.Options{Near: c.Near != 0, Threshold: c.Near}
	found, err := describe.Frame(ctx, frame, describe.Options{Duplicates: near, Fence: c.Fence})
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, found)
	if c.HTML != "" {
		if err := saveText(c.HTML, "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n"+found.HTML()); err != nil {
			return err
		}
	}
	if c.JSON != "" {
		return jsonfile.Write(c.JSON, found)
	}
	return nil
}
