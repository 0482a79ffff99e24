package csv

import "bytes"

// cellReader steps through the cells of text that ends in a line end. That end lets it look for
// the end of a cell without comparing with the length of the text. It changes nothing in data,
// and is for one goroutine.
type cellReader struct {
	data    []byte
	at      int
	comma   byte
	scratch []byte // for quoted cells with doubled quotes
	lines   int    // line ends inside quoted cells so far
}

// next returns the text of the cell at the current place and stops at the comma or line end
// after it. Spaces around an unquoted cell are dropped; a quoted one is returned exactly. The
// text is valid until the following call. A problem is a sentence about the text, "" = none;
// after a problem the place is undefined.
func (c *cellReader) next() (text []byte, problem string) {
	start := c.at
	for c.data[start] == ' ' || c.data[start] == '\t' && c.comma != '\t' {
		start++
	}
	if c.data[start] == '"' {
		c.at = start
		return c.quoted()
	}
	end := start
	for c.data[end] != c.comma && c.data[end] != '\n' {
		end++
	}
	c.at = end
	// The CR of a CRLF belongs to the line end, a CR elsewhere to the cell.
	if c.data[end] == '\n' && end > start && c.data[end-1] == '\r' {
		c.at--
		end--
	}
	text = bytes.TrimRight(c.data[start:end], " \t")
	if bytes.IndexByte(text, '\r') >= 0 {
		return text,
			"has a carriage return (CR) that ends no line; end lines in LF or CRLF, or write the cell in quotes"
	}
	if bytes.IndexByte(text, '"') >= 0 {
		return text, "has a quote inside a cell that does not start with one; " +
			"write the cell in quotes and every quote in it twice"
	}
	return text, ""
}

// quoted reads a cell in quotes, in which two quotes stand for one. It returns a part of the
// data where it can, and copies to c.scratch only where there are doubled quotes.
func (c *cellReader) quoted() (text []byte, problem string) {
	open := c.at
	c.at++
	c.scratch = c.scratch[:0]
	plain := true // no doubled quote yet: the text can be a slice of the data
	from := c.at
	for {
		k := bytes.IndexByte(c.data[c.at:], '"')
		if k < 0 {
			c.at = len(c.data) - 1
			return c.data[open:c.at], "opens a quote that is never closed; " +
				"add the closing quote, or write a quote inside a cell twice"
		}
		c.at += k + 1
		if c.at < len(c.data) && c.data[c.at] == '"' {
			plain = false
			c.scratch = append(c.scratch, c.data[from:c.at]...)
			c.at++
			from = c.at
			continue
		}
		break
	}
	text = c.data[from : c.at-1]
	if !plain {
		c.scratch = append(c.scratch, text...)
		text = c.scratch
	}
	c.lines += bytes.Count(c.data[open:c.at], []byte{'\n'})
	for c.data[c.at] == ' ' {
		c.at++
	}
	if !c.ended() {
		return text, "has text behind the closing quote; write a quote inside a quoted cell twice"
	}
	return text, ""
}

// ended reports whether the current place is a comma or a line end.
func (c *cellReader) ended() bool { return c.data[c.at] == c.comma || c.lineEnd() > 0 }

// lineEnd returns the length of the line end at the current place, 0 = none: 1 for LF, 2 for
// CRLF. A CR alone is none.
func (c *cellReader) lineEnd() int {
	switch {
	case c.data[c.at] == '\n':
		return 1
	case c.data[c.at] == '\r' && c.at+1 < len(c.data) && c.data[c.at+1] == '\n':
		return 2
	}
	return 0
}

// skipComma steps over a comma; false = the row ends here.
func (c *cellReader) skipComma() bool {
	if c.data[c.at] != c.comma {
		return false
	}
	c.at++
	return true
}
