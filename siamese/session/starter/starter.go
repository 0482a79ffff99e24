// Package starter writes notebooks to begin with: for a table or a folder of pictures the lines of package lab that lead
// from the file to an answer. A cell's line %new asks for one.
package starter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/config"
)

// Options say what a notebook is written for. Zero values are the defaults.
type Options struct {
	To     string // the notebook's path, with .ipynb; "" = the file's name with it, in the current folder
	Kernel string // name of its kernel; "" = "siamese-go"
}

// New reads the schema of a table, or looks for pictures in a folder, and writes a notebook for it, which opens the file
// from the notebook's own folder. It returns the notebook's path. A notebook that is there already is an error, and
// stays.
func New(ctx context.Context, file string, opt Options) (string, error) {
	if opt.Kernel == "" {
		opt.Kernel = "siamese-go"
	}
	var err error
	if opt.To, err = target(file, opt.To); err != nil {
		return "", err
	}
	if _, err := os.Lstat(opt.To); !errors.Is(err, fs.ErrNotExist) {
		return "", exists(opt.To)
	}
	about, err := look(ctx, file)
	if err != nil {
		return "", err
	}
	path, err := from(opt.To, file)
	if err != nil {
		return "", err
	}
	content, err := json.MarshalIndent(notebook(path, about, opt.Kernel), "", " ")
	if err != nil {
		return "", err
	}
	f, err := os.OpenFile(opt.To, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return "", exists(opt.To)
	}
	if err != nil {
		return "", err
	}
	_, err = f.Write(append(content, '\n'))
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(opt.To)) // half a notebook cannot be opened
	}
	return opt.To, nil
}

// exists is the error of a notebook that is there.
func exists(path string) error {
	return option.Errorf("to", "%s exists already: give another name behind the file's", quote.Text(path))
}

// schema is what a notebook has to know of a file.
type schema struct {
	pictures          bool
	id, label, domain string   // columns; "" = none, or found without a name
	texts             []string // columns without a role that are no numbers
	missing           bool     // there are values missing
	ids               []string
	labels            []string // nil = there are none
	settings          data.Settings
}

// mostTexts bounds the columns of a text file that are found to be no numbers, one by one.
const mostTexts = 50

// look reads a file.
func look(ctx context.Context, file string) (schema, error) {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		found, err := images.List(ctx, file, images.FolderOptions{})
		if err == nil {
			return schema{pictures: true}, found.Close()
		}
	}
	opt := table.Options{AllowMissing: true}
	f, how, err := table.Open(ctx, file, opt)
	for range mostTexts { // texts that are no id, label or domain by their names; a text file tells one at a time
		var wrong *table.Error
		if !errors.As(err, &wrong) || !slices.Contains(wrong.Fix.Options(), "Ignore") {
			break
		}
		names := wrong.Columns
		if names == nil {
			names = []string{wrong.Column}
		}
		if names[0] == "" || slices.Contains(opt.Ignore, names[0]) {
			break
		}
		opt.Ignore = append(opt.Ignore, names...)
		f, how, err = table.Open(ctx, file, opt)
	}
	if err != nil {
		return schema{}, err
	}
	return schema{texts: opt.Ignore, missing: how.Missing+how.Infinite > 0, id: how.ID, label: how.Label, domain: how.Domain, ids: f.IDs, labels: f.Labels, settings: f.Settings}, nil
}

// two returns the ids of two items, of one class where there are such.
func (s schema) two() (string, string) {
	if len(s.ids) < 2 {
		return "ID", "ID"
	}
	for i := 1; i < len(s.ids) && s.labels != nil; i++ {
		if s.labels[i] == s.labels[0] && s.labels[0] != "" {
			return s.ids[0], s.ids[i]
		}
	}
	return s.ids[0], s.ids[1]
}

// notebook returns a notebook's JSON.
func notebook(file string, s schema, kernel string) map[string]any {
	cfg := config.Default()
	name := strings.ReplaceAll(quote.Line(filepath.Base(file)), "`", "'")
	open := "items := lab.Open(File"
	for _, role := range []struct{ function, column string }{{"ID", s.id}, {"Label", s.label}, {"Domain", s.domain}} {
		if role.column != "" && !strings.HasPrefix(role.column, "__") { // the name of an index without one
			open += ", lab." + role.function + "(" + strconv.Quote(role.column) + ")"
		}
	}
	var ignored []string
	for _, name := range s.texts {
		ignored = append(ignored, strconv.Quote(name))
	}
	if ignored != nil {
		open += ", lab.Ignore(" + strings.Join(ignored, ", ") + ")"
	}
	if s.missing {
		open += ", lab.AllowMissing()"
	}
	open += ")"
	if ignored != nil {
		open = "// of texts that are ignored one may be lab.Domain(COLUMN), where items come from, or lab.Label(COLUMN)\n" + open
	}
	if s.labels == nil && !s.pictures {
		open += " // no column of labels was found: add lab.Label(\"COLUMN\"), or train on items.Pairs(FILE)"
	}
	id, other := s.two()
	score, similar := fmt.Sprintf("model.Score(%q, %q)", id, other), fmt.Sprintf("model.Similar(%q, 5)", id)
	if s.pictures {
		score, similar = "ids := items.IDs()\nmodel.Score(ids[0], ids[1])", "model.Similar(items.IDs()[0], 5)"
	}
	cells := []any{
		text(fmt.Sprintf("# Similarity of the items in `%s`\n\nSet the parameters and run all cells. A cell shows its last value; "+
			"what is made from `lab` stays for later cells.", name)),
		code(fmt.Sprintf("var (\n\tFile   = %q\n\tEpochs = %d // at most\n\tSeed   = %d\n)", file, cfg.Epochs, cfg.Seed),
			"parameters"),
		code(open + "\nitems"),
		code("items.Describe()"),
		code("split := items.Split(lab.Seed(Seed))\nsplit"),
		code("model := split.Train(lab.Set(\"Epochs\", Epochs), lab.Set(\"Seed\", Seed))\nmodel"),
		code("model.Evaluate()", "results"),
		code(score),
		code(similar),
	}
	if s.pictures || s.settings != "" {
		cells = append(cells, text("New pictures, such as those of a folder `new`:"),
			code("// model.SimilarTo(lab.Pictures(\"new/*.png\"), 5)"))
	}
	for i, c := range cells {
		c.(map[string]any)["id"] = fmt.Sprintf("new-%d", i)
	}
	return map[string]any{"nbformat": 4, "nbformat_minor": 5, "cells": cells, "metadata": map[string]any{
		"kernelspec":    map[string]string{"name": kernel, "display_name": display(kernel), "language": "go"},
		"language_info": map[string]string{"name": "go", "file_extension": ".go", "mimetype": "text/x-go"}}}
}

// display returns the name of a kernel for people.
func display(kernel string) string {
	switch kernel {
	case "siamese-xla":
		return "Siamese Lab (XLA)"
	case "siamese-go":
		return "Siamese Lab (Go)"
	}
	return kernel
}

// text returns a cell of Markdown.
func text(source string) map[string]any {
	return map[string]any{"cell_type": "markdown", "metadata": map[string]any{}, "source": source}
}

// code returns a cell of Go.
func code(source string, tags ...string) map[string]any {
	metadata := map[string]any{}
	if len(tags) > 0 {
		metadata["tags"] = tags
	}
	return map[string]any{"cell_type": "code", "execution_count": nil, "metadata": metadata, "outputs": []any{},
		"source": source}
}
