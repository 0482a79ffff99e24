package worker

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"

	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/siamese/show"
)

// hogScale is how many pixels of the drawing a pixel of the picture has.
const hogScale = 8

// drawHOG draws a HOG as package features computes it of a picture of w x h pixels: in each cell a line for every
// orientation, along the edge, as bright as it is strong. A cell that is in several blocks has the mean of them. nil =
// the values are of another size.
func drawHOG(values []float32, c features.HOGConfig, w, h int) image.Image {
	rows, cols := h/c.Cell[0], w/c.Cell[1]
	blockRows, blockCols := rows-c.Block[0]+1, cols-c.Block[1]+1
	if blockRows < 1 || blockCols < 1 ||
		len(values) != blockRows*blockCols*c.Block[0]*c.Block[1]*c.Orientations {
		return nil
	}
	sums, counts := make([]float64, rows*cols*c.Orientations), make([]float64, rows*cols)
	at, most := 0, 0.0
	for br := range blockRows {
		for bc := range blockCols {
			for r := range c.Block[0] {
				for k := range c.Block[1] {
					cell := (br+r)*cols + bc + k
					counts[cell]++
					for o := range c.Orientations {
						sums[cell*c.Orientations+o] += float64(values[at])
						at++
					}
				}
			}
		}
	}
	for i := range sums {
		sums[i] /= counts[i/c.Orientations]
		most = max(most, sums[i])
	}
	m := image.NewGray(image.Rect(0, 0, w*hogScale, h*hogScale))
	if most == 0 {
		return m
	}
	radius := float64(min(c.Cell[0], c.Cell[1])*hogScale)/2 - 1
	for i, v := range sums {
		cell, o := i/c.Orientations, i%c.Orientations
		y := (float64(cell/cols) + .5) * float64(c.Cell[0]*hogScale)
		x := (float64(cell%cols) + .5) * float64(c.Cell[1]*hogScale)
		// An edge is at a right angle to its gradient, whose angle is that of the middle of the bin.
		angle := (float64(o)+.5)*math.Pi/float64(c.Orientations) + math.Pi/2
		stroke(m, x, y, radius*math.Cos(angle), radius*math.Sin(angle), uint8(255*v/most+.5))
	}
	return m
}

// widestShown is how wide a picture is shown at most.
const widestShown = 224

// pictureOutputs returns a picture, enlarged with sharp pixels, and the drawing of its HOG beside it, nil = none.
func pictureOutputs(title string, m, hog image.Image) (show.Outputs, error) {
	scale := max(1, widestShown/max(1, m.Bounds().Dx(), m.Bounds().Dy()))
	w, h := m.Bounds().Dx()*scale, m.Bounds().Dy()*scale
	wide, text := w, title
	if hog != nil {
		wide, text = 2*w+8, title+", and its HOG"
	}
	both := image.NewNRGBA(image.Rect(0, 0, wide, h))
	enlarge := func(from image.Image, left int) {
		b := from.Bounds()
		for y := range h {
			for x := range w {
				both.Set(left+x, y, from.At(b.Min.X+x*b.Dx()/w, b.Min.Y+y*b.Dy()/h))
			}
		}
	}
	enlarge(m, 0)
	if hog != nil {
		enlarge(hog, w+8)
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, both); err != nil {
		return nil, err
	}
	return show.Outputs{{Text: text, PNG: buf.Bytes(), Width: wide, Height: h}}, nil
}

// stroke draws a line from (x-dx, y-dy) to (x+dx, y+dy); where lines cross the brighter one stays.
func stroke(m *image.Gray, x, y, dx, dy float64, brightness uint8) {
	steps := int(2*max(math.Abs(dx), math.Abs(dy))) + 1
	for s := -steps; s <= steps; s++ {
		part := float64(s) / float64(steps)
		px, py := int(x+part*dx), int(y+part*dy)
		if old := m.GrayAt(px, py).Y; brightness > old {
			m.SetGray(px, py, color.Gray{Y: brightness})
		}
	}
}
