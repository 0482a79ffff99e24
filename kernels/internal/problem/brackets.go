package problem

import (
	"fmt"
	"go/scanner"
	"go/token"
	"strings"
)

// closers are the brackets that close others.
var closers = map[token.Token]token.Token{token.RBRACE: token.LBRACE, token.RPAREN: token.LPAREN,
	token.RBRACK: token.LBRACK}

// unclosed returns a hint that names the line of a bracket that is not closed, or "".
func (c Context) unclosed() string {
	lines := strings.Split(c.Cell.Code, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "%") || strings.HasPrefix(line, "!") {
			lines[i] = ""
		}
	}
	src := []byte(strings.Join(lines, "\n"))
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, 0)
	type open struct {
		token token.Token
		line  int
	}
	var stack []open
	for {
		pos, tok, _ := s.Scan()
		if tok == token.EOF {
			break
		}
		switch tok {
		case token.LBRACE, token.LPAREN, token.LBRACK:
			stack = append(stack, open{tok, file.Line(pos)})
		case token.RBRACE, token.RPAREN, token.RBRACK:
			if n := len(stack); n > 0 && stack[n-1].token == closers[tok] {
				stack = stack[:n-1]
			}
		}
	}
	if len(stack) == 0 {
		return ""
	}
	last := stack[len(stack)-1]
	return fmt.Sprintf("the %s of line %d is not closed", last.token, last.line)
}
