package table

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// spellings are the ways in which two programs write the same ids differently. Each maps both to one text.
var spellings = []struct {
	name string
	same func(string) string
}{
	{"spaces around them", strings.TrimSpace},
	{"how Unicode writes a letter, in one part or in two (as macOS names files)", norm.NFKC.String},
	{"quotes around them", func(id string) string { return strings.Trim(id, `'"`) }},
	{"upper and lower case", strings.ToLower},
	{`".0" at the end, of whole numbers written as decimals`, func(id string) string {
		return decimals.ReplaceAllString(id, "$1")
	}},
	{"leading zeros", func(id string) string { return leadingZeros.ReplaceAllString(id, "$1$2") }},
	{"the endings of file names", withoutEnding},
	{"slashes", func(id string) string { return strings.TrimPrefix(strings.ReplaceAll(id, `\`, "/"), "./") }},
	{"the folders before file names", baseOf},
	{"the folders and endings of file names", func(id string) string { return withoutEnding(baseOf(id)) }},
	{"several of spaces, case, letters, zeros, folders and endings", func(id string) string {
		id = strings.ToLower(strings.TrimSpace(norm.NFKC.String(id)))
		return leadingZeros.ReplaceAllString(withoutEnding(baseOf(decimals.ReplaceAllString(id, "$1"))), "$1$2")
	}},
}

var (
	decimals     = regexp.MustCompile(`^([-+]?[0-9]+)\.0+$`)
	leadingZeros = regexp.MustCompile(`(^|[^0-9.])0+([0-9])`)
	fileEndings  = regexp.MustCompile(`(?i)\.(png|jpe?g|jpe|jfif|tiff?|bmp|gif|webp|pgm|ppm|dcm|npy|wav|flac|mp3|ogg|txt)$`)
)

// withoutEnding returns a file name without an ending that files of items have. Others stay: "cat.1" is no file.
func withoutEnding(id string) string { return fileEndings.ReplaceAllString(id, "") }

// baseOf returns the last part of a path, with either slash.
func baseOf(id string) string { return path.Base(strings.ReplaceAll(id, `\`, "/")) }

// spelling is how ids that are not found here are written there.
type spelling struct {
	what        string // in what they differ
	here, there string // an example
	count       int    // how many of the ids here
}

// differently looks for ids that two tables write differently: here are ids that only one of them has, there those that
// only the other has. An id that could stand for two of the other table counts for none. nil = there is no such id.
func differently(here, there []string) *spelling {
	var best *spelling
	for _, s := range spellings {
		keys := make(map[string]int, len(there)) // the place in there, -1 = several
		for k, id := range there {
			key := s.same(id)
			if _, twice := keys[key]; twice {
				k = -1
			}
			keys[key] = k
		}
		mine := make(map[string]int, len(here))
		for _, id := range here {
			mine[s.same(id)]++
		}
		found := spelling{what: s.name}
		for _, id := range here {
			key := s.same(id)
			if k, ok := keys[key]; ok && k >= 0 && mine[key] == 1 {
				if found.count++; found.count == 1 {
					found.here, found.there = id, there[k]
				}
			}
		}
		if found.count > 0 && (best == nil || found.count > best.count) {
			best = &found
		}
	}
	return best
}

// String says it in words, without a full stop. here and there are ids of the frame and of the file.
func (s *spelling) String() string {
	here, there := strconv.Quote(s.here), strconv.Quote(s.there)
	if norm.NFC.String(s.here) == norm.NFC.String(s.there) { // they look the same
		here, there = strconv.QuoteToASCII(s.here), strconv.QuoteToASCII(s.there)
	}
	return fmt.Sprintf("%d of them seem to be written differently there, in %s: %s here is %s there", s.count, s.what,
		here, there)
}
