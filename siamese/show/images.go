package show

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
)

// Tile is one picture of a grid, or a few lines of text in the place of one.
type Tile struct {
	Image   image.Image // nil = none: then there must be text
	Text    string      // shown when there is no picture; may have several lines
	Caption string      // below it; may have several lines; "" = none
	Mark    Mark        // colour of the frame around it
}

// Mark is the colour of a tile's frame: what the item is in a search, or in a pair.
type Mark int

// The marks.
const (
	// The zero value has no frame, and takes as much room as the others.
	_ Mark = iota
	// Query is what was searched for.
	Query
	// Right is of the query's class, or in a pair of one class.
	Right
	// Wrong is of another class, or in a pair of two classes.
	Wrong
)

// Grid displays rows of pictures. Errors are those of [GridOutputs].
//
//	row := []show.Tile{{Image: query, Mark: show.Query}}
//	for _, n := range nearest[0] {
//		row = append(row, show.Tile{Image: picture(test.IDs[n.Item]), Caption: fmt.Sprintf("%.3f", n.Cosine)})
//	}
//	show.OK(show.Grid("A query and its nearest items", [][]show.Tile{row}))
func Grid(caption string, rows [][]Tile) error { return displayed(GridOutputs(caption, rows)) }

// GridOutputs returns rows of pictures as one picture, each shown at 64 by 64 pixels or less. Small pictures are
// enlarged with sharp pixels. Captions are broken into lines, and cut where they are very long. Rows may differ in
// length. It returns an error with row and column (from 1) when a picture is missing or has no pixels.
func GridOutputs(caption string, rows [][]Tile) (Outputs, error) {
	var out Outputs
	g, err := newGrid(caption, rows)
	if err == nil {
		err = out.draw(g.drawing())
	}
	return out, err
}

// pngSource returns a picture as the source of an <img>: a data URL with the PNG in it, which needs no file beside the
// notebook or page.
func pngSource(m image.Image) (string, error) {
	var picture bytes.Buffer
	if err := png.Encode(&picture, m); err != nil {
		return "", err
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(picture.Bytes()), nil
}
