package csv

import (
	"bytes"
	"io"
)

// chunkSize is how much text a worker gets at once; a longer row makes the chunk longer.
const chunkSize = 1 << 20

// chunk is some whole rows of text, and what a worker parses from them. Chunks are reused.
type chunk struct {
	line int    // line of the file where the text starts, 1-based
	text []byte // ends in a line end
	cut  bool   // the text is the beginning of a row that is too long
	err  error  // reading or parsing failed

	x                    []float32
	ids, labels, domains []string
	lines                []int // where each row starts
	tally                tally

	parsed chan struct{} // gets a value when the worker is done with the chunk
}

// tally counts cells read as NaN.
type tally struct{ missing, infinite int }

// chunker cuts the input into chunks at the ends of rows.
type chunker struct {
	in    io.Reader
	rest  []byte // the beginning of a row, from the end of the last chunk
	line  int    // of the next chunk
	ended bool
}

// fill reads the next rows into c. It returns false at the end of the input, with c unused.
func (k *chunker) fill(c *chunk) bool {
	if k.ended {
		return false
	}
	c.line, c.cut, c.err = k.line, false, nil
	c.text = append(c.text[:0], k.rest...)
	for want := chunkSize; ; want *= 2 {
		// One byte is left free for a line end that the last row may lack.
		if cap(c.text) < want+1 {
			c.text = append(make([]byte, 0, want+1), c.text...)
		}
		var err error
		// Not io.ReadFull, which makes a clean end of the input look like a broken gzip file.
		for err == nil && len(c.text) < want {
			var n int
			n, err = k.in.Read(c.text[len(c.text):want])
			c.text = c.text[:len(c.text)+n]
		}
		switch {
		case err == io.EOF:
			k.ended = true
			if len(c.text) == 0 {
				return false
			}
			if c.text[len(c.text)-1] != '\n' {
				c.text = append(c.text, '\n')
			}
			return true
		case err != nil:
			k.ended, c.err = true, err
			return true
		}
		if end := lastRowEnd(c.text); end > 0 {
			k.rest = append(k.rest[:0], c.text[end:]...)
			c.text = c.text[:end]
			k.line += bytes.Count(c.text, []byte{'\n'})
			return true
		}
		if want >= maxRecord {
			k.ended, c.cut = true, true
			c.text = append(c.text, '\n')
			return true
		}
	}
}

// lastRowEnd returns the place after the last line end that lies outside quotes, 0 = none. A place is outside
// when an even number of quotes stands before it.
func lastRowEnd(text []byte) int {
	quotes := bytes.Count(text, []byte{'"'})
	for end := len(text); ; {
		at := bytes.LastIndexByte(text[:end], '\n')
		if at < 0 {
			return 0
		}
		if quotes > 0 {
			quotes -= bytes.Count(text[at:end], []byte{'"'})
		}
		if quotes%2 == 0 {
			return at + 1
		}
		end = at
	}
}
