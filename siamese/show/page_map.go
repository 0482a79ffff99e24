package show

import (
	"cmp"
	"fmt"
	"html"
	"html/template"
	"image"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/report"
)

// mapColours tell ten classes apart; ten more have the same with square points. The first ones are those of Okabe and
// Ito (2008).
var mapColours = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8a000", "#56b4e9", "#7a3e9d", "#a0522d",
	"#e31a1c", "#333333"}

const otherColour = "#c4c4c4" // of classes that have no colour of their own

// mark is how the points of a class look, or a line, and an entry of a legend.
type mark struct {
	colour string // as #rrggbb
	cap    string // "round" or "square": the cap of a line without length is a dot of that shape
	name   string // not escaped
}

// marks returns the marks of the twenty largest classes among the shown items, by name, and then that of all others and
// of items without a label, where there are any. at is where the mark of a class is; a class that is not there has the
// last one.
func marks(d *report.Details) (all []mark, at map[string]int) {
	counts := make(map[string]int)
	for _, i := range d.Shown {
		counts[i.Class]++
	}
	// Classes without a shown item need no mark, and items without a label have none of their own.
	var names []string
	for name := range counts {
		if name != "" {
			names = append(names, name)
		}
	}
	// Ties by name, so that the same report always gives the same page.
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	// By name again, as in the legend: a class then keeps its colour while counts change a little.
	most := min(len(names), 2*len(mapColours))
	others := len(names) - most
	names = names[:most]
	slices.Sort(names)
	unseen := make(map[string]bool)
	for _, c := range d.Of[0].Classes {
		unseen[c.Class] = c.New
	}
	at = make(map[string]int)
	for k, name := range names {
		m := mark{mapColours[k%len(mapColours)], "round", name}
		if k >= len(mapColours) {
			m.cap = "square"
		}
		if unseen[name] {
			m.name += " (new)"
		}
		all, at[name] = append(all, m), k
	}
	// Other classes and items without a label share one mark, the last.
	switch {
	case others > 0 && counts[""] > 0:
		all = append(all, mark{otherColour, "round",
			fmt.Sprintf("%d other classes, and items without a label", others)})
	case others > 0:
		all = append(all, mark{otherColour, "round", fmt.Sprintf("%d other classes", others)})
	case counts[""] > 0:
		all = append(all, mark{otherColour, "round", "no label"})
	}
	return all, at
}

// embeddingMaps returns the maps of embeddings, one for each method, with one legend; an empty section where there are
// none. A map has a point for each of the shown items, or is left out.
func embeddingMaps(d *report.Details) section {
	s := section{Title: "Map of the embeddings",
		Note: fmt.Sprintf("%d test items on the two directions in which they vary most (principal components). "+
			"Items that lie apart are apart; items that lie together may be apart in other directions.", len(d.Shown))}
	all, at := marks(d) // the same for all maps, so that a class has one colour
	var b strings.Builder
	// A method has no map where its embeddings vary in fewer than two directions.
	for _, one := range d.Of {
		if one.Map != nil && len(one.Map.X) == len(d.Shown) && len(one.Map.Y) == len(d.Shown) {
			b.WriteString(mapSVG(one, d.Shown, all, at))
		}
	}
	if b.Len() == 0 {
		return section{}
	}
	picture := template.HTML(`<div class="maps">` + b.String() + `</div>`) // names are escaped
	s.Pictures = []template.HTML{picture, mapLegend(all)}
	return s
}

// mapLegend returns the marks with their names, in HTML: in a picture long names would not fit.
func mapLegend(all []mark) template.HTML {
	var b strings.Builder
	b.WriteString(`<div class="legend">`)
	for _, m := range all {
		fmt.Fprintf(&b,
			`<span style="margin-right:12px"><svg aria-hidden="true" width="12" height="12" viewBox="0 0 12 12">`+
				`<path d="M6 6h0" stroke="%s" stroke-width="9" stroke-linecap="%s"/></svg> %s</span>`,
			m.colour, m.cap, html.EscapeString(m.name))
	}
	b.WriteString("</div>")
	return template.HTML(b.String()) // names are escaped
}

