package explore

import (
	"bytes"
	"image"
	"image/png"
	"sync"

	xdraw "golang.org/x/image/draw"
)

// thumbSide is the most pixels a side of the pictures that the page gets.
const thumbSide = 160

// mostThumbs bounds the pictures that are kept as PNG.
const mostThumbs = 2000

// thumbs are pictures of items as PNG.
type thumbs struct {
	of func(id string) image.Image

	mu   sync.Mutex
	kept map[string][]byte
}

func newThumbs(of func(id string) image.Image) *thumbs {
	return &thumbs{of: of, kept: map[string][]byte{}}
}

// get returns the picture of an item, nil where there is none.
func (t *thumbs) get(id string) []byte {
	if t.of == nil {
		return nil
	}
	t.mu.Lock()
	kept, ok := t.kept[id]
	t.mu.Unlock()
	if ok {
		return kept
	}
	var out bytes.Buffer
	if m := t.of(id); m != nil && !m.Bounds().Empty() && png.Encode(&out, small(m)) != nil {
		out.Reset() // one that cannot be written is none
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.kept) >= mostThumbs {
		clear(t.kept)
	}
	t.kept[id] = out.Bytes()
	return t.kept[id]
}

// small returns a picture of at most [thumbSide] pixels a side.
func small(m image.Image) image.Image {
	b := m.Bounds()
	most := max(b.Dx(), b.Dy())
	if most <= thumbSide {
		return m
	}
	scale := func(n int) int { return max(1, n*thumbSide/most) }
	out := image.NewNRGBA(image.Rect(0, 0, scale(b.Dx()), scale(b.Dy())))
	xdraw.ApproxBiLinear.Scale(out, out.Bounds(), m, b, xdraw.Src, nil)
	return out
}

// pictures sends the pictures that a page does not have, each when it is there. e.mu is held.
func (e *Explorer) pictures(ids []string) {
	v := e.view
	ids = ids[:min(len(ids), mostShown+1)]
	e.work.Go(func() {
		for len(ids) > 0 && e.ctx.Err() == nil {
			// What is kept goes together, since every message takes its time.
			var sent []string
			var buffers [][]byte
			for len(ids) > 0 {
				known := e.thumbs.known(ids[0])
				if !known && len(sent) > 0 {
					break
				}
				if _, ok := e.items.at[ids[0]]; ok {
					sent, buffers = append(sent, ids[0]), append(buffers, e.thumbs.get(ids[0]))
				}
				if ids = ids[1:]; !known {
					break
				}
			}
			_ = v.script.Send(map[string]any{"pictures": sent}, buffers...)
		}
	})
}

// known reports whether a picture is kept.
func (t *thumbs) known(id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.kept[id]
	return ok
}
