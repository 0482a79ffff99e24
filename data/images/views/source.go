package views

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"github.com/zeebo/xxh3"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/quote"
)

// Of returns a source of views of pictures in memory, which must not be changed while it is used. Items of a frame are
// found by their ids.
func Of(pictures *images.Images) augment.Source {
	return source(func(ctx context.Context, ids []string, _ features.Config, take func(int, *images.Image) error) error {
		at := make(map[string]int, pictures.N())
		for i, id := range pictures.IDs {
			at[id] = i
		}
		return parallel.Each(ctx, len(ids), 0, func(_, i int) error {
			k, ok := at[ids[i]]
			if !ok {
				return missing(ids[i], "the pictures")
			}
			if err := pictures.Items[k].Validate(); err != nil {
				return err
			}
			return take(i, &pictures.Items[k])
		})
	})
}

// Folder returns a source of views of the pictures in a folder and below it; the id of an item is its path there, as in
// tables that siamese features makes. Nothing is read before views are asked for, and then the pictures of the frame's
// items alone.
func Folder(path string) augment.Source {
	return source(func(ctx context.Context, ids []string, c features.Config, take func(int, *images.Image) error) error {
		files, err := images.List(ctx, path, images.FolderOptions{})
		if err != nil {
			return err
		}
		defer files.Close()
		at := make(map[string]int, len(files.Files))
		for i, f := range files.Files {
			at[f.ID] = i
		}
		wanted, item := make([]int, len(ids)), make(map[int]int, len(ids))
		for i, id := range ids {
			k, ok := at[id]
			if !ok {
				return missing(id, quote.Text(path))
			}
			wanted[i], item[k] = k, i
		}
		return files.Each(ctx, wanted, images.DecodeOptions{Background: c.Background},
			func() func(int, *images.Image, error) error {
				return func(k int, m *images.Image, bad error) error {
					if bad != nil {
						return fmt.Errorf("%s: %w", quote.Text(files.Files[k].ID), bad)
					}
					return take(item[k], m)
				}
			})
	})
}

// missing is the error about an item without a picture.
func missing(id, where string) error {
	return fmt.Errorf("item %q is not among %s, and views are made of the pictures that the features are from", id, where)
}

// source reads the pictures with these ids, made for features of that configuration, and gives them to take with their
// positions in ids, from several goroutines.
type source func(ctx context.Context, ids []string, c features.Config, take func(int, *images.Image) error) error

// Views implements [augment.Source]. All pictures of f's items are kept, in the size that the features are of. It is an
// error if f was not made by package features, a column is none of its features, a picture is missing, or the features
// of a picture are not those that f has: then f is of other pictures, or was changed since.
func (read source) Views(ctx context.Context, f *data.Frame, o augment.Options) (augment.Views, error) {
	c, err := features.ParseSettings(f.Settings)
	if err != nil {
		return nil, fmt.Errorf("views: %w", err)
	}
	// Its columns are found before anything is read.
	first, err := features.NewExtractor(c, c.Width, c.Height)
	if err != nil {
		return nil, fmt.Errorf("views: %w", err)
	}
	s := &views{o: o, c: c, pictures: make([]images.Image, f.N()), ids: f.IDs, columns: make([]int, f.F())}
	made := make(map[string]int, len(first.Columns()))
	for k, name := range first.Columns() {
		made[name] = k
	}
	for j, name := range f.Columns {
		k, ok := made[name]
		if !ok {
			return nil, fmt.Errorf("views: column %q is no feature of pictures, so that a view has no value for it: leave "+
				"it out, or train without views", name)
		}
		s.columns[j] = k
	}
	bytes := float64(c.Width) * float64(c.Height) * float64(f.N()) // of one channel of 8 bits
	err = memory.Check("keeping the pictures of the training items", bytes,
		option.Do("set %s to 0", "augment.share").Or("make features of smaller pictures"))
	if err != nil {
		return nil, err
	}
	err = read(ctx, f.IDs, c, func(i int, m *images.Image) error {
		s.pictures[i] = s.keep(m)
		return s.check(i, f.Row(i))
	})
	if err != nil {
		return nil, fmt.Errorf("views: %w", err)
	}
	return s, nil
}

// views makes views of the items of a frame.
type views struct {
	o        augment.Options
	c        features.Config
	pictures []images.Image // [N] in the size of the features
	ids      []string       // [N]
	columns  []int          // [F] places of the frame's columns among the features
	makers   sync.Pool      // of *maker
}

// maker has what one goroutine needs to make a view.
type maker struct {
	x        *features.Extractor
	view     images.Image
	features []float32
}

// keep returns a picture in the size that features are of, and grey where they are of grey ones, which is what the
// extractor does first: it finds nothing left to do.
func (s *views) keep(m *images.Image) images.Image {
	if m.W != s.c.Width || m.H != s.c.Height {
		m = m.Resize(s.c.Width, s.c.Height)
	}
	if s.c.Grey {
		m = m.Grey()
	}
	return *m
}

// maker returns one that is free.
func (s *views) maker() (*maker, error) {
	if m, ok := s.makers.Get().(*maker); ok {
		return m, nil
	}
	x, err := features.NewExtractor(s.c, s.c.Width, s.c.Height)
	if err != nil {
		return nil, err
	}
	return &maker{x: x, features: make([]float32, len(x.Columns()))}, nil
}

// check returns an error unless the features of an item's picture are those of its row, to what a text file keeps.
func (s *views) check(item int, row []float32) error {
	m, err := s.maker()
	if err != nil {
		return err
	}
	defer s.makers.Put(m)
	if err := m.x.Extract(&s.pictures[item], m.features); err != nil {
		return fmt.Errorf("%s: %w", quote.Text(s.ids[item]), err)
	}
	for j, k := range s.columns {
		was, is := float64(row[j]), float64(m.features[k])
		if !(math.Abs(was-is) <= 1e-5*(1+math.Abs(was))) { // NaN too
			return fmt.Errorf("item %q: feature %q is %v and that of its picture is %v: the items are of other pictures, "+
				"or changed since their features were made", s.ids[item], m.x.Columns()[k], was, is)
		}
	}
	return nil
}

// Row implements [augment.Views].
func (s *views) Row(row []float32, item int, key augment.Key) error {
	m, err := s.maker()
	if err != nil {
		return err
	}
	defer s.makers.Put(m)
	Draw(s.o, s.c.Width, s.c.Height, random(key, s.ids[item])).Apply(&m.view, &s.pictures[item])
	if err := m.x.Extract(&m.view, m.features); err != nil {
		return fmt.Errorf("view of %s: %w", quote.Text(s.ids[item]), err)
	}
	for j, k := range s.columns {
		row[j] = m.features[k]
	}
	return nil
}

// random returns the random numbers of a view. They go by the item's id, not by its row: the same item has the same
// views beside others.
func random(key augment.Key, id string) *rand.Rand {
	text := binary.LittleEndian.AppendUint64(nil, uint64(key.Epoch))
	text = append(binary.LittleEndian.AppendUint64(text, uint64(key.View)), id...)
	return rand.New(rand.NewPCG(key.Seed, xxh3.Hash(text)))
}
