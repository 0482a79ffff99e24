package show

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"strings"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/tables"
)

// Sizes of a grid in points: a picture, the frame and the room around it, the widest text of a column, a line of text.
const (
	gridPicture, gridFrame, gridRoom = vg.Length(48), vg.Length(1.5), vg.Length(4)
	gridText, gridLine               = vg.Length(104), vg.Length(9.5)
)

// markColour is the colour of a tile's frame. Wrong ones are dashed too, for readers who do not see the colours apart.
var markColour = map[Mark]color.RGBA{Query: blue, Right: green, Wrong: orange}

// grid is rows of tiles that are laid out.
type grid struct {
	caption []string
	style   draw.TextStyle // of captions; that of the whole is bold
	bold    draw.TextStyle
	rows    [][]gridTile
	columns []vg.Length // widths
	heights []vg.Length // of rows
	text    string      // the grid as plain text
}

// gridTile is a tile with its picture in the size it is drawn with, and its text broken into lines.
type gridTile struct {
	image         image.Image
	text, caption []string
	mark          Mark
}

// newGrid lays tiles out; see [GridOutputs].
func newGrid(caption string, rows [][]Tile) (*grid, error) {
	g := &grid{style: plot.New().Title.TextStyle}
	g.style.Font.Variant, g.style.Font.Size = "Sans", vg.Points(8)
	g.style.XAlign, g.style.YAlign = draw.XCenter, draw.YTop
	g.bold = g.style
	g.bold.Font.Size, g.bold.Font.Weight, g.bold.XAlign = vg.Points(10), font.WeightBold, draw.XLeft
	texts := make([][]string, len(rows))
	for r, row := range rows {
		tiles, height := []gridTile(nil), vg.Length(0)
		for c, tile := range row {
			// A tile without content would be an empty frame, which looks like a picture that failed to load.
			if tile.Image == nil && tile.Text == "" || tile.Image != nil && tile.Image.Bounds().Empty() {
				err := errors.New("neither a picture nor text")
				if tile.Image != nil {
					err = errors.New("the picture has no pixels")
				}
				return nil, fmt.Errorf("picture grid: row %d, column %d: %w", r+1, c+1, err)
			}
			one := g.tile(tile)
			tiles = append(tiles, one)
			if c == len(g.columns) {
				g.columns = append(g.columns, 0)
			}
			width, high := g.size(one)
			g.columns[c], height = max(g.columns[c], width), max(height, high)
			texts[r] = append(texts[r], tileText(tile))
		}
		g.rows, g.heights = append(g.rows, tiles), append(g.heights, height)
	}
	var width vg.Length
	for _, w := range g.columns {
		width += w
	}
	if caption != "" {
		g.caption = wrap(g.bold, caption, max(width, 360), 4)
	}
	g.text = tables.Text(caption, nil, texts)
	return g, nil
}

// tileText returns a tile as a cell of a table of text.
func tileText(t Tile) string {
	parts := []string{}
	if t.Image != nil {
		parts = append(parts, "(picture)")
	} else {
		parts = append(parts, t.Text)
	}
	if t.Caption != "" {
		parts = append(parts, t.Caption)
	}
	return strings.Join(append(parts, map[Mark]string{Query: "[query]", Right: "[right]", Wrong: "[wrong]"}[t.Mark]),
		" ")
}

// tile prepares one tile: what is drawn of it.
func (g *grid) tile(t Tile) gridTile {
	out := gridTile{caption: wrap(g.style, t.Caption, gridText, 4), mark: t.Mark}
	if t.Image == nil {
		out.text = wrap(g.style, t.Text, gridText, 6)
		return out
	}
	// Two pixels for one of CSS, as in the rest of the drawing: scaled here, small pictures keep sharp pixels.
	most := int(2 * gridPicture * pointsToPixels)
	b := t.Image.Bounds()
	part := float64(most) / float64(max(b.Dx(), b.Dy()))
	size := image.Rect(0, 0, max(1, int(part*float64(b.Dx())+.5)), max(1, int(part*float64(b.Dy())+.5)))
	var scale xdraw.Scaler = xdraw.NearestNeighbor
	if part < 1 {
		scale = xdraw.CatmullRom
	}
	// Grey pictures stay grey, which needs less room.
	var dst xdraw.Image = image.NewNRGBA(size)
	if _, grey := t.Image.(*image.Gray); grey {
		dst = image.NewGray(size)
	}
	scale.Scale(dst, size, t.Image, b, xdraw.Src, nil)
	out.image = dst
	return out
}