// mapSVG returns one map of shown items with their marks. Every class is one path of lines without length, which caps
// make dots: thousands of circles would make the page many times larger.
func mapSVG(one *report.Detail, shown []report.ShownItem, all []mark, at map[string]int) string {
	const size, edge = 440.0, 10.0
	m := one.Map
	// The map is not empty: there is a point for each shown item, and at least one.
	lowX, highX, lowY, highY := slices.Min(m.X), slices.Max(m.X), slices.Min(m.Y), slices.Max(m.Y)
	// One scale for both axes, so that distances can be compared. It is finite where all items are at one point.
	scale := (size - 2*edge) / max(highX-lowX, highY-lowY, 1e-9)
	// Both axes are centred; y goes down in SVG. A tenth of a point is finer than a dot, and short to write.
	paths := make([]strings.Builder, len(all))
	for i := range m.X {
		k, ok := at[shown[i].Class]
		if !ok {
			k = len(all) - 1
		}
		x := size/2 + (m.X[i]-(lowX+highX)/2)*scale
		y := size/2 - (m.Y[i]-(lowY+highY)/2)*scale
		fmt.Fprintf(&paths[k], "M%.1f %.1fh0", x, y)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<figure><svg role="img" aria-label="%s" width="%g" height="%g" viewBox="0 0 %g %g">`+
		`<rect x="0.5" y="0.5" width="%g" height="%g" fill="#fff" stroke="#bbb"/>`,
		html.EscapeString(quote.Lines("Map of the embeddings: "+one.Name)), size, size, size, size, size-1, size-1)
	// What is drawn later covers what is below it.
	order := make([]int, len(all))
	for k := range order {
		order[k] = (k + len(all) - 1) % len(all) // the last, perhaps all others, lies below
	}
	for _, k := range order {
		fmt.Fprintf(&b,
			`<path d="%s" fill="none" stroke="%s" stroke-opacity="0.75" stroke-width="4" stroke-linecap="%s"/>`,
			paths[k].String(), all[k].colour, all[k].cap)
	}
	fmt.Fprintf(&b,
		`</svg><figcaption class="note">%s; %.0f %% of the variance along x, %.0f %% along y</figcaption></figure>`,
		html.EscapeString(one.Name), 100*m.Share[0], 100*m.Share[1])
	return b.String()
}

// pictureSize is the largest number of pixels along a side of a picture on a page, which may have many.
const pictureSize = 128

// hardestTitle returns what the hardest pairs of a kind are called: those of one class, or of two, that the encoder
// gets most wrong, or without classes those labelled the same, or different.
func hardestTitle(same, classes bool) string {
	switch {
	case same && classes:
		return "Of one class, and least similar"
	case same:
		return "Labelled the same, and least similar"
	case classes:
		return "Of different classes, and most similar"
	}
	return "Labelled different, and most similar"
}

// hardest returns the pairs that the trained encoder gets most wrong, as pictures with ids, or as tables where picture
// is nil or finds none, and with classes where items have them. It returns an error if a picture cannot be encoded.
func hardest(same, different []report.HardPair, classes bool, picture func(string) image.Image) (section, error) {
	s := section{Title: "Hardest pairs of the trained encoder"}
	for _, kind := range []struct {
		title string
		pairs []report.HardPair
	}{{hardestTitle(true, classes), same}, {hardestTitle(false, classes), different}} {
		if len(kind.pairs) == 0 {
			continue
		}
		t := table{Caption: kind.title, Left: 4, Header: []string{"item", "class", "item", "class", "cosine"}}
		if !classes {
			t.Left, t.Header = 2, []string{"item", "item", "cosine"}
		}
		// Table and pictures are made in one pass; which of them is shown depends on whether there is any picture.
		var b strings.Builder
		pictures := 0
		for _, p := range kind.pairs {
			text := number(p.Cosine)
			row, below := words(p.Left, p.Right, text), ""
			if classes {
				row = words(p.Left, named(p.LeftClass), p.Right, named(p.RightClass), text)
				below = named(p.LeftClass) + ", " + named(p.RightClass)
			}
			t.Rows = append(t.Rows, row)
			// An item without a picture is still named below the pair.
			b.WriteString(`<div class="pair">`)
			for _, id := range []string{p.Left, p.Right} {
				content, err := pictureHTML(picture, id)
				if err != nil {
					return s, fmt.Errorf("picture of %q: %w", id, err)
				}
				if content != "" {
					pictures++
				}
				b.WriteString(content)
			}
			fmt.Fprintf(&b, `<br/><b>%s</b> %s<br/>%s<br/>%s</div>`, text,
				html.EscapeString(below), html.EscapeString(p.Left), html.EscapeString(p.Right))
		}
		// Without any picture a table says the same in less room.
		if pictures == 0 {
			s.Tables = append(s.Tables, t)
			continue
		}
		content := fmt.Sprintf(`<b>%s</b><div class="pairs">%s</div>`, html.EscapeString(kind.title), b.String())
		s.Pictures = append(s.Pictures, template.HTML(content)) // names are escaped
	}
	return s, nil
}

// pictureHTML returns the picture of an item, shrunk to pictureSize if it is larger, with its id as alternative text;
// "" where there is none.
func pictureHTML(picture func(string) image.Image, id string) (string, error) {
	if picture == nil {
		return "", nil
	}
	m := picture(id)
	if m == nil || m.Bounds().Empty() {
		return "", nil
	}
	// The longer side decides, and neither gets less than a pixel: shapes are kept as far as that allows.
	if b := m.Bounds(); b.Dx() > pictureSize || b.Dy() > pictureSize {
		part := float64(pictureSize) / float64(max(b.Dx(), b.Dy()))
		m = images.FromStd(m).Eight().Resize(max(1, int(part*float64(b.Dx()))), max(1, int(part*float64(b.Dy())))).Std()
	}
	// Errors of encoding are returned with the element, which callers then drop.
	source, err := pngSource(m)
	return fmt.Sprintf(`<img alt="%s" src="%s"/>`, html.EscapeString(id), source), err
}
