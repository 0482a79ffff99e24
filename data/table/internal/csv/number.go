package csv

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/go-siamese/lab/data/table/internal/reading"
)

// parseFloat32 reads the decimal number that starts at b[at] and returns its nearest float32
// (ties to even) and the place after it. b must end in a byte that no number contains. ok =
// false: what stands there is no plain decimal number, or one that takes the slow path to round
// right; value and end mean nothing then. It never returns a value that strconv.ParseFloat(…,
// 32) would not.
//
// The number is d = m·10^e. The digits are gathered in a 64-bit integer m and scaled in
// float64: m, the power of ten and their product are each rounded once, so d is within 3 units
// in the last place of the true value (float64 has 29 bits more than float32). Rounding d to
// float32 can thus only go wrong where d lies next to a midpoint between two float32; those go
// the slow way, as do subnormal and huge results, and whole numbers past reading.MaxWhole. It
// is the idea of W. D. Clinger's fast path (How to read floating point numbers accurately,
// 1990), with float64 as the extended precision.
//
// The end of the number is found while it is read: strconv would need the cell cut out first.
func parseFloat32(b []byte, at int) (value float32, end int, ok bool) {
	negative := b[at] == '-'
	if negative || b[at] == '+' {
		at++
	}
	start := at
	m, at := digits(b, at, 0)
	// count is the number of all digits, leading zeros too. exponent makes up for those behind
	// the point, which are in m as well.
	count, exponent := at-start, 0
	if b[at] == '.' {
		fraction := at + 1
		m, at = digits(b, fraction, m)
		exponent = fraction - at
		count += at - fraction
	}
	if count == 0 || count > 19 && significant(b[start:at]) > 19 {
		return 0, at, false
	}
	if b[at]|0x20 == 'e' {
		var e int
		if e, at, ok = shortExponent(b, at+1); !ok {
			return 0, at, false
		}
		exponent += e
	}
	// Zero keeps its sign and may have any exponent.
	if m == 0 {
		if negative {
			return float32(math.Copysign(0, -1)), at, true
		}
		return 0, at, true
	}
	var d float64
	switch {
	// Decimals past 2^53 are measurements; whole numbers as large are taken to be ids and are
	// refused later.
	case exponent == 0:
		if m > reading.MaxWhole {
			return 0, at, false
		}
		d = float64(m)
	case exponent < 0 && exponent >= -maxPower:
		d = float64(m) / powersOfTen[-exponent]
	case exponent > 0 && exponent <= maxPower:
		d = float64(m) * powersOfTen[exponent]
	default:
		return 0, at, false
	}
	// The low 29 bits of d are what float32 drops; at half, d lies on a midpoint. Within 8
	// units of it, more than twice the error bound, the neighbour on the other side could be
	// the right one.
	const dropped, half, unsure = 1<<29 - 1, 1 << 28, 8
	if near := math.Float64bits(d)&dropped - (half - unsure); near <= 2*unsure || d < 1.18e-38 || d > 3.4e38 {
		return 0, at, false
	}
	if negative {
		d = -d
	}
	return float32(d), at, true
}

// maxPower is the largest power of ten of the fast path. It is enough for float32: a normal one
// of up to 19 digits is m·10^e with e from -57 to 38.
const maxPower = 60

// powersOfTen holds the float64 nearest to 10^k.
var powersOfTen = func() (powers [maxPower + 1]float64) {
	for k := range powers {
		powers[k], _ = strconv.ParseFloat("1e"+strconv.Itoa(k), 64) // always well formed
	}
	return powers
}()

// digits appends the digits at b[at] to m, and returns the place after them. m wraps when there
// are more than 19, which the caller counts. Eight digits are converted by three
// multiplications within one word (D. Lemire, Number parsing at a gigabyte per second, 2021).
func digits(b []byte, at int, m uint64) (uint64, int) {
	for at+8 <= len(b) {
		eight := binary.LittleEndian.Uint64(b[at:])
		// All eight bytes are '0'..'9': the high halves are 3, also after adding 6.
		if eight&(eight+0x0606060606060606)&0xf0f0f0f0f0f0f0f0 != 0x3030303030303030 {
			break
		}
		// Neighbours are joined into pairs, fours and eights of digits, all at once.
		eight -= 0x3030303030303030
		eight = eight*10 + eight>>8
		eight = (eight&0x000000ff000000ff*0x000f424000000064 + eight>>16&0x000000ff000000ff*0x0000271000000001) >> 32
		m = m*100_000_000 + eight
		at += 8
	}
	for {
		d := b[at] - '0'
		if d > 9 {
			return m, at
		}
		m = m*10 + uint64(d)
		at++
	}
}

// significant counts the digits of a plain decimal after its leading zeros. Zeros ahead may be
// any number: they do not make m wrap.
func significant(number []byte) int {
	n := 0
	for _, c := range number {
		if c != '.' && (n > 0 || c != '0') {
			n++
		}
	}
	return n
}

// shortExponent reads a signed exponent of up to three digits at b[at]. ok = false: there is
// none, or it has more digits, which only 0 and absurd numbers have.
func shortExponent(b []byte, at int) (e, end int, ok bool) {
	negative := b[at] == '-'
	if negative || b[at] == '+' {
		at++
	}
	start := at
	for b[at]-'0' <= 9 && at-start < 4 {
		e = e*10 + int(b[at]-'0')
		at++
	}
	if negative {
		e = -e
	}
	return e, at, at > start && at-start < 4
}
