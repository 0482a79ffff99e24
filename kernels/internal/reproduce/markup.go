package reproduce

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// markupTokens returns the tokens of HTML or SVG: tags, attributes in the order of their names, texts with their
// entities read, and embedded pictures. Comments are left out.
func markupTokens(content string, volatile []string) []token {
	var s scanner
	content, s.marks = mark(content, volatile)
	s.markup(content)
	findIntervals(s.tokens)
	return s.tokens
}

// markup adds the tokens of HTML or SVG.
func (s *scanner) markup(content string) {
	z := html.NewTokenizer(strings.NewReader(content))
	z.SetMaxBuf(0)
	var in tables
	for {
		switch z.Next() {
		case html.ErrorToken:
			return // the end: there is no other error of a string
		case html.TextToken:
			s.text(z.Token().Data, false)
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			s.spot = in.enter(t.Data, s.tokens)
			s.tag(t)
		case html.EndTagToken:
			t := z.Token()
			s.tokens = append(s.tokens, token{kind: element, text: "/" + t.Data, spot: s.spot})
			s.spot = in.leave(t.Data, s.tokens)
		}
	}
}

// tag adds the tokens of a start tag.
func (s *scanner) tag(t html.Token) {
	s.tokens = append(s.tokens, token{kind: element, text: t.Data, spot: s.spot})
	slices.SortStableFunc(t.Attr, func(a, b html.Attribute) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Key, b.Key))
	})
	for _, a := range t.Attr {
		s.tokens = append(s.tokens, token{kind: element, text: t.Data + " " + a.Key, spot: s.spot, drawn: true})
		if strings.HasPrefix(a.Val, "data:image/") {
			s.tokens = append(s.tokens, token{kind: picture, text: a.Val, spot: s.spot})
			continue
		}
		s.text(a.Val, true)
	}
}