// size returns the width and the height of a tile with the room around it.
func (g *grid) size(t gridTile) (width, height vg.Length) {
	width, height = gridPicture+2*gridFrame, gridPicture+2*gridFrame
	if t.image == nil {
		height = gridLine*vg.Length(len(t.text)) + 2*gridFrame + gridRoom
	}
	for _, line := range append(t.text[:len(t.text):len(t.text)], t.caption...) {
		width = max(width, g.style.Width(line)+2*gridFrame+gridRoom)
	}
	return width + 2*gridRoom, height + gridLine*vg.Length(len(t.caption)) + 2*gridRoom
}

// drawing returns the grid as a picture.
func (g *grid) drawing() *drawing {
	const line = vg.Length(14) // of the caption
	top := line * vg.Length(len(g.caption))
	d := &drawing{name: "Pictures", text: g.text, width: 1, height: max(1, top)}
	if len(g.caption) > 0 {
		d.name = strings.Join(g.caption, " ")
	}
	for _, w := range g.columns {
		d.width += w
	}
	for _, text := range g.caption {
		d.width = max(d.width, g.bold.Width(text)+2*gridRoom)
	}
	for _, h := range g.heights {
		d.height += h
	}
	d.paint = func(c draw.Canvas) {
		for k, text := range g.caption {
			c.FillText(g.bold, vg.Point{X: c.Min.X + gridRoom, Y: c.Max.Y - 2 - line*vg.Length(k)}, text)
		}
		y := c.Max.Y - top
		for r, row := range g.rows {
			x := c.Min.X
			for k, t := range row {
				g.paint(c, t, x+g.columns[k]/2, y-gridRoom)
				x += g.columns[k]
			}
			y -= g.heights[r]
		}
	}
	return d
}

// paint draws a tile below top, centred at x.
func (g *grid) paint(c draw.Canvas, t gridTile, x, top vg.Length) {
	frame := vg.Rectangle{Max: vg.Point{X: x, Y: top}}
	half, height := gridPicture/2+gridFrame, gridPicture+2*gridFrame
	if t.image == nil {
		height = gridLine*vg.Length(len(t.text)) + 2*gridFrame + gridRoom
		for _, text := range t.text {
			half = max(half, (g.style.Width(text)+gridRoom)/2+gridFrame)
		}
		for k, text := range t.text {
			c.FillText(g.style, vg.Point{X: x, Y: top - gridFrame - gridRoom/2 - gridLine*vg.Length(k)}, text)
		}
	}
	frame.Min.X, frame.Max.X, frame.Min.Y = x-half, x+half, top-height
	if t.image != nil {
		// A picture that is no square is centred in the frame.
		b := t.image.Bounds()
		w := vg.Length(b.Dx()) / (2 * pointsToPixels)
		h := vg.Length(b.Dy()) / (2 * pointsToPixels)
		y := top - height/2
		c.DrawImage(vg.Rectangle{Min: vg.Point{X: x - w/2, Y: y - h/2}, Max: vg.Point{X: x + w/2, Y: y + h/2}}, t.image)
	}
	if colour, ok := markColour[t.mark]; ok {
		line := draw.LineStyle{Color: colour, Width: gridFrame}
		if t.mark == Wrong {
			line.Dashes = []vg.Length{4, 3}
		}
		edge := gridFrame / 2
		a, b := frame.Min.Add(vg.Point{X: edge, Y: edge}), frame.Max.Sub(vg.Point{X: edge, Y: edge})
		c.StrokeLines(line, []vg.Point{a, {X: a.X, Y: b.Y}, b, {X: b.X, Y: a.Y}, a})
	}
	for k, text := range t.caption {
		c.FillText(g.style, vg.Point{X: x, Y: frame.Min.Y - 1 - gridLine*vg.Length(k)}, text)
	}
}

// wrap breaks text at its line breaks, and at spaces where a line is wider than width; words that are wider themselves
// are cut. There are at most most lines; where more are needed, the last one ends with "…". "" has no lines.
func wrap(style draw.TextStyle, text string, width vg.Length, most int) []string {
	if text == "" {
		return nil
	}
	var out []string
	for _, whole := range strings.Split(quote.Lines(text), "\n") {
		line := ""
		for _, word := range strings.Fields(whole) {
			word = fit(style, word, width)
			if joined := line + " " + word; line != "" && style.Width(joined) <= width {
				line = joined
				continue
			} else if line != "" {
				out = append(out, line)
			}
			line = word
			// Of very long texts no more is laid out than is shown.
			if len(out) > most {
				break
			}
		}
		out = append(out, line)
	}
	if len(out) > most {
		out = out[:most]
		out[most-1] = fit(style, out[most-1]+" …", width)
	}
	return out
}
