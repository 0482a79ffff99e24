// Package narrow turns numbers into float32, the type of all features, and counts those of which more than a rounding
// error is lost: numbers so near to 0 that they vanish, and whole numbers whose last digits are gone. Infinite numbers
// and those past float32's largest are not its concern: they stay visible as infinities.
package narrow

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Loss counts the features of a table to which one thing happened, and says where the first of them is.
type Loss struct {
	Count   int
	Row     int64  // of the first in the table, from 1; 0 = the file is text
	Line    int    // where the file is text
	Column  string // name of the feature
	Feature int    // its place among the features
}

// Losses are the two ways in which float32 falls short of a number; see the package comment.
type Losses struct {
	Faint   Loss // not 0, and nearer to 0 than float32 can tell: they became 0, or are off by more than 1 in 4096
	Rounded Loss // whole numbers between 2^24 and 2^53 that float32 does not have
}

// Add adds what is lost in values that lie elsewhere in the file, in any order.
func (l *Losses) Add(more Losses) {
	l.Faint.add(more.Faint)
	l.Rounded.add(more.Rounded)
}

// After returns the losses of a file before which a table has so many rows.
func (l Losses) After(rows int64) Losses {
	l.Faint.Row += rows
	l.Rounded.Row += rows
	return l
}

// add keeps the place that comes first.
func (l *Loss) add(more Loss) {
	count := l.Count + more.Count
	if more.Count > 0 && (l.Count == 0 || more.before(l)) {
		*l = more
	}
	l.Count = count
}

// before reports whether the place of l is above that of other, or left of it in the same row.
func (l *Loss) before(other *Loss) bool {
	if l.Row != other.Row || l.Line != other.Line {
		return l.Row < other.Row || l.Line < other.Line
	}
	return l.Feature < other.Feature
}

// Notes returns a sentence for each kind of loss that there is.
func (l *Losses) Notes() []string {
	var notes []string
	if f := l.Faint; f.Count > 0 {
		notes = append(notes, fmt.Sprintf("too small: %d values that are not 0 are nearer to 0 than float32 can tell "+
			"(1.4e-45) and became 0 or lost their digits, the first in %s; scale the column", f.Count, f.place()))
	}
	if r := l.Rounded; r.Count > 0 {
		notes = append(notes, fmt.Sprintf("rounded: %d whole numbers past 16777216 (2^24) have more digits than "+
			"float32 holds, the first in %s; subtract what the column has in common if the last digits matter, or "+
			"leave it out with Ignore (--ignore) if it names things", r.Count, r.place()))
	}
	return notes
}

// place says where the first value is, in words for a note. There is a first value.
func (l *Loss) place() string {
	if l.Line > 0 {
		return fmt.Sprintf("line %d, column %q", l.Line, l.Column)
	}
	return fmt.Sprintf("row %d, column %q", l.Row, l.Column)
}

// Run is what a reader has of [Losses] while it converts a piece of a column: it knows places among the values, not yet
// rows. It counts losses among values that are converted in order, by their places from 0. The zero value is ready.
type Run struct {
	Faint, Rounded     int
	FaintAt, RoundedAt int // the first place; meaningless where the count is 0
}

// Any reports whether something was lost. For most pieces nothing is, and then there are no places to work out.
func (r *Run) Any() bool { return r.Faint+r.Rounded > 0 }

// Losses returns what was lost with its places: the values lay in rows of width w, the first of them at row (from 1)
// and column at of names.
func (r *Run) Losses(row int64, at, w int, names []string) Losses {
	loss := func(count, place int) Loss {
		if count == 0 {
			return Loss{}
		}
		j := at + place%w
		return Loss{Count: count, Row: row + int64(place/w), Column: names[j], Feature: j}
	}
	return Losses{Faint: loss(r.Faint, r.FaintAt), Rounded: loss(r.Rounded, r.RoundedAt)}
}

// faint and rounded count the value at a place.
func (r *Run) faint(at int) {
	if r.Faint == 0 || at < r.FaintAt {
		r.FaintAt = at
	}
	r.Faint++
}

func (r *Run) rounded(at int) {
	if r.Rounded == 0 || at < r.RoundedAt {
		r.RoundedAt = at
	}
	r.Rounded++
}

// largest is 2^24: up to it float32 has all whole numbers. unsure is 2^-137: above it the steps of float32, 2^-149, are
// finer than 1 in 4096.
const (
	largest = 1 << 24
	unsure  = 0x1p-137
	exact   = 1 << 53 // up to it float64 has all whole numbers; past it they are measurements
)

// The bits of both without the sign, which is shifted out.
var (
	largestBits = math.Float64bits(largest) << 1
	unsureBits  = math.Float64bits(unsure) << 1
)

// Plain reports whether nothing of v is lost but a rounding error, for most numbers at the cost of two comparisons: 0
// wraps around to the largest number.
func Plain(v float64) bool {
	u := math.Float64bits(v) << 1
	return u <= largestBits && u-1 >= unsureBits
}

// Float64 counts v, the value at a place, if something is lost. Call it where [Plain] is false.
func (r *Run) Float64(at int, v float64) {
	switch size := math.Abs(v); {
	case size == 0:
	case size < unsure:
		if f := float64(float32(v)); math.Abs(f-v)*4096 > size {
			r.faint(at)
		}
	case size > largest && size <= exact && v == math.Trunc(v) && float64(float32(v)) != v:
		r.rounded(at)
	}
}

// Floats rounds each of src to the nearest float32 in dst, which is as long. at is the place of the first.
func Floats(dst []float32, src []float64, at int, r *Run) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = float32(v)
		if !Plain(v) {
			r.Float64(at+i, v)
		}
	}
}

// Wholes is [Floats] for whole numbers. Those past 2^53 are not counted: readers refuse them.
func Wholes[T int32 | uint32 | int64 | uint64](dst []float32, src []T, at int, r *Run) {
	dst = dst[:len(src)]
	for i, v := range src {
		f := float32(v)
		dst[i] = f
		if f >= largest || f <= -largest {
			r.Float64(at+i, float64(v))
		}
	}
}

// Text counts a number by its text, such as "16777217", "1.6777217e7" or "1e-60", f being the float32 nearest to it.
// The shortest text of a float32 is not counted: that is how it was written.
func (r *Run) Text(at int, text string, f float32) {
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case v == 0 && f == 0 && strings.ContainsAny(mantissa(text), "123456789"):
		r.faint(at) // even float64 has no such number
	case err != nil:
	case math.Abs(v) < unsure && v == shortest(f):
	default:
		r.Float64(at, v)
	}
}

// mantissa returns the part of a number before its exponent.
func mantissa(text string) string {
	if e := strings.IndexAny(text, "eE"); e >= 0 {
		return text[:e]
	}
	return text
}

// shortest returns the number whose digits are the fewest that tell f from other float32.
func shortest(f float32) float64 {
	v, _ := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64) // always well formed
	return v
}

// Suspect reports whether f may come from a number of which something is lost: for texts, of which only the float32 is
// known at first.
func Suspect(f float32) bool { return f >= largest || f <= -largest }

// Repeat counts what was lost in the one value of which one tells, at n places from at on.
func (r *Run) Repeat(one *Run, at, n int) {
	for k := range n {
		if one.Faint > 0 {
			r.faint(at + k)
		}
		if one.Rounded > 0 {
			r.rounded(at + k)
		}
	}
}
