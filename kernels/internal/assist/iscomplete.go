package assist

import (
	"go/scanner"
	"go/token"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// What IsComplete says: the values of an is_complete_reply.
const (
	Complete   = "complete"
	Incomplete = "incomplete"
	Invalid    = "invalid"
)

// indentation is one level, for terminals, which do not show tabs well.
const indentation = "    "

// IsComplete says for a front end in a terminal whether code can be run as it is, goes on in the next line (then with
// the indentation of that), or has an error that no further line mends. A script, such as that of "%%bash", ends with
// a blank line.
func IsComplete(code string) (status, indent string) {
	c := cells.Parse(code)
	lines := strings.Split(code, "\n")
	last := lines[len(lines)-1]
	switch {
	case strings.TrimSpace(code) == "":
		return Complete, ""
	case c.Script != "":
		if len(lines) > 1 && strings.TrimSpace(last) == "" {
			return Complete, ""
		}
		return Incomplete, ""
	case c.Command(len(code)) && strings.HasSuffix(last, `\`):
		return Incomplete, ""
	}
	s := scan(c.Go())
	switch {
	case s.bad:
		return Invalid, ""
	case s.endless: // a raw string or a comment: it has its own indentation
		return Incomplete, ""
	}
	// What stands before the end of the code, no further line mends.
	for _, e := range c.Errors {
		if c.Offset(e.Pos.Line, e.Pos.Column) < s.end {
			return Invalid, ""
		}
	}
	switch {
	case s.end == 0 && c.Main && c.Empty() && strings.HasPrefix(c.Commands[len(c.Commands)-1].Text, "%exec"):
		return Complete, ""
	case s.end == 0 && c.Main: // the body is missing
		return Incomplete, ""
	case s.depth > 0:
		return Incomplete, strings.Repeat(indentation, s.depth)
	case len(c.Errors) == 0:
		return Complete, ""
	case s.open: // an operator, a comma or a keyword
		return Incomplete, indentation
	}
	return Invalid, ""
}

// scanned is what the tokens of code say about its end.
type scanned struct {
	end     int  // of the last token
	depth   int  // brackets that are open
	open    bool // no statement can end with the last token
	endless bool // a raw string or a comment is not closed
	bad     bool // a bracket closes another, or a literal is cut off by the end of its line
}

// scan goes through the tokens of code.
func scan(code string) scanned {
	var out scanned
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(code))
	var s scanner.Scanner
	s.Init(file, []byte(code), func(_ token.Position, msg string) {
		switch {
		case strings.HasPrefix(msg, "raw string literal not"), strings.HasPrefix(msg, "comment not terminated"):
			out.endless = true
		default:
			out.bad = true
		}
	}, 0)
	closes := map[token.Token]token.Token{token.RPAREN: token.LPAREN, token.RBRACK: token.LBRACK,
		token.RBRACE: token.LBRACE}
	var stack []token.Token
	for {
		pos, kind, text := s.Scan()
		switch kind {
		case token.EOF:
			out.depth = len(stack)
			return out
		case token.SEMICOLON:
			out.open = out.open && text == "\n"
			if text == "\n" {
				continue // it stands for the end of the line
			}
		case token.LPAREN, token.LBRACK, token.LBRACE:
			stack = append(stack, kind)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(stack) == 0 || stack[len(stack)-1] != closes[kind] {
				out.bad = true
				return out
			}
			stack = stack[:len(stack)-1]
		}
		if text == "" {
			text = kind.String()
		}
		out.end = file.Offset(pos) + len(text)
		out.open = opens(kind)
	}
}

// opens reports whether a line that ends with the token goes on in the next: Go puts no semicolon behind it.
func opens(kind token.Token) bool {
	switch kind {
	case token.IDENT, token.INT, token.FLOAT, token.IMAG, token.CHAR, token.STRING, token.BREAK, token.CONTINUE,
		token.FALLTHROUGH, token.RETURN, token.INC, token.DEC, token.RPAREN, token.RBRACK, token.RBRACE, token.SEMICOLON:
		return false
	}
	return true
}
