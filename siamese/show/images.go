package show

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"image"
	"image/png"
	"strings"
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
	// Plain has no frame, and takes as much room as the others.
	Plain Mark = iota
	// Query is what was searched for.
	Query
	// Right is of the query's class, or in a pair of one class.
	Right
	// Wrong is of another class, or in a pair of two classes.
	Wrong
)

// markStyle is the border of a tile. Wrong ones are dashed too, for readers who do not see the colours apart.
var markStyle = map[Mark]string{
	Plain: "2px solid transparent", Query: "2px solid #0072b2", Right: "2px solid #009e73", Wrong: "2px dashed #d55e00",
}

// Grid displays rows of pictures. Errors are those of [GridHTML].
//
//	row := []show.Tile{{Image: query, Mark: show.Query}}
//	for _, n := range nearest[0] {
//		row = append(row, show.Tile{Image: picture(test.IDs[n.Item]), Caption: fmt.Sprintf("%.3f", n.Cosine)})
//	}
//	show.OK(show.Grid("A query and its nearest items", [][]show.Tile{row}))
func Grid(caption string, rows [][]Tile) error {
	content, err := GridHTML(caption, rows)
	if err == nil {
		HTML(content)
	}
	return err
}

// GridHTML returns rows of pictures as HTML, each embedded as PNG in its full size and shown at 64 by 64 pixels or
// less, so shrink large ones before. Small pictures are enlarged with sharp pixels. Rows may differ in length. It
// returns an error with row and column (from 1) when a picture is missing or cannot be encoded, as one without pixels.
func GridHTML(caption string, rows [][]Tile) (string, error) {
	var b strings.Builder
	if caption != "" {
		fmt.Fprintf(&b, `<div style="font-weight:bold;padding:4px 0">%s</div>`, html.EscapeString(caption))
	}
	b.WriteString(`<table style="border-collapse:collapse">`)
	for r, row := range rows {
		b.WriteString("<tr>")
		for c, tile := range row {
			content, err := tileHTML(tile)
			if err != nil {
				return "", fmt.Errorf("picture grid: row %d, column %d: %w", r+1, c+1, err)
			}
			fmt.Fprintf(&b, `<td style="text-align:center;vertical-align:top;padding:3px;`+
				`font-size:11px;line-height:1.2">%s<br/>%s</td>`, content, breaks(tile.Caption))
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</table>")
	return b.String(), nil
}

// tileHTML returns the picture of a tile, or its text, with the frame of its mark. The caption is the alternative text
// of a picture, for screen readers.
func tileHTML(t Tile) (string, error) {
	// A tile without content would be an empty frame, which looks like a picture that failed to load.
	if t.Image == nil && t.Text == "" {
		return "", errors.New("neither a picture nor text")
	}
	if t.Image == nil {
		return fmt.Sprintf(`<div style="padding:8px;border:%s">%s</div>`, markStyle[t.Mark], breaks(t.Text)), nil
	}
	source, err := pngSource(t.Image)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(`<img alt="%s" style="width:64px;height:64px;max-width:none;margin:0 auto;object-fit:contain;`+
		`image-rendering:pixelated;border:%s" src="%s"/>`,
		html.EscapeString(t.Caption), markStyle[t.Mark], source), nil
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

// breaks returns text as HTML that keeps its lines.
func breaks(text string) string { return strings.ReplaceAll(html.EscapeString(text), "\n", "<br/>") }
