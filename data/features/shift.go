package features

import (
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/option"
)

// moves are the directions, in columns and rows, in which a picture is moved for [Config.Shift], after the picture as
// it is.
var moves = [][2]int{{0, 0}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}}

// validateShift returns what is wrong with Shift for pictures of w x h pixels, 0 by 0 where their size is not known
// yet, as an [*option.Error], or nil.
func (c Config) validateShift(w, h int) error {
	switch {
	case c.Shift < 0:
		return option.Errorf("Shift", "is %d, want 0 pixels or more", c.Shift)
	case w > 0 && c.Shift >= min(w, h):
		return option.Errorf("Shift", "is %d, and pictures of %d x %d pixels cannot be moved so far: take a smaller one",
			c.Shift, w, h)
	}
	return nil
}

// mean makes the features of m the means over it and m moved by s pixels each way. m has the extractor's size.
func (e *extractor) mean(m *images.Image, s int) {
	clear(e.sums)
	for _, by := range moves {
		e.move(m, by[0]*s, by[1]*s)
		e.compute(&e.moved)
		for k, v := range e.values {
			e.sums[k] += v
		}
	}
	for k, v := range e.sums {
		e.values[k] = v / float64(len(moves))
	}
}

// move makes e.moved m, moved by dx columns to the right and dy rows down. Pixels that come in at an edge are those of
// the edge, as in views of package images/views.
func (e *extractor) move(m *images.Image, dx, dy int) {
	pix, deep := e.moved.Pix, e.moved.Deep
	e.moved = images.Image{W: m.W, H: m.H, C: m.C, Range: m.Range}
	if m.Deep != nil {
		e.moved.Deep = shifted(deep, m.Deep, m, dx, dy)
		return
	}
	e.moved.Pix = shifted(pix, m.Pix, m, dx, dy)
}

// shifted returns the values of m, moved, in the memory of to where that has room.
func shifted[T uint8 | float32](to, values []T, m *images.Image, dx, dy int) []T {
	if cap(to) < len(values) {
		to = make([]T, len(values))
	}
	to = to[:len(values)]
	for y := range m.H {
		row := values[min(max(y-dy, 0), m.H-1)*m.W*m.C:][:m.W*m.C]
		for x := range m.W {
			from := min(max(x-dx, 0), m.W-1) * m.C
			copy(to[(y*m.W+x)*m.C:], row[from:from+m.C])
		}
	}
	return to
}
