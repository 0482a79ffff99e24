package assist

import (
	"go/scanner"
	"go/token"
	"strings"
)

// lexeme is a token of Go with its place, in offsets.
type lexeme struct {
	kind       token.Token
	text       string
	start, end int
}

// lexemes returns the tokens of code, comments too. What is no token of Go is left out.
func lexemes(code string) []lexeme {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(code))
	var s scanner.Scanner
	s.Init(file, []byte(code), func(token.Position, string) {}, scanner.ScanComments)
	var out []lexeme
	for {
		pos, kind, text := s.Scan()
		if kind == token.EOF {
			return out
		}
		start := file.Offset(pos)
		if kind == token.SEMICOLON && text == "\n" {
			out = append(out, lexeme{kind, text, start, start})
			continue
		}
		if text == "" {
			text = kind.String()
		}
		end := min(start+len(text), len(code))
		// The scanner leaves out carriage returns.
		if kind == token.STRING && text[0] == '`' || kind == token.COMMENT {
			for end < len(code) && strings.Count(code[start:end], "\r") > end-start-len(text) {
				end = min(start+len(text)+strings.Count(code[start:end], "\r"), len(code))
			}
		}
		out = append(out, lexeme{kind, text, start, end})
	}
}

// tokenAt returns the token that an offset is in or at the end of, and whether it is the path of an import.
func tokenAt(list []lexeme, offset int) (tok lexeme, importing bool) {
	depth := 0
	for i, l := range list {
		switch l.kind {
		case token.IMPORT:
			importing = true
			depth = 0
		case token.LPAREN:
			depth++
		case token.RPAREN:
			depth--
		case token.SEMICOLON:
			importing = importing && depth > 0
		}
		if l.start <= offset && offset <= l.end && l.kind != token.SEMICOLON {
			// Of two that touch it is the name or the text.
			if i+1 < len(list) && list[i+1].start == offset && list[i+1].kind.IsLiteral() && !l.kind.IsLiteral() {
				continue
			}
			return l, importing
		}
		if l.start > offset {
			break
		}
	}
	return lexeme{kind: token.ILLEGAL}, false
}
