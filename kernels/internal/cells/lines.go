package cells

import "strings"

// escape may stand before a line for the kernel, so that editors of Go take it for a comment.
const escape = "//gonb:"

// split finds out what each line is.
func (c *Cell) split() {
	at := 0
	for text := range strings.SplitSeq(c.Code, "\n") {
		c.lines = append(c.lines, line{start: at, end: at + len(text)})
		at += len(text) + 1
	}
	if first := words(c.text(0)); len(first) > 0 && scripts[first[0]] {
		c.Script = first[0]
		return
	}
	for i := 0; i < len(c.lines); {
		i = c.command(i)
	}
	for i := range c.lines {
		c.lines[i].classify(c.text(i), c.Code[c.lines[i].start:c.lines[i].end])
	}
}

// text returns a line without the prefix that hides commands from editors.
func (c *Cell) text(i int) string {
	return strings.TrimPrefix(c.Code[c.lines[i].start:c.lines[i].end], escape)
}

// command marks the line i, and those that continue it, if it is a command, and returns the line behind.
func (c *Cell) command(i int) int {
	text := c.text(i)
	// A sign alone is Go to GoNB, and an error of its syntax.
	if len(text) < 2 || text[0] != '%' && text[0] != '!' {
		return i + 1
	}
	first, joined := i, ""
	for ; i < len(c.lines); i++ {
		c.lines[i].kind = commandLine
		joined += c.text(i)
		if !strings.HasSuffix(joined, `\`) {
			i++
			break
		}
		joined = joined[:len(joined)-1] + " "
	}
	c.Commands = append(c.Commands, Command{Line: first, Text: joined})
	return i
}

// classify sets what GoNB's composer makes of a line. It looks at every line, those that continue a command too.
func (l *line) classify(text, raw string) {
	rest, percent := strings.CutPrefix(text, "%%")
	switch {
	case strings.HasPrefix(text, "%main") || percent && (rest == "" || rest[0] == ' ' || rest[0] == '\t'):
		l.kind = mainLine
	case strings.HasPrefix(text, "%exec"):
		l.kind = execLine
		if parts := strings.Split(text, " "); len(parts) > 1 {
			l.exec = parts[1]
		}
	case l.kind == goLine && strings.HasPrefix(raw, "package"):
		l.kind = droppedLine
	}
}

// words splits a command at spaces outside of double quotes, as GoNB does: within them a backslash escapes.
func words(text string) []string {
	var out []string
	var word []byte
	begun, quoted := false, false
	for i := 0; i < len(text); i++ {
		b := text[i]
		switch {
		case !quoted && (b == ' ' || b == '\t' || b == '\n'):
			if begun {
				out = append(out, string(word))
			}
			word, begun = word[:0], false
			continue
		case b == '"':
			quoted = !quoted
			begun = true
			continue
		case b == '\\' && quoted && i+1 < len(text):
			i++
			b = text[i]
			switch b {
			case 'n':
				b = '\n'
			case 't':
				b = '\t'
			}
		}
		word, begun = append(word, b), true
	}
	if begun {
		out = append(out, string(word))
	}
	return out
}

// source returns the cell as a Go file: head is its first line, and line i of the cell is line i+1, with the same
// columns where it is Go. A statement at the top level opens main, as if "%%" stood before it.
func (c *Cell) source(head string) File {
	var f File
	f.write(head + "\n")
	open := false
	for i, l := range c.lines {
		switch l.kind {
		case mainLine:
			f.write("func main() {")
			open = true
		case execLine:
			f.write("func main() { " + l.exec + "() }")
		case goLine:
			if i == c.Loose && !open {
				f.write("func main() {")
				open = true
			}
			f.copy(0, c.Code, l.start, l.end)
		}
		f.write("\n")
	}
	if open {
		f.write("}\n")
	}
	return f
}
