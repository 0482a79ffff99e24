package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/protocol"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/show"
	"github.com/go-siamese/lab/siamese/version"
)

// reportCommand shows what evaluate and protocols have saved, without the models and the data.
type reportCommand struct {
	Reports []string `arg:"" name:"report" help:"Files that evaluate or protocols have written with --json."`
	pageFlags
}

// Help is the text below the usage.
func (*reportCommand) Help() string {
	return `Shows reports that evaluate and protocols have written with --json, and makes a page of them with --html.
Several must be about the same test items, or the same given pairs, and are shown as one. On given pairs, up to 10,000
of them, differences have intervals and p-values. On items they have none, since both models would have to see the
items again: "siamese evaluate --html=both.html A.safetensors B.safetensors DATA" computes them.

  siamese report --html=report.html report.json
  siamese report --html=both.html a.json b.json
`
}

// Run prints the reports and makes a page of them. Reports of several files are compared where they are about the same
// items or pairs; others are an error that says in what they differ. A report of protocols stands alone: it has its own
// comparisons.
func (c *reportCommand) Run(ctx context.Context, s *streams) error {
	paths, page := c.Reports, &c.pageFlags
	if err := page.check(); err != nil {
		return err
	}
	// A report says what DATA was called, but not where its pictures are on this machine.
	pictures, err := page.pictures("")
	if err != nil {
		return err
	}
	// All files are read before anything is printed: an error is not lost below a long report.
	var files []*savedReport
	for k, path := range paths {
		if err := ctx.Err(); err != nil {
			return err
		}
		if slices.Contains(paths[:k], path) {
			return usageError{fmt.Errorf("the report %s is given twice", quote.Text(path))}
		}
		saved, err := readReport(path)
		if err != nil {
			return err
		}
		if saved.protocols != nil && len(paths) > 1 {
			return fmt.Errorf("%s: reports of protocols stand alone: name one file", quote.Text(path))
		}
		if other := version.Other(jsonfile.Find(path, "lab")); other != "" {
			fmt.Fprintf(s.errOut, "warning: %s: %s: figures may be made otherwise\n", quote.Text(path), other)
		}
		files = append(files, saved)
	}
	if first := files[0]; first.protocols != nil {
		if page.Images != "" {
			return wrongFlag("images", "the page of a report of protocols has no pictures: leave it out")
		}
		fmt.Fprint(s.out, first.protocols)
		fmt.Fprintf(s.out, "seeds %v\n", first.protocols.Seeds)
		for _, line := range first.protocols.Origins() {
			fmt.Fprintln(s.out, line)
		}
		return page.saveProtocols(first.protocols)
	}
	// Reports of one evaluation are together already; those of several are put side by side here.
	compared, err := gather(files, shortNames(paths), s.errOut)
	if err != nil {
		return err
	}
	if err := page.write(pictures, compared, s.out); err != nil {
		return err
	}
	// What all share is said once.
	var said []string
	for _, r := range compared.Reports {
		if r.Origin == nil || slices.Contains(said, r.Origin.String()) {
			continue
		}
		said = append(said, r.Origin.String())
		fmt.Fprintln(s.out, r.Origin)
	}
	return nil
}

// pageFlags are the flags of a command that writes a page.
type pageFlags struct {
	// The page is one file: pictures and scripts are in it.
	HTML   string `output:"file" placeholder:"FILE" help:"File for a page: one file that needs no network."`
	Images string `placeholder:"FOLDER" help:"${help_images}"`
}

// check returns why the flags do not go together, or nil: --images without --html.
func (p *pageFlags) check() error {
	if p.Images != "" && p.HTML == "" {
		return wrongFlag("images", "they are for the page of --html, which is missing")
	}
	return nil
}

