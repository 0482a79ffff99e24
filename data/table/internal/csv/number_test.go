package csv

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// checkNumber compares the fast way with strconv, bit for bit. It returns whether the fast
// way answered.
func checkNumber(t *testing.T, text string) bool {
	t.Helper()
	want, err := strconv.ParseFloat(text, 32)
	got, end, ok := parseFloat32([]byte(text+","), 0)
	if !ok {
		return false
	}
	if end != len(text) {
		if err == nil && !strings.ContainsAny(text, "xX_infaNIFA") {
			t.Errorf("%q: stops at %d of %d", text, end, len(text))
		}
		return false
	}
	if err != nil {
		t.Errorf("%q: fast %g, strconv says %v", text, got, err)
	} else if math.Float32bits(got) != math.Float32bits(float32(want)) {
		t.Errorf("%q: fast %b, strconv %b", text, got, float32(want))
	}
	return true
}

func TestParseFloat32(t *testing.T) {
	for _, text := range []string{
		"0", "-0", "0.0", "1", "-1", "+1", "1.", ".5", "-.5", "00012", "1e5", "1E-5", "1e+05", "12345678", "123456789",
		"0.12345678901234567",
		"16777216", "16777218", "9007199254740992", "9007199254740993.0", "3.4e38", "1.18e-38",
		"0.00012345678901234567", "1e-30", "1.5e30", "0e999",
		"1.00000011920928955078125", "0.1", "0.3", "33554433", "12345678.12345678", "1e-37",
	} {
		if !checkNumber(t, text) && len(text) < 20 && text != "33554433" && text != "0e999" {
			t.Errorf("%q takes the slow way", text)
		}
	}
	// What is no plain number must never be answered.
	for _, text := range []string{"", "-", ".", "-.", "e5", "1e", "1e+", "1e12345", "abc", "nan", "inf", " 1", "1e40",
		"1e-50", "1e-46", "9007199254740993"} {
		if v, end, ok := parseFloat32([]byte(text+","), 0); ok && end == len(text) {
			t.Errorf("%q is read as %g", text, v)
		}
	}
}

// Random bits, their shortest and longest spellings, and the exact midpoints between two
// neighbours, where rounding is decided by the last digit.
func TestParseFloat32AgainstStrconv(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	fast, all := 0, 0
	check := func(text string) {
		all++
		if checkNumber(t, text) {
			fast++
		}
	}
	for range 100_000 {
		v := math.Float32frombits(rng.Uint32())
		if v != v || math.IsInf(float64(v), 0) {
			continue
		}
		next := math.Nextafter32(v, float32(math.Inf(1)))
		middle := (float64(v) + float64(next)) / 2
		check(strconv.FormatFloat(float64(v), 'g', -1, 32))
		check(strconv.FormatFloat(middle, 'e', 17, 64))
		check(strconv.FormatFloat(math.Nextafter(middle, 0), 'g', -1, 64))
		check(strconv.FormatFloat(math.Nextafter(middle, math.Inf(1)), 'g', -1, 64))
		check(strconv.FormatFloat(rng.Float64(), 'f', rng.IntN(25), 64))
		check(strconv.FormatFloat(rng.NormFloat64()*1e4, 'f', rng.IntN(20), 64))
		check(fmt.Sprintf("%d.%de%d", rng.Uint64()>>rng.IntN(64), rng.Uint32(), rng.IntN(100)-50))
	}
	if fast*3 < all {
		t.Errorf("only %d of %d took the fast way", fast, all)
	}
}

func FuzzParseFloat32(f *testing.F) {
	for _, text := range []string{"0", "-1.5e-7", "0.12345678901234567890", "8388608.5", "99999999999999999999",
		"1e-45", "123456789012345678.9", ".", "1.2.3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !strings.Contains(text, ",") {
			checkNumber(t, text)
		}
	})
}
