package csv

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// finding is why a cell is not a number, and what to do about it. The zero value stands for a
// number.
type finding struct {
	kind    cellKind
	problem string // "" = it is a number
	fix     option.Fix
}

// cellKind says what [reading.Options.AllowMissing] may excuse: a missing or infinite cell, but
// no wrong one.
type cellKind uint8

const (
	cellWrong cellKind = iota
	cellMissing
	cellInfinite
)

// slowFloat32 returns the number that text spells, rounded to the nearest float32, or what is
// wrong with it. It accepts plain decimals only: the hexadecimal numbers, underscores and
// "infinity" that strconv reads as well would be typing mistakes in a table. What counts as
// missing is an empty cell and the words for it.
func slowFloat32(text string, words *reading.Words) (float32, finding) {
	text = strings.Trim(text, " \t")
	if text == "" {
		return 0, finding{cellMissing, "the cell is empty", reading.OrMissing(option.Do("fill it"))}
	}
	if words.HasNumber(text) {
		return 0, finding{cellMissing, "is a missing value", reading.OrMissing(option.Do("fill it"))}
	}
	if spellsPast(text) {
		return 0, finding{problem: "is a whole number past 2^53, which looks like an id",
			fix: option.Do("name the column in %s or %s", "ID", "Ignore").
				Or("write it with an exponent (9.1e15) if it is a measurement")}
	}
	// Only characters of decimals: strconv reads much more, such as 0x1p-2 and 1_000.
	if strings.Trim(text, "+-.0123456789eE") == "" && text != "" {
		value, err := strconv.ParseFloat(text, 32)
		if err == nil {
			return float32(value), finding{}
		}
		if strings.Contains(err.Error(), strconv.ErrRange.Error()) {
			return 0, finding{cellInfinite, "is beyond the range of float32 (3.4e38)",
				reading.OrMissing(option.Do("scale the column"))}
		}
	}
	switch strings.ToLower(strings.TrimLeft(text, "+-")) {
	case "nan", "na", "n/a", "#n/a", "null", "none":
		// The option Missing lists other words.
		return 0, finding{problem: "is not among the words for a missing value", fix: option.Do("fill it").
			Or("name it in %s", "Missing")}
	case "inf", "infinity", "1.#inf":
		return 0, finding{cellInfinite, "is infinite", reading.OrMissing(option.Do("replace it by a finite number"))}
	case "true", "false":
		return 0, finding{problem: "is a truth value, not a number", fix: option.Do("write 1 or 0")}
	}
	for _, d := range diagnoses {
		if d.pattern.MatchString(text) {
			return 0, finding{problem: d.problem, fix: d.fix}
		}
	}
	return 0, finding{problem: "is not a number", fix: option.Do("write a decimal number").
		Or("name the column in %s, %s, %s or %s if it is not a feature", "Ignore", "ID", "Label", "Domain")}
}

// spellsPast reports whether text spells a whole number beyond reading.MaxWhole: digits only,
// with one sign at most. A decimal point or an exponent marks a measurement.
func spellsPast(text string) bool {
	digits := strings.TrimLeft(strings.TrimLeft(text, "+-"), "0")
	if len(digits) < 16 || strings.Trim(digits, "0123456789") != "" || len(text)-len(strings.TrimLeft(text, "+-")) > 1 {
		return false
	}
	value, err := strconv.ParseUint(digits, 10, 64)
	return err != nil || value > reading.MaxWhole
}

// diagnoses are the usual other ways to write a number; the first that matches counts. They
// only explain: none is ever read as a number, because 1,234 is one thing in Berlin and another
// in Boston.
var diagnoses = []struct {
	pattern *regexp.Regexp
	problem string
	fix     option.Fix
}{
	{regexp.MustCompile(`^[+-]?\d{1,3},\d{3}$`),
		"has a comma: a decimal comma or a thousands separator",
		option.Do("write it with a decimal point and without thousands separators")},
	{regexp.MustCompile(`^[+-]?\d*,\d+([eE][+-]?\d+)?$`),
		"has a decimal comma", option.Do("write it with a decimal point, for instance with " +
			`pandas.read_csv(FILE, sep=";", decimal=",").to_csv(..., index=False)`)},
	{regexp.MustCompile(`^[+-]?\d{1,3}([,.'’ _\x{a0}\x{202f}]\d{3})+([.,]\d+)?$`),
		"has thousands separators", option.Do("write the digits without them, with a decimal point")},
	{regexp.MustCompile(`^[+-]?[\d.,]+ ?%$`), "is a percentage", option.Do("write it as a plain number")},
	{regexp.MustCompile(`^[+-]?0[xX][0-9a-fA-F.pP+-]+$`), "is a hexadecimal number", option.Do("write it in decimals")},
	{regexp.MustCompile(`^(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})`),
		"looks like a date", option.Do("write it as a number").Or("leave the column out with %s", "Ignore")},
	{regexp.MustCompile(`^(−|–)[\d.]+`), "starts with a dash that is not the minus sign",
		option.Do("write it with \"-\"")},
	{regexp.MustCompile(`^\([\d.,' ]+\)$`), "is a number in brackets, as accountants write negative ones",
		option.Do("write it with a minus sign")},
	{regexp.MustCompile(`^(?i:\.[a-z_]|[-–—]+|\*+|missing|unknown|undefined|nil|n\.?a\.?|not available)$`),
		"seems to stand for a missing value", option.Do("fill it").Or("name it in %s and set %s", "Missing",
			"AllowMissing")},
	{regexp.MustCompile(`^[\[(].*[\])]$`), "is a list", option.Do("write one column for every number")},
}
