package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data/describe"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

// describeCommand describes a table before anything is trained on it.
type describeCommand struct {
	dataArgument
	dataFlags
	streamFlag
	// Zero leaves the choice to [describe.Options]: exact duplicates only, and fences of 3 spreads.
	Near  float64 `option:"Threshold" placeholder:"SIMILARITY" help:"${help_describe_near}"`
	Fence float64 `placeholder:"SPREADS" help:"Spreads beyond the quartiles from which a value is an outlier; 0 = 3."`
	HTML  string  `output:"file" placeholder:"FILE" help:"File for the description as a page."`
	JSON  string  `output:"file" placeholder:"FILE" help:"File for the description as JSON."`
}

// Help is the text below the usage.
func (*describeCommand) Help() string {
	return `Describes DATA: blocks of features, missing values, constant columns, outliers, duplicates, classes and
domains, and what to do about what stands out. Missing values are read as such. Of a model (*.safetensors) it says what
it is, and by what and from which files it was trained.

  siamese describe builtin
  siamese describe model.safetensors
  siamese describe --near=0.98 --html=items.html --json=items.json items.parquet
`
}

// Run prints the description and writes it to --html and --json. Missing values are read as such whatever
// --allow-missing says: they are among what is described.
func (c *describeCommand) Run(ctx context.Context, parsed *kong.Context, s *streams) error {
	if strings.EqualFold(filepath.Ext(c.Data), ".safetensors") {
		return c.model(parsed, s)
	}
	if c.AllowMissing {
		return wrongFlag("allow-missing", "describe reads missing values as such in any case: leave it out")
	}
	c.readMissing, c.onDisk, c.errOut = true, c.Stream, s.errOut
	frame, how, err := c.open(ctx, c.Data)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, how)
	// The bytes an item of near duplicates are what duplicates.Find says.
	bytes := describe.Bytes(frame)
	if c.Near != 0 {
		bytes += 300 * float64(frame.N())
	}
	if err := needs(s.errOut, "describing", bytes); err != nil {
		return err
	}
	// Duplicates take longest; with exact ones only they are a hash of each item.
	near := duplicates.Options{Near: c.Near != 0, Threshold: c.Near}
	found, err := describe.Frame(ctx, frame, describe.Options{Duplicates: near, Fence: c.Fence})
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, found)
	// found.HTML is a fragment, for notebooks too; a page needs its type and encoding.
	if c.HTML != "" {
		if err := saveText(c.HTML, plainPage("Description", found.HTML())); err != nil {
			return err
		}
	}
	if c.JSON != "" {
		return jsonfile.Write(c.JSON, found)
	}
	return nil
}

// model prints what a model is and where it comes from. Flags are for tables: one that does nothing is an error.
func (c *describeCommand) model(parsed *kong.Context, s *streams) error {
	for _, p := range parsed.Path {
		if p.Flag != nil {
			return wrongFlag(p.Flag.Name, "it is for a table, and %s is a model: leave it out", quote.Text(c.Data))
		}
	}
	m, err := siamese.Load(c.Data)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, quote.Line(m.String()))
	for k, layers := range m.Config.Encoders() {
		which := ""
		if len(m.Ensemble) > 0 {
			which = fmt.Sprintf(" %d of %d", k+1, 1+len(m.Ensemble))
		}
		fmt.Fprintf(s.out, "encoder%s: layers %v, loss %s\n", which, layers, m.Config.Loss.Name)
	}
	fmt.Fprintf(s.out, "trained on %d items by lab %s\n", len(m.TrainedOn), quote.Text(m.Lab))
	if m.Config.Augment.On() {
		fmt.Fprintln(s.out, "with altered views of", m.Config.Augment)
	}
	if m.Origin == nil {
		fmt.Fprintln(s.out, "it does not say by what it was computed")
		return nil
	}
	fmt.Fprintln(s.out, m.Origin)
	return nil
}

// plainPage returns a fragment of HTML as a page of its own, which may load and run nothing but the pictures in it.
func plainPage(title, content string) string {
	return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" +
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; " +
		"img-src data:; base-uri 'none'; form-action 'none'\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" + title + "</title>\n<style>\n" +
		":root { color-scheme: light dark; }\nbody { margin: 24px; font-family: system-ui, Arial, sans-serif; }\n" +
		"h1 { font-size: 24px; margin: 0 0 8px 0; }\n</style>\n</head>\n<body>\n<main>\n<h1>" + title + "</h1>\n" + content +
		"\n</main>\n</body>\n</html>\n"
}
