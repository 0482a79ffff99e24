package beam

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"runtime"

	apache "github.com/apache/beam/sdks/v2/go/pkg/beam"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/quote"
)

// Pictures say how features are made of pictures.
type Pictures struct {
	// Config is how; with a model it is the model's, and what is here is not used. Without a Width and Height all pictures
	// have to have the size of the first one that can be read. Pictures of more than 8 bits a channel need a Range, or a
	// Scale other than that of all data, where GLCM is on: nobody has seen all of them.
	Config    features.Config
	MaxPixels int // of a picture; 0 = 67 million
	Lines     int // of a list in a unit; 0 = 1000
}

// Features adds to a pipeline the features of pictures, which lists name, or their embeddings if there is a model. A
// line of a list is a path, and after tabs a class and a domain; all lines of all lists have as many cells. Paths are
// the ids, and go from the folder of the list. Pictures that cannot be read are bad rows.
//
// Shards are tables with the settings of their features, and have the bits of [features.Extract] and of the model's
// Embed. All else is as in [Embed]; Options.ID, Label, Domain and Ignore are not used.
func Features(ctx context.Context, scope apache.Scope, opt Options, pics Pictures, paths ...string) error {
	if pics.Lines < 0 {
		return option.Errorf("Lines", "%d is less than 0", pics.Lines)
	}
	if pics.Lines == 0 {
		pics.Lines = 1000
	}
	opt.ID, opt.Label, opt.Domain, opt.Ignore = "", "", "", nil
	fn := unitFn{Options: opt}
	width := 0
	if fn.Model != "" {
		m, err := fn.begin()
		if err != nil {
			return err
		}
		width = m.E()
		if m.Transform.Settings == "" {
			return option.Errorf("Model", "it does not know how its features were made: train it on a table of features "+
				"of pictures")
		}
		if pics.Config, err = features.ParseSettings(m.Transform.Settings); err != nil {
			return option.Errorf("Model", "%w", err)
		}
	}
	if err := pics.Config.Validate(); err != nil {
		return err
	}
	all, cells, err := lists(paths, pics.Lines)
	if err != nil {
		return err
	}
	if fn.Pictures, err = pics.resolve(ctx, all, cells); err != nil {
		return err
	}
	return fn.add(ctx, scope, all, width)
}

// extraction is how features are made, the same for all workers.
type extraction struct {
	Config    features.Config
	W, H      int  // of all pictures
	NoDeep    bool // whether pictures of more than 8 bits a channel lack a range
	MaxPixels int
	Cells     int // of a line
}

// resolve makes the configuration what it is for all pictures.
func (p Pictures) resolve(ctx context.Context, all []Unit, cells int) (*extraction, error) {
	c := p.Config
	x := &extraction{MaxPixels: p.MaxPixels, Cells: cells, W: c.Width, H: c.Height, NoDeep: c.NeedsRange()}
	x.Config = c.Resolved(!x.NoDeep, 0, 0)
	if x.W == 0 {
		m, err := x.first(ctx, all[0])
		if err != nil {
			return nil, err
		}
		x.W, x.H = m.W, m.H
	}
	_, err := features.NewExtractor(x.Config, x.W, x.H)
	return x, err
}

// first returns the first picture of a unit that can be read.
func (x *extraction) first(ctx context.Context, u Unit) (*images.Image, error) {
	lines, err := u.pictures()
	if err != nil {
		return nil, err
	}
	var bad error
	for _, line := range lines {
		m, err := x.decode(line.path)
		if err == nil {
			return m, nil
		}
		if bad == nil {
			bad = fmt.Errorf("none of the first %d pictures of %s can be read, whose size all would have: the first one: %w",
				len(lines), quote.Text(u.Path), err)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return nil, bad
}

// decode reads a picture.
func (x *extraction) decode(path string) (*images.Image, error) {
	f, err := openfile.Part(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return images.Decode(f, images.DecodeOptions{MaxPixels: x.MaxPixels, Background: x.Config.Background})
}

// extract computes the features of a picture.
func (x *extraction) extract(by *features.Extractor, path string, row []float32) error {
	m, err := x.decode(path)
	if err != nil {
		return err
	}
	if m.Deep != nil && x.NoDeep {
		return errors.New("it has more than 8 bits a channel: give a configuration with a Range of grey values, or another " +
			"Scale")
	}
	return by.Extract(m, row)
}

// bits says what features depend on beside pictures and settings: decoders are those of Go.
func (x *extraction) bits() string { return "features " + runtime.Version() + " " + runtime.GOARCH }

// looks returns a digest of how the pictures of a unit look from outside: sizes and times.
func looks(lines []picture) string {
	sum := sha256.New()
	for _, line := range lines {
		size, time := int64(-1), int64(0)
		if stat, err := os.Stat(line.path); err == nil {
			size, time = stat.Size(), stat.ModTime().UnixNano()
		}
		fmt.Fprintf(sum, "%q %d %d\n", line.path, size, time)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// frame returns the features of the pictures of a unit; tell is told of those that have none. retry says that the file
// system was at fault for some.
func (x *extraction) frame(ctx context.Context, u Unit, lines []picture, tell func(badRow) error) (f *data.Frame,
	retry bool, err error) {
	workers := make([]*features.Extractor, min(len(lines), runtime.GOMAXPROCS(0)))
	for w := range workers {
		if workers[w], err = features.NewExtractor(x.Config, x.W, x.H); err != nil {
			return nil, false, err
		}
	}
	made := x.Config
	made.Width, made.Height = x.W, x.H
	f = &data.Frame{Columns: workers[0].Columns(), Blocks: workers[0].Blocks(), Settings: made.Settings()}
	width := len(f.Columns)
	values, faults := make([]float32, len(lines)*width), make([]error, len(lines))
	err = parallel.Each(ctx, len(lines), len(workers), func(w, i int) error {
		faults[i] = x.extract(workers[w], lines[i].path, values[i*width:(i+1)*width])
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	seen := map[string]bool{}
	for i, line := range lines {
		fault := faults[i]
		var system *fs.PathError
		retry = retry || errors.As(fault, &system)
		row := values[i*width : (i+1)*width]
		if fault == nil && seen[line.id] {
			fault = errTwice
		}
		if seen[line.id] = true; fault != nil {
			if err := tell(badRow{u.Path, u.First + int64(i) + 1, line.id, fault.Error()}); err != nil {
				return nil, false, err
			}
			continue
		}
		f.X, f.IDs = append(f.X, row...), append(f.IDs, line.id)
		if x.Cells > 1 {
			f.Labels = append(f.Labels, line.label)
		}
		if x.Cells > 2 {
			f.Domains = append(f.Domains, line.domain)
		}
	}
	return f, retry, nil
}

// errTwice is the reason of the second row of an id.
var errTwice = errors.New("its id was there before in these rows")

// one returns a sequence of a frame, or of none if it has no items.
func one(f *data.Frame) iter.Seq2[*data.Frame, error] {
	return func(yield func(*data.Frame, error) bool) {
		if f.N() > 0 {
			yield(f, nil)
		}
	}
}
