package csv

import "bufio"

// blankReader rewrites text whose cells are separated by one or more blanks or tabs, as numpy.savetxt, R's write.table
// and tables of fixed width have them, into text with one tab between cells. Blanks at the ends of a line, and in
// quotes, are none between cells. The lines stay, so that errors name the right ones.
type blankReader struct {
	in     *bufio.Reader
	quoted bool
	begun  bool // the line has text
	blank  bool // blanks wait for text behind them
	held   []byte
}

// Read fills p with whole steps of the rewriting: a byte, and a tab before it where blanks were.
func (b *blankReader) Read(p []byte) (int, error) {
	n := copy(p, b.held)
	b.held = b.held[n:]
	for n < len(p) {
		c, err := b.in.ReadByte()
		if err != nil {
			if n > 0 {
				return n, nil // the error comes again
			}
			return 0, err
		}
		switch {
		case !b.quoted && (c == ' ' || c == '\t'):
			b.blank = b.begun
			continue
		case c == '\n' && !b.quoted:
			b.begun, b.blank = false, false
		case c == '\r' && !b.quoted:
			// It belongs to the end of the line, or will be found to be wrong in its cell.
		default:
			if c == '"' {
				b.quoted = !b.quoted
			}
			if b.blank {
				p[n] = '\t'
				n++
				b.blank = false
				if n == len(p) {
					b.held = []byte{c}
					b.begun = true
					return n, nil
				}
			}
			b.begun = true
		}
		p[n] = c
		n++
	}
	return n, nil
}

// collapse is what blankReader does to one line.
func collapse(line []byte) []byte {
	out := make([]byte, 0, len(line))
	quoted, blank := false, false
	for _, c := range line {
		if !quoted && (c == ' ' || c == '\t') {
			blank = len(out) > 0
			continue
		}
		if blank {
			out = append(out, '\t')
			blank = false
		}
		if c == '"' {
			quoted = !quoted
		}
		out = append(out, c)
	}
	return out
}
