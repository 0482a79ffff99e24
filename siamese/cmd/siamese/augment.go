package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/images/views"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
)

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
		return nil, wrongFlag("pictures", "it is for altered views of them, and there are none: give --augment too, or leave "+
			"it out")
	case word == builtinName && v.Pictures != "":
		return nil, wrongFlag("pictures", "%s has pictures of its own: leave it out", builtinName)
	case word == builtinName:
		return builtinViews{count, given}, nil
	case v.Pictures == "":
		return nil, wrongFlag("pictures", "it is missing: altered views are made of the pictures that the features of %s are "+
			"from; name their folder, or set --augment to 0", quote.Text(items))
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

// builtinPictures returns the built-in pictures: all of them, or if given count ones of each class, count being the text
// behind "builtin:". The sample is always the same, by a fixed seed, so that commands that name it alike mean the same
// items.
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
