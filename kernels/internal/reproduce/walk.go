package reproduce

import (
	"math"
	"strings"
)

// comparison collects the differences of one part of an output.
type comparison struct {
	tolerance float64
	found     []Difference
	more      int // differences that are not in found
}

// mostFound is the most differences of one part that are told one by one.
const mostFound = 20

// add notes a difference.
func (c *comparison) add(d Difference) {
	if len(c.found) == mostFound {
		// The worst is what a reader has to see.
		if d.Excuse == "" {
			for i := range c.found {
				if c.found[i].Excuse != "" {
					c.found[i], c.more = d, c.more+1
					return
				}
			}
		}
		c.more++
		return
	}
	c.found = append(c.found, d)
}

// texts compares two texts that were taken apart by parse. White space counts, but where a number or a marked text has
// another length: it moves what is aligned beside it.
func (c *comparison) texts(saved, fresh []token, parse func(string, []string) []token) {
	spaces, moved := Difference{}, false // the first difference of white space; whether something explains it
	i, k := 0, 0
	for {
		var a, b *token
		if i < len(saved) {
			a = &saved[i]
		}
		if k < len(fresh) {
			b = &fresh[k]
		}
		switch {
		case a == nil && b == nil:
			if !moved && spaces.Saved+spaces.Fresh != "" {
				c.add(spaces)
			}
			return
		case a != nil && b != nil && a.kind == marked && b.kind == marked:
			moved = moved || len(a.text) != len(b.text)
			i, k = i+1, k+1
		// A text that only one side has marked is compared as what it is.
		case a != nil && a.kind == marked:
			saved = append(parse(a.text, nil), saved[i+1:]...)
			i = 0
		case b != nil && b.kind == marked:
			fresh = append(parse(b.text, nil), fresh[k+1:]...)
			k = 0
		case a != nil && b != nil && a.kind == b.kind && c.same(*a, *b, &moved):
			i, k = i+1, k+1
		case a != nil && a.kind == blank || b != nil && b.kind == blank:
			if spaces.Saved+spaces.Fresh == "" {
				spaces = difference(saved, fresh, i, k)
				spaces.What = WhiteSpace
			}
			if a != nil && a.kind == blank {
				i++
			}
			if b != nil && b.kind == blank {
				k++
			}
		default:
			c.add(difference(saved, fresh, i, k))
			return
		}
	}
}

// same reports whether two tokens of one kind are the same, or are numbers or pictures; a difference of these is noted.
// moved is set where a number has another length.
func (c *comparison) same(a, b token, moved *bool) bool {
	switch a.kind {
	case numeral:
		*moved = *moved || len(a.text) != len(b.text)
		if a.num.exact != b.num.exact {
			d := Difference{What: Number, Saved: a.text, Fresh: b.text}
			d.place(a, b)
			d.Excuse = c.excuse(a, b)
			c.add(d)
		}
		return true
	case picture:
		if a.text != b.text {
			if d, differs := comparePictures(fromURL(a.text), fromURL(b.text)); differs {
				d.place(a, b)
				c.add(d)
			}
		}
		return true
	}
	return a.text == b.text
}

// excuse returns why two numbers that differ are within what was expected; "" = they are not.
//
// An estimate is, where it lies in the interval that was saved beside it, and the saved one in the new interval. The
// bounds then may have moved by as much as the interval is wide.
func (c *comparison) excuse(a, b token) Excuse {
	if c.tolerance > 0 && math.Abs(a.num.value-b.num.value) <= c.tolerance*(1+1e-9) {
		return Tolerance
	}
	was, is := a.interval, b.interval
	if was == nil || is == nil || !was.holds(is.value) || !is.holds(was.value) {
		return ""
	}
	if most := was.width() * (1 + 1e-9); math.Abs(was.low-is.low) > most || math.Abs(was.high-is.high) > most {
		return ""
	}
	return Interval
}

// difference returns the difference of texts that are not the same from tokens i and k on.
func difference(saved, fresh []token, i, k int) Difference {
	d := Difference{What: Text, Saved: excerpt(saved, i), Fresh: excerpt(fresh, k)}
	var a, b token
	if i < len(saved) {
		a = saved[i]
	}
	if k < len(fresh) {
		b = fresh[k]
	}
	d.place(a, b)
	return d
}

// longestExcerpt is the most bytes of a text that an excerpt begins with.
const longestExcerpt = 60

// excerpt returns the text from a token on, to the end of its line; "" at the end.
func excerpt(tokens []token, at int) string {
	var b strings.Builder
	for ; at < len(tokens) && b.Len() < longestExcerpt; at++ {
		t := tokens[at]
		if t.kind == newline && b.Len() > 0 {
			break
		}
		switch t.kind {
		case element:
			if b.WriteString("<" + t.text + ">"); b.Len() > longestExcerpt/2 {
				return b.String()
			}
		case picture:
			b.WriteString("(picture)")
		default:
			b.WriteString(t.text)
		}
	}
	return b.String()
}

// place names the row and the column of what differs, where both sides have the same ones or one has none.
func (d *Difference) place(a, b token) {
	for _, t := range []token{b, a} {
		if t.spot != nil {
			d.Row, d.Column = t.spot.row, t.spot.column
		}
	}
}
