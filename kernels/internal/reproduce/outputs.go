package reproduce

import (
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/notebook"
)

// side is what one execution of a cell left.
type side struct {
	outputs  []notebook.Output
	volatile []string // texts of them that its receipt marks
}

// piece is an output, or neighbouring texts of one stream.
type piece struct {
	kind  string // of the output; of a stream its name
	parts []notebook.Part
}

// pieces returns the outputs of a cell in their order. Texts of one stream that follow each other are one, as Jupyter
// saves them.
func pieces(outputs []notebook.Output) []piece {
	var all []piece
	for _, o := range outputs {
		p := piece{o.Kind(), o.Parts()}
		if name, content := o.Stream(); name != "" {
			p.kind = name
			if last := len(all) - 1; last >= 0 && all[last].kind == name {
				all[last].parts[0].Text += content
				continue
			}
		}
		all = append(all, p)
	}
	return all
}

// lasting returns the outputs without those whose text is another one in every run as a whole, such as the line that
// a progress bar leaves: what took a moment has none.
func (s side) lasting() []piece {
	return slices.DeleteFunc(pieces(s.outputs), func(p piece) bool {
		return len(p.parts) == 1 && p.parts[0].MIME == "text/plain" && p.kind == "display_data" &&
			slices.Contains(s.volatile, p.parts[0].Text)
	})
}

// compare returns the differences between what was saved and what came out, and how many more there are. tolerance is
// that of numbers, 0 = none.
func compare(saved, fresh side, tolerance float64) (found []Difference, more int) {
	was, is := saved.lasting(), fresh.lasting()
	for i := range max(len(was), len(is)) {
		switch {
		case i >= len(is):
			return append(found, oneSided(Missing, i, was[i])), more
		case i >= len(was):
			return append(found, oneSided(Added, i, is[i])), more
		case was[i].kind != is[i].kind:
			// What follows has another place: it cannot be compared.
			return append(found, Difference{Output: i + 1, Part: is[i].kind, What: Text, Saved: was[i].kind + ": " +
				firstOf(was[i]), Fresh: is[i].kind + ": " + firstOf(is[i])}), more
		}
		for _, name := range partNames(was[i], is[i]) {
			a, here := was[i].part(name)
			b, there := is[i].part(name)
			c := comparison{tolerance: tolerance}
			switch {
			case !there:
				c.add(Difference{What: Missing, Saved: head(a)})
			case !here:
				c.add(Difference{What: Added, Fresh: head(b)})
			case a != b:
				c.part(name, a, b, saved.volatile, fresh.volatile)
			}
			for k := range c.found {
				c.found[k].Output, c.found[k].Part = i+1, name
			}
			found, more = append(found, c.found...), more+c.more
		}
	}
	return found, more
}

// part compares one form of an output by what it is.
func (c *comparison) part(mime, saved, fresh string, savedMarks, freshMarks []string) {
	switch {
	case mime == "text/html" || mime == "image/svg+xml" || mime == "application/xhtml+xml":
		c.marked(saved, fresh, savedMarks, freshMarks, markupTokens)
	case strings.HasPrefix(mime, "image/"):
		if d, differs := comparePictures(encoded(saved), encoded(fresh)); differs {
			c.add(d)
		}
	case mime == "application/pdf" || mime == "application/octet-stream":
		c.add(Difference{What: Bytes})
	default:
		saved, fresh, restSaved, restFresh := middle(saved, fresh)
		c.marked(saved, fresh, savedMarks, freshMarks, textTokens)
		if restSaved != restFresh {
			c.add(Difference{What: Text, Saved: head(restSaved), Fresh: head(restFresh)})
		}
	}
}

// longText is the length of texts from which on not all is taken apart, which takes some twenty times their memory. A
// variable, so that tests can lower it.
var longText = 4 << 20

// middle returns two texts as they are, but of long ones the lines between those that they begin and end with alike, and
// of these the first; the rest is what was cut off then.
func middle(a, b string) (shortA, shortB, restA, restB string) {
	if len(a)+len(b) <= longText {
		return a, b, "", ""
	}
	same := 0
	for n := min(len(a), len(b)); same < n && a[same] == b[same]; {
		same++
	}
	start := strings.LastIndexByte(a[:same], '\n') + 1
	a, b = a[start:], b[start:]
	same = 0
	for n := min(len(a), len(b)); same < n && a[len(a)-1-same] == b[len(b)-1-same]; {
		same++
	}
	// From the end of a line on, which stays.
	if end := strings.IndexByte(a[len(a)-same:], '\n'); end >= 0 {
		cut := same - end - 1
		a, b = a[:len(a)-cut], b[:len(b)-cut]
	}
	if len(a)+len(b) > longText {
		a, restA = cutLine(a, longText/2)
		b, restB = cutLine(b, longText/2)
	}
	return a, b, restA, restB
}

// cutLine cuts a text behind the last line that ends within n bytes, or at n.
func cutLine(text string, n int) (before, after string) {
	if len(text) <= n {
		return text, ""
	}
	if end := strings.LastIndexByte(text[:n], '\n'); end >= 0 {
		n = end + 1
	}
	return text[:n], text[n:]
}

// marked compares two texts that parse takes apart, at first as they are: marks may cut a tag in two, and where nothing
// differs nothing has to be left out.
func (c *comparison) marked(saved, fresh string, savedMarks, freshMarks []string, parse parser) {
	plain := comparison{tolerance: c.tolerance}
	plain.texts(parse(saved, nil), parse(fresh, nil), parse)
	if len(plain.found) == 0 || len(savedMarks) == 0 && len(freshMarks) == 0 {
		c.found, c.more = append(c.found, plain.found...), c.more+plain.more
		return
	}
	c.texts(parse(saved, savedMarks), parse(fresh, freshMarks), parse)
}

// encoded returns a picture that a notebook holds.
func encoded(text string) rawPicture {
	content, err := decode64(text)
	if err != nil {
		content = []byte(text)
	}
	return rawPicture{bytes: content}
}

// part returns the text of one of the piece's forms, and whether there is one.
func (p piece) part(name string) (string, bool) {
	for _, part := range p.parts {
		if part.MIME == name {
			return part.Text, true
		}
	}
	return "", false
}

// partNames returns the names of the forms that either piece has, those first that are read most easily.
func partNames(a, b piece) []string {
	var names []string
	for _, part := range slices.Concat(a.parts, b.parts) {
		if !slices.Contains(names, part.MIME) {
			names = append(names, part.MIME)
		}
	}
	rank := func(name string) int {
		first := []string{"text/plain", "text/markdown", "text/html", "image/svg+xml"}
		if i := slices.Index(first, name); i >= 0 {
			return i
		}
		return len(first)
	}
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	return names
}

// oneSided returns the difference of an output that only one side has.
func oneSided(what What, i int, p piece) Difference {
	d := Difference{Output: i + 1, Part: p.kind, What: what}
	if what == Missing {
		d.Saved = firstOf(p)
	} else {
		d.Fresh = firstOf(p)
	}
	return d
}

// firstOf returns the beginning of a piece, as text.
func firstOf(p piece) string {
	for _, name := range partNames(p, piece{}) {
		if text, _ := p.part(name); !strings.HasPrefix(name, "image/") {
			return head(text)
		}
	}
	return "(picture)"
}

// head returns the first line of a text, cut.
func head(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if r := []rune(line); len(r) > longestExcerpt {
		return string(r[:longestExcerpt]) + "…"
	}
	return line
}
