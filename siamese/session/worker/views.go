package worker

import (
	"os"

	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/images/views"
	"github.com/go-siamese/lab/siamese/config"
)

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
