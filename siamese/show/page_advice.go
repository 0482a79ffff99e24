package show

import (
	"errors"
	"fmt"
	"image"
	"slices"
	"strings"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/go-siamese/lab/siamese/advise"
	"github.com/go-siamese/lab/siamese/internal/tables"
)

// mostPictured bounds the labels that look wrong that are shown as pictures.
const mostPictured = 20

// adviceView is the part of a page on what to do about the data.
type adviceView struct {
	Title, About string
	Sections     []section
}

// AdviceOutputs returns advice for a cell: its tables, and the labels that look wrong as the pictures that picture has
// of them; nil = none.
func AdviceOutputs(a *advise.Advice, picture func(id string) image.Image) (Outputs, error) {
	out := Outputs{{Text: a.String(), HTML: a.HTML()}}
	g, err := suspects(a.Labels, picture)
	if g == nil || err != nil {
		return out, err
	}
	return out, out.draw(g.drawing())
}

// suspects returns the surest of the labels that look wrong as pictures with captions; nil where there are no pictures.
func suspects(l *advise.LabelCheck, picture func(id string) image.Image) (*grid, error) {
	if l == nil || picture == nil {
		return nil, nil //nolint:nilnil // none is no error
	}
	var tiles []Tile
	for _, s := range l.Suspects[:min(len(l.Suspects), mostPictured)] {
		if m := picture(s.ID); m != nil { // its file may be gone
			tiles = append(tiles, Tile{Image: m, Text: s.ID,
				Caption: fmt.Sprintf("%s\n%s\nrather %s\n%s", s.ID, s.Label, s.Suggested, number(s.Probability))})
		}
	}
	if tiles == nil {
		return nil, nil //nolint:nilnil // none is no error
	}
	return newGrid("labels that look wrong, the surest first", slices.Collect(slices.Chunk(tiles, 5)))
}

// adviceOf returns the view of the advice of opt. Each part of it is a section; its tables have their lines below them.
func adviceOf(opt PageOptions) (*adviceView, error) {
	a := opt.Advice
	v := &adviceView{Title: "Advice on the data", About: a.About()}
	for _, one := range a.Tables() {
		last := len(v.Sections) - 1
		if last < 0 || v.Sections[last].Title != one.Part {
			v.Sections = append(v.Sections, section{Title: one.Part})
			last++
		}
		s := &v.Sections[last]
		if one.Rows == nil {
			if one.Part != advise.PartRefused { // whose heading says it
				s.Notes = append(s.Notes, one.Caption)
			}
			s.Notes = append(s.Notes, one.Lines...)
			continue
		}
		t := table{Left: 1, Caption: one.Caption, Header: one.Header, Note: strings.Join(one.Lines, "; ")}
		for _, row := range one.Rows {
			t.Rows = append(t.Rows, words(row...))
		}
		s.Tables = append(s.Tables, t)
	}
	for k := range v.Sections {
		s := &v.Sections[k]
		switch s.Title {
		case advise.PartCurves:
			d, err := learningCurves(a)
			if err != nil {
				return nil, err
			}
			s.Drawings = append(s.Drawings, d)
		case advise.PartLabels:
			g, err := suspects(a.Labels, opt.Image)
			if err != nil {
				return nil, err
			}
			if g != nil {
				s.Drawings = append(s.Drawings, g.drawing())
			}
		}
	}
	return v, nil
}

// learningCurves returns the curves of an advice, which has one or two, with their forecasts.
func learningCurves(a *advise.Advice) (*drawing, error) {
	var panels []*panel
	var names, texts []string
	for _, c := range []*advise.Curve{a.ByItems, a.ByClasses} {
		if c == nil {
			continue
		}
		p, err := learningCurve(c)
		if err != nil {
			return nil, err
		}
		t := c.Table()
		panels, names = append(panels, p), append(names, t.Caption)
		texts = append(texts, tables.Text(t.Caption, t.Header, t.Rows))
	}
	d := sideBySide("Learning curves: "+strings.Join(names, "; "), nil, panels...)
	d.text = strings.Join(texts, "\n")
	return d, nil
}

// learningCurve returns a curve with the ends of its intervals, and its forecast, dashed, from the height of its last
// point.
func learningCurve(c *advise.Curve) (*panel, error) {
	if len(c.Points) == 0 {
		return nil, errors.New("a learning curve has no points")
	}
	t := c.Table()
	p := newPanel(c.Metric+" by "+t.Header[0], t.Header[0], c.Metric)
	var values, low, high plotter.XYs
	for _, one := range c.Points {
		values = append(values, plotter.XY{X: one.Size, Y: one.Value.Value})
		low = append(low, plotter.XY{X: one.Size, Y: one.Value.Low})
		high = append(high, plotter.XY{X: one.Size, Y: one.Value.High})
	}
	dots := []vg.Length{vg.Points(2), vg.Points(3)}
	for _, end := range []plotter.XYs{low, high} {
		if err := p.line("interval", grey, end, dots...); err != nil {
			return nil, err
		}
	}
	p.keys = p.keys[:1] // one for both ends
	if err := p.line("measured", blue, values); err != nil {
		return nil, err
	}
	f := c.Forecast
	if f == nil {
		return p, nil
	}
	name := "gain forecast"
	if !f.Trusted {
		name += ", not to be trusted"
	}
	// The gain is from what there is, which is more than any fold is fitted on.
	last := values[len(values)-1].Y
	return p, p.line(name, orange, plotter.XYs{{X: f.From, Y: last}, {X: f.To, Y: last + f.Gain.Value}}, vg.Points(6),
		vg.Points(3))
}
