package main

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/testdata/kept"
)

// key says what was measured, as MAP@R.
type key struct {
	Set      string
	Variant  variant
	Protocol string
	Seed     uint64
	Method   string
}

// table prints a table for every way to bring sets to the same width: a row for every set, a column for every method
// and kind of items. The folds of held-out classes are one column, their mean; so are splits.
func (l *lab) table(protocols []protocol) {
	kinds := map[string][]protocol{}
	var names []string
	for _, p := range protocols {
		kind, _, folds := strings.Cut(p.name, ": ")
		if !folds || kind == "test" {
			kind = p.name
		}
		if kinds[kind] == nil {
			names = append(names, kind)
		}
		kinds[kind] = append(kinds[kind], p)
	}
	for _, v := range variants {
		fmt.Printf("\n%+v\n\n| |", v)
		for _, m := range []string{cosine, byPLDA, alone, blended} {
			for _, kind := range names {
				fmt.Printf(" %s, %s |", m, kind)
			}
		}
		fmt.Println()
		for _, s := range sets {
			fmt.Printf("| %s |", s.name)
			for _, m := range []string{cosine, byPLDA, alone, blended} {
				for _, kind := range names {
					fmt.Printf(" %s |", l.mean(s.name, v, kinds[kind], m))
				}
			}
			fmt.Println()
		}
	}
}

// mean is that of some protocols with their range, or of how many it is.
func (l *lab) mean(set string, v variant, protocols []protocol, method string) string {
	var values []float64
	for _, p := range protocols {
		if value, ok := l.results.Value(key{set, v, p.name, p.seed, method}); ok {
			values = append(values, value)
		}
	}
	switch len(values) {
	case 0:
		return ""
	case len(protocols):
		return kept.Spread(values, 3)
	}
	return fmt.Sprintf("%s, %d of %d", kept.Spread(values, 3), len(values), len(protocols))
}
