package csv

import (
	"bytes"
	"io"

	"github.com/go-siamese/lab/data/table/internal/narrow"
)

// chunkSize is how much text a worker gets at once; a longer row makes the chunk longer. A
// mebibyte of text takes a worker some milliseconds, beside which handing it over costs
// nothing, and still divides a table of tens of megabytes among the cores. A chunk that is parsed takes up to
// some 20 times its text, so that it is smaller where the bound is tight; see [source.chunkSize].
const chunkSize = 1 << 20

// chunk is some whole rows of text, and what a worker parses from them. Chunks are reused with
// their memory: what outlives the chunk must be copied. One goroutine has it at a time: the
// cutter, then a worker, then the caller of readRows.
type chunk struct {
	line int    // line of the file where the text starts, 1-based
	text []byte // ends in a line end
	cut  bool   // the text is the beginning of a row that is too long
	err  error  // reading or parsing failed

	// The rows, in their order. x is [rows, F]; ids, labels and domains are [rows], or empty
	// where the table has no such column.
	x                    []float32
	ids, labels, domains []string
	lines                []int // where each row starts
	tally                tally
	fresh                int64 // bytes of the texts that were made for these rows
	open                 bool  // the last row has no line end

	parsed chan struct{} // gets a value when the worker is done with the chunk
}

// tally counts cells read as NaN, which happens with AllowMissing only, those that float32 cannot hold, and rows without
// a value.
type tally struct {
	missing, infinite int
	blank             int // rows of empty cells, which are passed over
	lost              narrow.Losses
}

// chunker cuts the input into chunks at the ends of rows. A line end inside quotes ends no row,
// which cannot be known without all quotes before it; so one goroutine cuts in order, and only
// counts quotes.
type chunker struct {
	in    io.Reader
	rest  []byte // the beginning of a row, from the end of the last chunk
	line  int    // of the next chunk
	size  int    // bytes of a chunk of short rows
	most  int    // bytes of a row
	ended bool
}

// fill reads the next rows into c. It returns false at the end of the input, with c unused. An
// error of the input becomes c.err, in a chunk of its own at its place in the order, so that
// faults in rows before it are reported first. After an error, or a row that is too long, there
// are no more chunks.
func (k *chunker) fill(c *chunk) bool {
	if k.ended {
		return false
	}
	c.line, c.cut, c.open, c.err = k.line, false, false, nil
	c.text = append(c.text[:0], k.rest...)
	for want := k.size; ; want *= 2 {
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
				c.open = true
				c.text = append(c.text, '\n')
			}
			return true
		case err != nil:
			k.ended, c.err = true, err
			return true
		}
		// What follows the last whole row waits for the next chunk. No row ends here: read as
		// much again.
		if end := lastRowEnd(c.text); end > 0 {
			k.rest = append(k.rest[:0], c.text[end:]...)
			c.text = c.text[:end]
			k.line += bytes.Count(c.text, []byte{'\n'})
			return true
		}
		if want >= k.most {
			k.ended, c.cut = true, true
			c.text = append(c.text, '\n')
			return true
		}
	}
}

// lastRowEnd returns the place after the last line end that lies outside quotes, 0 = none. text
// starts outside quotes; a place is outside when an even number of quotes stands before it, as
// a doubled quote adds two. It searches from the end, where the answer usually is the first
// candidate: O(len(text)), and without any quotes hardly more than the length of the last row.
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