// pictures returns what finds the picture of an item, nil where no page or no pictures are wanted. items is the
// argument DATA, "" = not known: the built-in images are found without --images. All of them are held in memory, about
// 20,000 of 28 x 28 pixels; those of a folder are opened one by one when the page asks.
func (p *pageFlags) pictures(items string) (*finder, error) {
	from := p.Images
	if from == "" && isBuiltin(items) {
		from = builtinName
	}
	out := &finder{folder: from}
	switch {
	case p.HTML == "" || from == "":
		return nil, nil
	case from == builtinName:
		pictures, err := builtin.Images()
		if err != nil {
			return nil, err
		}
		// Pointers into the data set: no picture is copied.
		out.known = make(map[string]*images.Image, pictures.N())
		for i, id := range pictures.IDs {
			out.known[id] = &pictures.Items[i]
		}
		return out, nil
	}
	// Now rather than when the page is made, which may be minutes later.
	stat, err := os.Stat(from)
	if err == nil && !stat.IsDir() {
		err = errors.New("it is not a folder")
	}
	if err != nil {
		return nil, option.Errorf("images", "%s: %w", quote.Text(from), err)
	}
	return out, nil
}

// write prints the reports on out and writes the page, where one is wanted. find may be nil. Where pictures were asked
// for and none is found it returns an error, after the page is written.
func (p *pageFlags) write(find *finder, c *report.Compared, out io.Writer) error {
	fmt.Fprint(out, c)
	if p.HTML == "" {
		return nil
	}
	var opt show.PageOptions
	if find != nil {
		opt.Image = find.of
	}
	if err := show.SaveComparison(p.HTML, opt, c); err != nil {
		return err
	}
	return find.problem()
}

// saveProtocols writes the page of a report of protocols, where one is wanted. It has no pictures: there are hundreds
// of trainings, and no hardest pairs of one.
func (p *pageFlags) saveProtocols(r *protocol.Report) error {
	if p.HTML == "" {
		return nil
	}
	return show.SaveProtocols(p.HTML, show.PageOptions{}, r)
}

// finder finds the pictures of items for a page, and counts how many it found. A nil finder has none. It is used from
// one goroutine.
type finder struct {
	// folder is what --images names: a folder, or "builtin".
	folder string
	// known are the built-in images by id; nil for a folder.
	known        map[string]*images.Image
	asked, found int
	// first is why the first picture that was not found is not there: one reason is enough for an error message, since
	// mostly all have the same.
	first error
}

// of returns the picture of an item, nil where there is none. The page then names the item alone, and problem has the
// reason.
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
	return m.Eight().Std()
}

// open returns the picture of an item. Ids come from a report, which may be anybody's: a root confines them to the
// folder, so that an id such as "../../secret.png", or a link, reads nothing outside of it.
func (p *finder) open(id string) (*images.Image, error) {
	if p.known != nil {
		if m := p.known[id]; m != nil {
			return m, nil
		}
		return nil, fmt.Errorf("no built-in image is called %q", id)
	}
	// An id is a path with slashes on every system, as the command features makes it.
	if !fs.ValidPath(id) {
		return nil, fmt.Errorf("%q is not a path below the folder", id)
	}
	root, err := os.OpenRoot(p.folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	provenance.Read(p.folder)
	// Opening a pipe of that name would wait for a writer.
	info, err := root.Stat(filepath.FromSlash(id))
	if err != nil {
		return nil, err
	}
	if err := openfile.Check(id, info); err != nil {
		return nil, err
	}
	file, err := root.Open(filepath.FromSlash(id))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	// 0 = the usual limit of a picture's size.
	m, err := images.Decode(file, images.DecodeOptions{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", quote.Text(id), err)
	}
	return m, nil
}

// problem returns an error where pictures were asked for and none was found: the page is there, but not as it was
// meant. Some that are missing are no error: a folder may lack what a report has.
func (p *finder) problem() error {
	if p == nil || p.asked == 0 || p.found > 0 {
		return nil
	}
	return option.Errorf("images", "%s: the page shows items, but none of %d pictures was found: %w",
		quote.Text(p.folder), p.asked, p.first)
}
