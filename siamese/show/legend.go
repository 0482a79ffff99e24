package show

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of a legend in points: an icon, the gap to its name and to the next icon, a row, and the room above and below.
const (
	legendThumb, legendGap, legendBetween = vg.Length(16), vg.Length(4), vg.Length(12)
	legendRow, legendEdge                 = vg.Length(14), vg.Length(4)
)

// legend is the entries of plots, in rows that are no wider than a width. The zero value is an empty one.
type legend struct {
	style draw.TextStyle
	rows  [][]key
}

// newLegend lays keys out from left to right. A name that does not fit a row of its own is cut, with "…" at its end.
func newLegend(style draw.TextStyle, keys []key, width vg.Length) legend {
	style.YAlign = draw.YCenter
	l := legend{style: style}
	left := vg.Length(0) // in the last row
	for _, k := range keys {
		k.name = fit(style, k.name, width-legendThumb-legendGap)
		needs := l.width(k)
		if len(l.rows) == 0 || needs+legendBetween > left {
			l.rows, left = append(l.rows, nil), width+legendBetween
		}
		l.rows[len(l.rows)-1] = append(l.rows[len(l.rows)-1], k)
		left -= needs + legendBetween
	}
	return l
}

// width returns the width of an entry. Names are measured with the font that lays them out; viewers with another one
// may draw them a little longer.
func (l legend) width(k key) vg.Length { return legendThumb + legendGap + l.style.Width(k.name) }

// height returns the height of all rows with the room around them.
func (l legend) height() vg.Length {
	if len(l.rows) == 0 {
		return 0
	}
	return legendRow*vg.Length(len(l.rows)) + 2*legendEdge
}

// draw draws the rows below top, each centred between left and right.
func (l legend) draw(c draw.Canvas, left, right, top vg.Length) {
	for r, row := range l.rows {
		width := -legendBetween
		for _, k := range row {
			width += l.width(k) + legendBetween
		}
		x, y := (left+right-width)/2, top-legendEdge-legendRow*(vg.Length(r)+.5)
		for _, k := range row {
			icon := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{Min: vg.Point{X: x, Y: y - 4},
				Max: vg.Point{X: x + legendThumb, Y: y + 4}}}
			for _, t := range k.thumbs {
				t.Thumbnail(&icon)
			}
			c.FillText(l.style, vg.Point{X: x + legendThumb + legendGap, Y: y}, k.name)
			x += l.width(k) + legendBetween
		}
	}
}

// longest is the number of characters of a name that is looked at.
const longest = 300

// fit returns text cut to a width, with "…" at its end where something is missing.
func fit(style draw.TextStyle, text string, width vg.Length) string {
	// Measuring takes time: of very long names no more is looked at than fits any picture.
	runes := []rune(text)
	if len(runes) <= longest && style.Width(text) <= width {
		return text
	}
	runes = runes[:min(len(runes), longest)]
	for len(runes) > 0 && style.Width(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// sideBySide returns panels in one row, 4.6 by 3 inches each or more with long legends, with their axes aligned. Below
// each is its own legend, and below all a shared one, which may be empty. name says what the picture shows.
func sideBySide(name string, shared []key, panels ...*panel) *drawing {
	const width, height = 4.6 * vg.Inch, 3 * vg.Inch
	d := &drawing{name: name, width: width * vg.Length(len(panels))}
	// Align and Draw know plots alone; legends are drawn after them, in the padding below.
	plots, legends := make([]*plot.Plot, len(panels)), make([]legend, len(panels))
	own := vg.Length(0)
	for i, p := range panels {
		plots[i] = p.Plot
		legends[i] = newLegend(p.Legend.TextStyle, p.keys, width-16)
		own = max(own, legends[i].height())
	}
	all := newLegend(panels[0].Legend.TextStyle, shared, d.width-16)
	// Up to one row of the panels' own is within the height.
	d.height = height + max(0, own-legendRow-2*legendEdge) + all.height()
	tiles := draw.Tiles{Rows: 1, Cols: len(panels), PadX: vg.Points(14), PadTop: vg.Points(4),
		PadBottom: own + all.height(), PadLeft: vg.Points(4), PadRight: vg.Points(10)}
	d.paint = func(c draw.Canvas) {
		// Align gives panels the same frames although labels of their axes differ in width.
		for i, part := range plot.Align([][]*plot.Plot{plots}, tiles, c)[0] {
			plots[i].Draw(part)
			legends[i].draw(c, part.Min.X, part.Max.X, part.Min.Y)
		}
		all.draw(c, c.Min.X, c.Max.X, c.Min.Y+all.height())
	}
	return d
}
