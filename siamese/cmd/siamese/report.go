package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/show"
)

const reportHelp = `usage: siamese report [flags] REPORT.json [REPORT.json ...]

Shows reports that evaluate and protocols have written with -json, and makes a page of them with -html. Several must be about the same
test items, or the same given pairs, and are shown as one. On given pairs, up to 10,000 of them, differences have intervals and p-values;
on items figures stand side by side without, for which both models have to see the items again:
"siamese evaluate -html both.html A.safetensors B.safetensors DATA" has them.

  siamese report -html report.html report.json
  siamese report -html both.html a.json b.json

`

// reportCommand shows saved reports.
func reportCommand(_ context.Context, args []string, out, _ io.Writer) error {
	var page pageFlags
	flags := newFlags("report", reportHelp)
	page.register(flags)
	rest, err := parse(flags, args, out)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return usageError{errors.New("no report is given: name files that evaluate has written with -json")}
	}
	if err := page.check(); err != nil {
		return err
	}
	pictures, err := page.pictures("")
	if err != nil {
		return err
	}
	var files []*savedReport
	for k, path := range rest {
		if slices.Contains(rest[:k], path) {
			return usageError{fmt.Errorf("the report %s is given twice", path)}
		}
		saved, err := readReport(path)
		if err != nil {
			return err
		}
		if saved.protocols != nil && len(rest) > 1 {
			return fmt.Errorf("%s: reports of protocols stand alone: name one file", path)
		}
		if len(files) > 0 && (files[0].pairs == nil) != (saved.pairs == nil) {
			return fmt.Errorf("%s and %s: one is about given pairs and one about all pairs of items, which have other figures: name files of one kind", rest[0], path)
		}
		files = append(files, saved)
	}
	switch first := files[0]; {
	case first.protocols != nil:
		fmt.Fprint(out, first.protocols)
		return page.saveProtocols(first.protocols)
	case first.pairs != nil:
		return page.showPairs(pictures, files, shortNames(rest), out)
	}
	return page.showItems(pictures, files, shortNames(rest), out)
}

// pageFlags are the flags of a command that writes a page.
type pageFlags struct {
	html, images string
}

func (p *pageFlags) register(flags *flag.FlagSet) {
	flags.StringVar(&p.html, "html", "", "`file` for a page: one file that needs no network")
	flags.StringVar(&p.images, "images", "", "`folder` with the pictures of the items, whose ids are paths in it as \"siamese features\" makes them, or the word builtin; for the hardest pairs of the page")
}

// check returns why no page could be written, or nil.
func (p *pageFlags) check() error {
	if p.images != "" && p.html == "" {
		return usageError{errors.New("-images are for the page of -html, which is missing")}
	}
	return atomicfile.Check(p.html)
}

// pictures returns what finds the picture of an item; items is the word or the file they come from, "" = not known.
func (p *pageFlags) pictures(items string) (*finder, error) {
	from := p.images
	if word, _, _ := strings.Cut(items, ":"); from == "" && word == builtinName {
		from = builtinName
	}
	out := &finder{folder: from}
	switch {
	case p.html == "" || from == "":
		return nil, nil
	case from == builtinName:
		images, err := data.Builtin()
		if err != nil {
			return nil, err
		}
		out.known = make(map[string]*data.Image, images.N())
		for i, id := range images.IDs {
			out.known[id] = &images.Items[i]
		}
		return out, nil
	}
	stat, err := os.Stat(from)
	if err == nil && !stat.IsDir() {
		err = errors.New("it is no folder")
	}
	if err != nil {
		return nil, fmt.Errorf("-images %s: %w", from, err)
	}
	return out, nil
}

// save writes the page, where one is wanted, of a comparison or of a report.
func (p *pageFlags) save(find *finder, c *siamese.Compared, reports ...*siamese.Report) error {
	return p.write(find, func(opt show.PageOptions) error {
		if c != nil {
			return show.SaveComparison(p.html, opt, c)
		}
		return show.SavePage(p.html, opt, reports...)
	})
}

func (p *pageFlags) write(find *finder, page func(show.PageOptions) error) error {
	if p.html == "" {
		return nil
	}
	var opt show.PageOptions
	if find != nil {
		opt.Image = find.of
	}
	if err := page(opt); err != nil {
		return err
	}
	return find.problem()
}

// saveProtocols writes the page, where one is wanted, of protocols.
func (p *pageFlags) saveProtocols(r *siamese.ProtocolReport) error {
	if p.html == "" {
		return nil
	}
	return show.SaveProtocols(p.html, show.PageOptions{}, r)
}

// finder finds the pictures of items.
type finder struct {
	folder       string
	known        map[string]*data.Image // of the built-in items; nil for a folder
	asked, found int
	first        error // why there is none
}

// of returns the picture of an item, nil where there is none.
func (p *finder) of(id string) image.Image {
	p.asked++
	m, err := p.open(id)
	if err != nil {
		if p.first == nil {
			p.first = err
		}
		return nil
	}
	p.found++
	return m.Std()
}

func (p *finder) open(id string) (*data.Image, error) {
	if p.known != nil {
		if m := p.known[id]; m != nil {
			return m, nil
		}
		return nil, fmt.Errorf("no built-in image is called %q", id)
	}
	if !fs.ValidPath(id) {
		return nil, fmt.Errorf("%q is no path below the folder", id)
	}
	root, err := os.OpenRoot(p.folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	file, err := root.Open(filepath.FromSlash(id))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	m, err := data.DecodeImage(file, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	return m, nil
}

// problem returns an error where pictures were asked for and none was found: the page is there, but not as it was meant.
func (p *finder) problem() error {
	if p == nil || p.asked == 0 || p.found > 0 {
		return nil
	}
	return fmt.Errorf("-images %s: the page names the hardest pairs, but none of %d pictures was found: %w", p.folder, p.asked, p.first)
}
