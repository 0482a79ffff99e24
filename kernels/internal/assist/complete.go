package assist

import (
	"context"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// Completion is what can stand at a cursor, best first.
type Completion struct {
	// Matches replace the code from Start to End, in code points.
	Matches    []string
	Start, End int
	// Types describe the matches, in the same order.
	Types []Match
}

// Match describes one match as front ends show it.
type Match struct {
	Start     int    `json:"start"`
	End       int    `json:"end"`
	Text      string `json:"text"`
	Type      string `json:"type"` // "function", "class" and others, as front ends have icons for
	Signature string `json:"signature"`
}

// Metadata returns the metadata of a complete_reply.
func (c Completion) Metadata() map[string]any {
	types := c.Types
	if types == nil {
		types = []Match{}
	}
	return map[string]any{"_jupyter_types_experimental": types}
}

// candidate is one match before it is placed.
type candidate struct{ text, kind, signature string }

// candidates returns a completion of those, for code from start to end, which are offsets of it.
func placed(code string, start, end int, list []candidate) Completion {
	c := Completion{Matches: []string{}, Start: cells.Runes(code, start), End: cells.Runes(code, end)}
	seen := map[string]bool{}
	for _, m := range list {
		if seen[m.text] {
			continue
		}
		seen[m.text] = true
		c.Matches = append(c.Matches, m.text)
		c.Types = append(c.Types, Match{Start: c.Start, End: c.End, Text: m.text, Type: m.kind, Signature: m.signature})
	}
	return c
}

// Complete returns what can stand at a cursor, which counts code points, as Jupyter's protocol does since 5.2. Without
// an answer of gopls in time it returns what is known without it. The error is that of ctx.
func (a *Assistant) Complete(ctx context.Context, code string, cursor int) (Completion, error) {
	deadline, cancel := context.WithTimeout(ctx, a.opt.Deadline)
	defer cancel()
	offset := cells.FromRunes(code, cursor)
	c := cells.Parse(code)
	if c.Command(offset) {
		return a.command(c, offset), nil
	}
	if found, ok := a.files(c, offset); ok {
		return found, nil
	}
	if a.warming(deadline) {
		if dir, prefix, ok := a.member(c, offset); ok {
			if list := members(dir, prefix); len(list) > 0 {
				return placed(code, offset-len(prefix), offset, list), nil
			}
		}
	}
	var list completionList
	var file cells.File
	err := a.ask(deadline, func(ctx context.Context, s *server) error {
		a.tell(s)
		path, p, f, err := a.put(s, c, offset)
		if err != nil {
			return err
		}
		file = f
		return s.call(ctx, "textDocument/completion", at(path, p), &list)
	})
	if err != nil {
		return a.simple(code, offset), ctx.Err()
	}
	return list.completion(code, file, offset, a.space.importable), nil
}

// completionList is gopls's answer.
type completionList struct {
	Items []item `json:"items"`
}

// item is one completion of gopls.
type item struct {
	Label    string `json:"label"`
	Kind     int    `json:"kind"`
	Detail   string `json:"detail"`
	TextEdit *struct {
		Range struct {
			Start position `json:"start"`
			End   position `json:"end"`
		} `json:"range"`
		NewText string `json:"newText"`
	} `json:"textEdit"`
}

// position is that of a language server.
type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// kinds are the names of a language server's kinds of completions, as JupyterLab has icons for.
var kinds = map[int]string{2: "method", 3: "function", 4: "constructor", 5: "field", 6: "variable", 7: "class",
	8: "interface", 9: "module", 10: "property", 13: "enum", 14: "keyword", 17: "file", 19: "folder", 20: "enummember",
	21: "constant", 22: "struct", 25: "typeparameter"}

// tests are names of functions that go test calls.
var tests = regexp.MustCompile(`(^|\.)(Test|Fuzz|Example|Benchmark)($|[^a-z])`)

// completion returns the answer as one of the cell, whose cursor is at an offset. What comes from a package that cells
// cannot import is left out.
func (l completionList) completion(code string, f cells.File, offset int, importable func(string) bool) Completion {
	text := f.Text()
	start, end := offset, offset
	var list []candidate
	for _, it := range l.Items {
		if it.TextEdit == nil || it.Kind == 3 && tests.MatchString(it.Label) || !importable(it.Detail) {
			continue
		}
		from := cells.OffsetOf(text, cells.Position(it.TextEdit.Range.Start))
		to := cells.OffsetOf(text, cells.Position(it.TextEdit.Range.End))
		cell, first, ok1 := f.Cell(from)
		_, last, ok2 := f.Cell(to)
		if !ok1 || !ok2 || cell != 0 || first > offset || last < offset {
			continue
		}
		// Jupyter knows one range for all: that of the best.
		if len(list) == 0 {
			start, end = first, last
		} else if first != start || last != end {
			continue
		}
		list = append(list, candidate{it.TextEdit.NewText, kinds[it.Kind], it.signature()})
	}
	// Where nothing is typed yet, what cells declare comes before the packages.
	if start == end {
		slices.SortStableFunc(list, func(a, b candidate) int { return module(a) - module(b) })
	}
	return placed(code, start, end, list)
}

// module returns 1 for a package.
func module(c candidate) int {
	if c.kind == "module" {
		return 1
	}
	return 0
}

// signature returns the parameters and results of a function, or the type of a value.
func (it item) signature() string {
	return strings.TrimPrefix(it.Detail, "func")
}

// simple returns what stands for itself: names of earlier cells, packages and Go's keywords.
func (a *Assistant) simple(code string, offset int) Completion {
	start := offset
	for start > 0 && wordByte(code[start-1]) {
		start--
	}
	prefix := code[start:offset]
	if prefix == "" || start > 0 && code[start-1] == '.' {
		return placed(code, offset, offset, nil)
	}
	var list []candidate
	add := func(name, kind string) {
		if strings.HasPrefix(name, prefix) && !tests.MatchString(name) {
			list = append(list, candidate{name, kind, ""})
		}
	}
	for _, name := range sorted(a.memory.Names()) {
		add(name, "variable")
	}
	a.mu.Lock()
	space := a.space
	a.mu.Unlock()
	if space != nil {
		for _, name := range sorted(space.packages()) {
			add(name, "module")
		}
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		add(t.String(), "keyword")
	}
	return placed(code, start, offset, list)
}

// wordByte reports whether a byte can be part of a name; those of other alphabets are.
func wordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}
