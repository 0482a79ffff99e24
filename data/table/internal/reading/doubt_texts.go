package reading

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// doubtful are words that mean "not known" in some tables and are sound classes in others, in lower case.
var doubtful = map[string]bool{"-": true, "--": true, "---": true, "missing": true, "unknown": true, "unlabeled": true,
	"unlabelled": true, "undefined": true, "none": true, "na": true, "n.a.": true, "n.a": true, "nil": true,
	"not available": true, "no label": true, "no_label": true, "-99": true, "-999": true, "-9999": true}

// doubtfulClasses returns those of the texts that may mean that a label is not known: the words above, blanks, which
// files other than text keep, and -1 where all others are whole numbers from 0 on, as clustering in scikit-learn marks
// what is in no cluster.
func doubtfulClasses(texts []string) (words []string) {
	minusOne, counted := false, true
	last := ""
	for _, text := range texts {
		if text == last || text == "" {
			continue
		}
		last = text
		if minusOne = minusOne || text == "-1"; text != "-1" {
			counted = counted && strings.Trim(text, "0123456789") == ""
		}
		unknown := len(text) <= len("not available") && doubtful[strings.ToLower(text)]
		if (unknown || strings.TrimSpace(text) == "") && !slices.Contains(words, text) {
			words = append(words, text)
		}
	}
	// A table of 1 and -1 has two classes; 0 and more others make -1 one that stands apart.
	if minusOne && counted && slices.Contains(texts, "0") {
		words = append(words, "-1")
	}
	return words
}

// countEmpty returns how many of the texts are "".
func countEmpty(texts []string) (n int) {
	for _, text := range texts {
		if text == "" {
			n++
		}
	}
	return n
}

// savetxt matches a number as numpy.savetxt writes it unless it is told otherwise ("%.18e"), in which nobody writes
// ids and classes.
var savetxt = regexp.MustCompile(`^-?\d\.\d{18}e[+-]\d\d$`)

// plainWholes rewrites whole numbers that numpy.savetxt wrote, such as "1.070000000000000000e+02", as whole numbers of
// other types are spelt, in place, and returns how many. Others stay, as do those past [MaxWhole].
func plainWholes(texts []string) (n int) {
	const length = len("1.070000000000000000e+02")
	for i, text := range texts {
		if len(text) != length && len(text) != length+1 || !savetxt.MatchString(text) {
			continue
		}
		if v, err := strconv.ParseFloat(text, 64); err == nil && v == math.Trunc(v) && math.Abs(v) <= MaxWhole {
			texts[i] = strconv.FormatInt(int64(v), 10)
			n++
		}
	}
	return n
}

// rounded matches a number as spreadsheets show one that is too long for its cell.
var rounded = regexp.MustCompile(`^\d([.,]\d+)?E\+\d+$`)

// roundedIDs returns how many ids are likely what a spreadsheet left of longer ones, and the first of them.
func roundedIDs(ids []string) (n int, first string) {
	for _, id := range ids {
		if strings.Contains(id, "E+") && rounded.MatchString(id) {
			if n++; n == 1 {
				first = id
			}
		}
	}
	return n, first
}

// quoted returns what is wrong with texts that are all in single quotes, which are part of them, or all begin with one,
// as spreadsheets mark texts; "" = nothing.
func quoted(texts []string) string {
	around := len(texts) > 0
	for _, text := range texts {
		if len(text) == 0 || text[0] != '\'' {
			return ""
		}
		around = around && len(text) > 1 && text[len(text)-1] == '\''
	}
	switch {
	case around:
		return "are all in single quotes, which are part of them: quote with \" or not at all"
	case len(texts) > 0:
		return "all begin with an apostrophe, which is part of them: remove it, or where it is there for a spreadsheet, " +
			"set EscapedFormulas (--escape-formulas)"
	}
	return ""
}
