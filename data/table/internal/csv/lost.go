package csv

import (
	"strings"

	"github.com/go-siamese/lab/data/table/internal/narrow"
)

// tiny is the smallest normal float32: below it, numbers take the slow path and lose digits.
const tiny = 0x1p-126

// loseLarge is [rowParser.lose] for a number of the fast path, past 2^24 in magnitude, and the byte behind it. It is
// quick for whole numbers in digits and for decimals, of which a table may be full.
func (p *rowParser) loseLarge(number []byte, value float32) {
	first := 0
	if number[0] == '-' || number[0] == '+' {
		first = 1
	}
	end := len(number) - 1
	whole, at := digits(number, first, 0)
	fraction := uint64(0)
	if number[at] == '.' {
		fraction, at = digits(number, at+1, 0)
	}
	// An exponent takes the long way.
	if magnitude := float64(max(value, -value)); at == end && (fraction != 0 || magnitude == float64(whole)) {
		return
	}
	if lost := &p.chunk.tally.lost.Rounded; at == end && lost.Count > 0 {
		lost.Count++ // rows and columns go by in order: the first one is known
		return
	}
	p.lose(number[:end], value)
}

// lose counts the text of a feature in the current line and column, and its nearest float32, if float32 cannot hold it.
func (p *rowParser) lose(text []byte, value float32) {
	var run narrow.Run
	if run.Text(0, strings.Trim(string(text), " \t"), value); run.Any() {
		// The columns of a table of text are features of width 1.
		lost := run.Losses(0, p.plan.First[p.column], 1, p.plan.Features)
		lost.Faint.Line, lost.Rounded.Line = p.line, p.line
		p.chunk.tally.lost.Add(lost)
	}
}
