package assist

import (
	"context"
	"encoding/json"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// Bundle is a text in several forms, by their mime types; nil means that there is none.
type Bundle map[string]any

// Inspect explains the name at a cursor, which counts code points; in the arguments of a call, or in the fields of a
// literal, the function or the type where no name is. It is nil for what has no explanation, such as a blank line, a
// comment or a literal, and where gopls has none in time. detail > 0 asks for all examples rather than the first. The
// error is that of ctx.
func (a *Assistant) Inspect(ctx context.Context, code string, cursor, detail int) (Bundle, error) {
	offset := cells.FromRunes(code, cursor)
	c := cells.Parse(code)
	if c.Command(offset) {
		return explainMagic(c, offset), nil
	}
	name, ok := named(lexemes(c.Go()), offset)
	if !ok || blankLine(code, offset) {
		return nil, nil
	}
	deadline, cancel := context.WithTimeout(ctx, a.opt.Deadline)
	defer cancel()
	if a.packages(deadline) {
		if dir, member, ok := a.member(c, name.end); ok && member != "" {
			if text := explain(dir, member, detail > 0); text != "" {
				return Bundle{"text/markdown": text, "text/plain": plain(text)}, nil
			}
		}
	}
	var hover *struct {
		Contents struct{ Value string }
	}
	var found json.RawMessage
	err := a.ask(deadline, func(ctx context.Context, s *server) error {
		a.tell(s)
		path, p, _, err := a.put(s, c, name.start)
		if err != nil {
			return err
		}
		if err := s.call(ctx, "textDocument/hover", at(path, p), &hover); err != nil || hover == nil {
			return err
		}
		return s.call(ctx, "textDocument/definition", at(path, p), &found)
	})
	if hover == nil || hover.Contents.Value == "" || ctx.Err() != nil {
		return nil, ctx.Err()
	}
	text := links.ReplaceAllString(hover.Contents.Value, "$1") // to files of this machine
	if err == nil {
		file, line := a.declaration(found)
		for _, e := range examples(file, line, detail > 0) {
			text += "\n\n" + e
		}
	}
	return Bundle{"text/markdown": text, "text/plain": plain(text)}, nil
}

// blankLine reports whether the line of an offset has nothing but space.
func blankLine(code string, offset int) bool {
	start := strings.LastIndexByte(code[:offset], '\n') + 1
	line, _, _ := strings.Cut(code[start:], "\n")
	return strings.TrimSpace(line) == ""
}

// named returns the name that an offset asks about: the one that it touches, or that of the call or the literal whose
// parentheses or braces it is in.
func named(list []lexeme, offset int) (lexeme, bool) {
	tok, _ := tokenAt(list, offset)
	switch {
	case tok.kind == token.IDENT:
		return tok, true
	case tok.kind == token.COMMENT || tok.kind.IsLiteral() || tok.kind.IsKeyword():
		return lexeme{}, false
	}
	// Backwards to the parenthesis or brace that is still open.
	depth := 0
	for i := len(list) - 1; i > 0; i-- {
		if list[i].end > offset {
			continue
		}
		switch list[i].kind {
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth++
		case token.LPAREN, token.LBRACE, token.LBRACK:
			if depth--; depth >= 0 {
				continue
			}
			if list[i].kind == token.LBRACK {
				return lexeme{}, false
			}
			before := list[i-1]
			if before.kind == token.RBRACK { // type arguments
				for d := 0; i > 1; i-- {
					if k := list[i-1].kind; k == token.RBRACK {
						d++
					} else if k == token.LBRACK {
						if d--; d == 0 {
							i--
							break
						}
					}
				}
				before = list[max(i-1, 0)]
			}
			return before, before.kind == token.IDENT
		case token.SEMICOLON:
			if depth == 0 {
				return lexeme{}, false // another statement
			}
		}
	}
	return lexeme{}, false
}

// location is a place of a language server.
type location struct {
	URI   string `json:"uri"`
	Range struct {
		Start position `json:"start"`
	} `json:"range"`
}

// declaration returns the file and the line (from 1) of a definition that gopls found; "" for one of a cell.
func (a *Assistant) declaration(found json.RawMessage) (file string, line int) {
	var list []location
	if json.Unmarshal(found, &list) != nil || len(list) == 0 {
		return "", 0
	}
	file = fromURI(list[0].URI)
	if filepath.Dir(file) == a.space.folder {
		return "", 0
	}
	return file, list[0].Range.Start.Line + 1
}

// explainMagic explains the magic whose name a cursor is at.
func explainMagic(c cells.Cell, offset int) Bundle {
	start := strings.LastIndexByte(c.Code[:offset], '\n') + 1
	line, _, _ := strings.Cut(c.Code[start:], "\n")
	trimmed := strings.TrimPrefix(line, escape)
	name, _, _ := strings.Cut(trimmed, " ")
	if offset > start+len(line)-len(trimmed)+len(name) {
		return nil
	}
	for _, m := range magics {
		if m.name == name {
			usage, what, _ := strings.Cut(m.usage, ": ")
			return Bundle{"text/markdown": "`" + usage + "`: " + what, "text/plain": m.usage}
		}
	}
	return nil
}

// What Markdown has that plain text does not.
var (
	fence    = regexp.MustCompile("(?m)^```.*\n?")
	ruler    = regexp.MustCompile(`(?m)^---$\n*`)
	escaped  = regexp.MustCompile("\\\\([\\\\`*_{}\\[\\]()<>#+\\-.!|~])")
	links    = regexp.MustCompile(`\[([^\]\n]+)\]\(file://[^)\s]*\)`)
	linked   = regexp.MustCompile(`\[([^\]\n]+)\]\(https?://[^)\s]*\)`)
	strong   = regexp.MustCompile(`(?m)^\*\*(.+)\*\*$`)
	manyGaps = regexp.MustCompile(`\n{3,}`)
)

// plain returns Markdown as gopls writes it without its marks. Code stays as it is.
func plain(markdown string) string {
	var out strings.Builder
	for i, part := range strings.Split("\n"+markdown, "\n```") {
		if i%2 == 1 { // code: its first line names the language
			_, code, _ := strings.Cut(part, "\n")
			out.WriteString("\n" + code)
			continue
		}
		part = ruler.ReplaceAllString(part, "")
		part = linked.ReplaceAllString(part, "$1")
		part = strong.ReplaceAllString(part, "$1")
		out.WriteString(escaped.ReplaceAllString(part, "$1"))
	}
	return strings.TrimSpace(manyGaps.ReplaceAllString(fence.ReplaceAllString(out.String(), ""), "\n\n"))
}
