// Package widgetkit holds what the session's widgets have in common: the beginning of their scripts, and pictures of items
// as pages show them.
package widgetkit

import (
	"bytes"
	_ "embed"
	"image"
	"image/png"
	"sync"

	xdraw "golang.org/x/image/draw"
)

//go:embed kit.js
var kit string

// Module returns the script of a widget: what all have in common (see kit.js), then its own, in one ES module.
func Module(own string) string { return kit + own }

// Side is the larger side of a small picture, in pixels of the screen at twice the density of CSS.
const Side = 112

// PNG returns a picture as PNG, scaled down so that its larger side has at most so many pixels: pages scale small ones up. A
// picture without pixels, or one that cannot be encoded, is nil.
func PNG(m image.Image, side int) []byte {
	if m == nil || m.Bounds().Empty() {
		return nil
	}
	b := m.Bounds()
	if part := float64(side) / float64(max(b.Dx(), b.Dy())); part < 1 {
		size := image.Rect(0, 0, max(1, int(part*float64(b.Dx())+.5)), max(1, int(part*float64(b.Dy())+.5)))
		var to xdraw.Image = image.NewNRGBA(size)
		if _, grey := m.(*image.Gray); grey {
			to = image.NewGray(size)
		}
		xdraw.CatmullRom.Scale(to, size, m, b, xdraw.Src, nil)
		m = to
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if encoder.Encode(&out, m) != nil {
		return nil
	}
	return out.Bytes()
}

// Pictures are small pictures of items by id, each made once while there is room. It is safe for concurrent use.
type Pictures struct {
	of   func(id string) image.Image
	side int

	mu   sync.Mutex
	made map[string][]byte
}

// mostMade is how many small pictures are kept: some megabytes.
const mostMade = 2000

// NewPictures returns the small pictures of items; of finds the picture of an item, nil where there is none, and may be
// nil.
func NewPictures(of func(id string) image.Image, side int) *Pictures {
	return &Pictures{of: of, side: side, made: map[string][]byte{}}
}

// Any reports whether items have pictures at all.
func (p *Pictures) Any() bool { return p.of != nil }

// PNG returns the picture of an item, nil where there is none.
func (p *Pictures) PNG(id string) []byte {
	if p.of == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	b, ok := p.made[id]
	if !ok {
		b = PNG(p.of(id), p.side)
		if len(p.made) >= mostMade {
			clear(p.made)
		}
		p.made[id] = b
	}
	return b
}

// String says which pictures these are.
func (p *Pictures) String() string { return "small pictures of items" }
