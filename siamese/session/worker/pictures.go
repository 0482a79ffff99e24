package worker

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/images/views"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/show"
)

// holdsPictures reports whether a folder has pictures in it or below it.
func holdsPictures(ctx context.Context, path string) bool {
	files, err := images.List(ctx, path, images.FolderOptions{})
	return err == nil && files.Close() == nil
}

// isPicture reports whether a file is a picture.
func isPicture(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, 16)
	n, _ := io.ReadFull(file, head) // a short file is no picture
	return images.Format(path, head[:n]) != ""
}

// features returns how the features of pictures are computed.
func (a *openArgs) features() (features.Config, error) {
	o, c := a.Options, features.Default()
	if o.Settings != "" {
		var err error
		if c, err = features.ParseSettings(o.Settings); err != nil {
			return c, &option.Error{Option: "Settings", Err: err}
		}
	}
	if o.Width != 0 || o.Height != 0 {
		c.Width, c.Height = o.Width, o.Height
	}
	return c, nil
}

// picture opens one picture, whose id is the name of its file.
func (a *openArgs) picture(ctx context.Context) (*made, error) {
	c, err := a.features()
	if err != nil {
		return nil, err
	}
	m, err := decode(a.Path, c.Background)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(a.Path)
	set := &images.Images{Items: []images.Image{*m}, IDs: []string{name}, Background: c.Background}
	f, err := features.Extract(ctx, set, c, nil)
	if err != nil {
		return nil, err
	}
	how := fmt.Sprintf("%s: a picture, %d features", name, f.F())
	if m.Frames > 1 {
		how += fmt.Sprintf("\nwarning: the file holds %d pictures, of which the first is used", m.Frames)
	}
	for _, doubt := range c.Doubts(set) {
		how += "\nwarning: of the pictures, " + doubt
	}
	return frameMade(name, how, f), nil
}

// decode reads a picture.
func decode(path, background string) (*images.Image, error) {
	file, err := openfile.Regular(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	m, err := images.Decode(file, images.DecodeOptions{Background: background})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// pictureOf returns what finds the pictures of a frame's items, nil where it was not made of pictures or those have
// changed since.
func (t *task) pictureOf(key string) (func(id string) image.Image, error) {
	r, err := t.w.record(key)
	if err != nil {
		return nil, err
	}
	op := operations[r.Op]
	args := op.args()
	if err := decodeArgs(r.Op, r.Args, args); err != nil {
		return nil, err
	}
	switch a := args.(type) {
	case *builtinArgs:
		return t.builtinPictures(key, a)
	case *sideArgs: // of the frame that was split
		s, err := t.w.record(a.Split)
		if err != nil {
			return nil, err
		}
		return t.pictureOf(s.Inputs[0])
	case *openArgs:
		now, _, err := t.w.keyOf(r.Op, a)
		if errors.Is(err, os.ErrNotExist) || now != key {
			return nil, nil
		}
		info, err := os.Stat(a.Path)
		if err != nil || !info.IsDir() && !isPicture(a.Path) {
			return nil, err
		}
		return func(id string) image.Image {
			path := a.Path
			if info.IsDir() {
				if !filepath.IsLocal(filepath.FromSlash(id)) {
					return nil
				}
				path = filepath.Join(a.Path, filepath.FromSlash(id))
			}
			m, err := decode(path, "")
			if err != nil {
				return nil // a table in the folder has other ids
			}
			return m.Eight().Std()
		}, nil
	}
	return nil, nil
}

// picturesObject finds pictures in memory.
type picturesObject struct {
	find func(id string) image.Image
	size int64
}

func (p *picturesObject) bytes() int64 { return p.size }
func (p *picturesObject) close()       {}

// builtinPictures returns what finds built-in pictures. They stay in memory while there is room.
func (t *task) builtinPictures(key string, a *builtinArgs) (func(id string) image.Image, error) {
	name := "pictures " + key
	x, done := t.w.objects.get(name)
	if x == nil {
		pictures, err := a.pictures()
		if err != nil {
			return nil, err
		}
		size := int64(0)
		for i := range pictures.Items {
			size += int64(len(pictures.Items[i].Pix))
		}
		x, done = t.w.objects.put(name, &picturesObject{show.Pictures(pictures), size})
	}
	t.mu.Lock()
	t.done = append(t.done, done)
	t.mu.Unlock()
	return x.(*picturesObject).find, nil //nolint:forcetypeassert // only these have such names
}

// builtinArgs open the built-in pictures.
type builtinArgs struct {
	PerClass int `json:"per_class"`
}

func (a *builtinArgs) inputs() []string { return nil }
func (a *builtinArgs) files() []string  { return nil }

// pictures returns the pictures, always the same ones of each class.
func (a *builtinArgs) pictures() (*images.Images, error) {
	if a.PerClass == 0 {
		return builtin.Images()
	}
	return builtin.Sample(a.PerClass, sampleSeed)
}

// sampleSeed draws the built-in pictures of each class.
const sampleSeed = 42

func (a *builtinArgs) run(ctx context.Context, t *task) (*made, error) {
	pictures, err := a.pictures()
	if err != nil {
		return nil, err
	}
	if a.PerClass != 0 {
		t.seed(sampleSeed)
	}
	f, err := features.Extract(ctx, pictures, features.Default(), func(done, total int) {
		t.work("features of the pictures", int64(done), int64(total))
	})
	if err != nil {
		return nil, err
	}
	name := "builtin"
	if a.PerClass != 0 {
		name = fmt.Sprintf("builtin:%d", a.PerClass)
	}
	return frameMade(name, fmt.Sprintf("%s: %d images x %d features (HOG and GLCM)", name, f.N(), f.F()), f), nil
}

// viewsOf returns what makes the altered views that a configuration asks for, of the pictures that a frame was made of:
// the value of that key, or the one that it splits or lists pairs of. nil where none are asked for, or the frame was not
// made of pictures, which training then says.
func (t *task) viewsOf(cfg config.Config, key string) (augment.Source, error) {
	if !cfg.Augment.On() {
		return nil, nil //nolint:nilnil // none is no error
	}
	r, err := t.w.record(key)
	if err != nil {
		return nil, err
	}
	args := operations[r.Op].args()
	if err := decodeArgs(r.Op, r.Args, args); err != nil {
		return nil, err
	}
	switch a := args.(type) {
	case *builtinArgs:
		pictures, err := a.pictures()
		if err != nil {
			return nil, err
		}
		return views.Of(pictures), nil
	case *openArgs:
		if info, err := os.Stat(a.Path); err != nil || !info.IsDir() {
			return nil, err
		}
		return views.Folder(a.Path), nil
	case *splitArgs:
		return t.viewsOf(cfg, a.Frame)
	case *pairsArgs:
		return t.viewsOf(cfg, a.Frame)
	case *sideArgs:
		return t.viewsOf(cfg, a.Split)
	}
	return nil, nil //nolint:nilnil // of no pictures
}
