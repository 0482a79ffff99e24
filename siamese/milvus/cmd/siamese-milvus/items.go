package main

import (
	"fmt"
	"io"
	"os"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/milvus"
)

// tableFlags say what is in tables.
type tableFlags struct {
	Model      string   `placeholder:"FILE" help:"Model that embeds the items; without it tables hold embeddings."`
	Embeddings bool     `help:"Tables hold embeddings that the model made."`
	ID         string   `option:"Numbered" placeholder:"COLUMN" help:"Column of the ids (default: by name); - = numbers."`
	Label      string   `placeholder:"COLUMN" help:"Column of the classes (default: by name)."`
	Domain     string   `placeholder:"COLUMN" help:"Column of the domains (default: by name)."`
	Ignore     []string `placeholder:"COLUMN" help:"Columns to leave out."`
	Backend    string   `placeholder:"NAME" help:"What embeds: go, xla or xla:PLUGIN (default: the best there is)."`
}

// model is the model of a command.
type model struct {
	*siamese.Model // nil = there is none, or tables hold what it made
	of             string
	backend        compute.Backend
}

// open returns the model that the flags name.
func (f *tableFlags) open(errOut io.Writer) (*model, error) {
	m := &model{}
	if f.Model == "" {
		if f.Embeddings {
			return nil, wrongFlag("embeddings", "it says what --model has made: name the model")
		}
		return m, nil
	}
	_, sum, err := openfile.Hash(f.Model)
	if err != nil {
		return nil, err
	}
	if m.of = sum; f.Embeddings {
		return m, nil
	}
	if m.Model, err = siamese.Load(f.Model); err != nil {
		return nil, err
	}
	backend, err := siamese.OpenBackend(f.Backend)
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(errOut, backend.Why)
	if m.Cut != "" {
		fmt.Fprintln(errOut, "warning: the training of this model was cut,", quote.Line(m.Cut))
	}
	m.backend = backend
	return m, nil
}

// options returns how to read a table.
func (f *tableFlags) options(m *model) table.Options {
	opt := table.Options{}
	opt.ID, opt.Label, opt.Domain, opt.Ignore = f.ID, f.Label, f.Domain, f.Ignore
	if m.Model != nil {
		opt.KeepCounting, opt.AllowMissing = m.Transform.Columns, true // the model refuses what it does not impute
	}
	return opt
}

// fits returns an error unless a collection is of embeddings of this model.
func (m *model) fits(x *milvus.Collection, name string) error {
	switch {
	case x.Of() == m.of:
	case x.Of() == "":
		return wrongFlag("model", "%s does not know what made its embeddings: leave it out, or load it anew with --model",
			name)
	case m.of == "":
		return wrongFlag("model", "%s has embeddings of a model: name it, with --embeddings where the table has its "+
			"embeddings", name)
	default:
		return wrongFlag("model", "%s has embeddings of another model", name)
	}
	if m.Model != nil && m.E() != x.Width() {
		return fmt.Errorf("%s has %d numbers of each item, and the model makes %d", name, x.Width(), m.E())
	}
	return nil
}

// exists returns whether a path can be opened.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
