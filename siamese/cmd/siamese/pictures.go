package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/images/views"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
)

// holdsPictures reports whether a path is a picture, or a folder with pictures in it or below it. What is not there, or
// cannot be read, is none: the reader of tables says why.
func holdsPictures(ctx context.Context, path string) bool {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		files, err := images.List(ctx, path, images.FolderOptions{})
		return err == nil && files.Close() == nil
	}
	head := beginning(path)
	return head != nil && images.Format(path, head) != ""
}

// beginning returns the first bytes of a file, 16 at most, by which kinds of files are told apart; nil where there is no
// regular file, or it cannot be opened.
func beginning(path string) []byte {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() { // a pipe would wait
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	head := make([]byte, 16)
	n, _ := io.ReadFull(file, head) // there may be fewer
	return head[:n]
}

// pictureReader makes frames of pictures with the settings of a model, so that they can be compared with the items that
// it was trained on.
type pictureReader struct {
	model *siamese.Model
	name  string // file of the model, for errors
	// warn is where it tells what was left out of files.
	warn io.Writer
}

// settings returns the configuration that made the model's features.
func (p *pictureReader) settings() (features.Config, error) {
	if p.model.Transform.Settings == "" {
		return features.Config{}, fmt.Errorf("%s does not know how its features were made, so no features can be made "+
			"of pictures for it: train it on a table that siamese features wrote, or give a table", p.name)
	}
	c, err := features.ParseSettings(p.model.Transform.Settings)
	if err != nil {
		return c, fmt.Errorf("%s: %w", p.name, err)
	}
	return c, nil
}

// frame returns the features of the pictures in paths, which are pictures or folders of them, and says what was read. A
// picture's id is its path, in a folder the path below it; labels are names of folders where all pictures lie in some.
func (p *pictureReader) frame(ctx context.Context, paths ...string) (*data.Frame, string, error) {
	c, err := p.settings()
	if err != nil {
		return nil, "", err
	}
	all := &images.Images{Background: c.Background}
	var said []string
	for _, path := range paths {
		set, err := p.read(ctx, path, c)
		if err != nil {
			return nil, "", err
		}
		if all.Labels == nil && set.Labels != nil {
			all.Labels = make([]string, all.N())
		}
		if all.Labels != nil {
			all.Labels = append(all.Labels, append(set.Labels, make([]string, set.N()-len(set.Labels))...)...)
		}
		all.Items, all.IDs = append(all.Items, set.Items...), append(all.IDs, set.IDs...)
		said = append(said, fmt.Sprintf("%s: %d pictures", path, set.N()))
	}
	for _, doubt := range c.Doubts(all) {
		fmt.Fprintln(p.warn, "warning:", quote.Line(doubt))
	}
	frame, err := features.Extract(ctx, all, c, nil)
	if err != nil {
		return nil, "", err
	}
	// A model may have been trained on some of the columns.
	if columns := p.model.Transform.Columns; !slices.Equal(frame.Columns, columns) {
		if frame, err = frame.SelectColumns(columns); err != nil {
			return nil, "", fmt.Errorf("%s has features that its settings do not make: %w", p.name, err)
		}
	}
	return frame, strings.Join(said, "\n") + fmt.Sprintf("\n  %d features with the settings of %s", frame.F(), p.name),
		nil
}

// read returns the pictures of one path, resized.
func (p *pictureReader) read(ctx context.Context, path string, c features.Config) (*images.Images, error) {
	decode := images.DecodeOptions{Background: c.Background}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	opt := images.DefaultFolder()
	var files *images.Folder
	if info.IsDir() {
		// Pictures that lie in the folder itself have no labels, which embedding does not need.
		if files, err = images.List(ctx, path, opt); err != nil {
			opt = images.FolderOptions{}
			files, err = images.List(ctx, path, opt)
		}
	} else {
		files, err = images.ListFile(path)
	}
	if err != nil {
		return nil, err
	}
	defer files.Close()
	about, err := files.Inventory(ctx, decode)
	if err != nil {
		return nil, err
	}
	if n := len(about.Several); n > 0 {
		fmt.Fprintf(p.warn, "warning: %s: %d files hold several pictures, of which the first is used: %q\n",
			quote.Text(path), n, about.Several[:min(n, 5)])
	}
	if info.IsDir() {
		opt.DecodeOptions, opt.Width, opt.Height = decode, c.Width, c.Height
		set, report, err := images.Open(ctx, path, opt)
		if err != nil {
			return nil, err
		}
		if flat := append(report.Constant, report.NearlyConstant...); len(flat) > 0 {
			fmt.Fprintf(p.warn, "warning: %s: %d files are constant, or nearly so: %q\n", quote.Text(path), len(flat),
				flat[:min(len(flat), 5)])
		}
		return set, nil
	}
	file, err := openfile.Regular(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	m, err := images.Decode(file, decode)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &images.Images{Items: []images.Image{*m}, IDs: []string{path}}, nil
}

// viewFlags say which pictures altered views are made of.
type viewFlags struct {
	Pictures string `option:"Views" placeholder:"FOLDER" help:"${help_pictures}"`
}

// source returns what makes the views that the configuration asks for, nil where it asks for none. Pictures of a folder
// are read when a training begins, and the built-in ones are decoded then.
func (v *viewFlags) source(cfg siamese.Config, items string) (augment.Source, error) {
	word, count, given := strings.Cut(items, ":")
	switch {
	case !cfg.Augment.On() && v.Pictures == "":
		return nil, nil //nolint:nilnil // none is no error
	case !cfg.Augment.On():
		return nil, wrongFlag("pictures", "it is for altered views of them, and there are none: give --augment too, or "+
			"leave it out")
	case word == builtinName && v.Pictures != "":
		return nil, wrongFlag("pictures", "%s has pictures of its own: leave it out", builtinName)
	case word == builtinName:
		return builtinViews{count, given}, nil
	case v.Pictures == "":
		return nil, wrongFlag("augment", "altered views are made of pictures, and %s holds features: name the folder of the "+
			"pictures that they are from in --pictures", quote.Text(items))
	}
	if word, count, given := strings.Cut(v.Pictures, ":"); word == builtinName {
		return builtinViews{count, given}, nil
	}
	info, err := os.Stat(v.Pictures)
	if err != nil {
		return nil, wrongFlag("pictures", "%w", err)
	}
	if info.IsDir() {
		return views.Folder(v.Pictures), nil
	}
	set, err := images.OpenIDX(v.Pictures, "", 0)
	if err != nil {
		return nil, wrongFlag("pictures", "it is no folder of pictures, and no IDX file of them: %w", err)
	}
	return views.Of(set), nil
}

// builtinViews are those of the built-in pictures, decoded when they are wanted.
type builtinViews struct {
	count string // as in [builtinPictures]
	given bool
}

// Views implements [augment.Source].
func (b builtinViews) Views(ctx context.Context, f *data.Frame, o augment.Options) (augment.Views, error) {
	pictures, err := builtinPictures(b.count, b.given)
	if err != nil {
		return nil, err
	}
	return views.Of(pictures).Views(ctx, f, o)
}

// isBuiltin reports whether a name means the built-in dataset, or some of it.
func isBuiltin(name string) bool {
	return name == builtinName || strings.HasPrefix(name, builtinName+":")
}

// builtinPictures returns the built-in pictures: all of them, or if given count ones of each class, count being the
// text behind "builtin:". The sample is always the same, by a fixed seed, so that commands that name it alike mean the
// same items.
func builtinPictures(count string, given bool) (*images.Images, error) {
	if !given {
		return builtin.Images()
	}
	// "builtin:" without a number is a slip, not all images.
	perClass, err := strconv.Atoi(count)
	if err != nil {
		return nil, fmt.Errorf("%q is not a number of images of each class: write %s:50", count, builtinName)
	}
	return builtin.Sample(perClass, 42)
}
