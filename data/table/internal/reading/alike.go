package reading

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// unseen drops characters of no width: a byte order mark in the middle of a text, joiners and a soft hyphen.
var unseen = strings.NewReplacer("\ufeff", "", "\u200b", "", "\u200c", "", "\u200d", "", "\u2060", "", "\u00ad", "")

// alike returns pairs of different labels that are likely one: the same number ("1" and "1.0"), or the same but for
// upper and lower case, blanks, characters that are not seen, and the ways in which Unicode writes one letter. They are
// in the order of the labels, at most [MostInterned] of which are looked at.
func alike(labels []string) (pairs [][2]string) {
	seen := make(map[string]bool)
	first := make(map[string]string) // by what does not count
	last := ""
	for _, label := range labels {
		if label == last || label == "" || seen[label] {
			continue
		}
		if last = label; len(seen) == MostInterned {
			break
		}
		seen[label] = true
		key := strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(unseen.Replace(label))), " "))
		if v, err := strconv.ParseFloat(key, 64); err == nil && math.Abs(v) < MaxWhole && strings.Trim(key,
			"+-.0123456789e") == "" {
			key = strconv.FormatFloat(v+0, 'g', -1, 64) // -0 is 0
		}
		if other, ok := first[key]; ok {
			pairs = append(pairs, [2]string{other, label})
			continue
		}
		first[key] = label
	}
	return slices.Clip(pairs)
}

// asciiIfAlike quotes both labels of a pair, in ASCII where they look the same.
func asciiIfAlike(pair [2]string) (a, b string) {
	if norm.NFC.String(unseen.Replace(pair[0])) == norm.NFC.String(unseen.Replace(pair[1])) {
		return strconv.QuoteToASCII(pair[0]), strconv.QuoteToASCII(pair[1])
	}
	return strconv.Quote(pair[0]), strconv.Quote(pair[1])
}
