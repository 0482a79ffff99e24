package main

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese/stats"
)

// key says what was measured.
type key struct {
	Protocol       string // or "choice"
	Seed           uint64
	Representation string
	Size           int
	Method         method
}

// table prints a row for every size: MAP@R without a gallery, and what each method adds to it on the same split.
func (l *lab) table(splits int, small bool) error {
	for _, p := range protocols {
		for _, name := range representations {
			fmt.Printf("\n%s, %s\n\n| gallery | no gallery | expansion, k 30 | re-ranking, K1 20, Lambda .3 | re-ranking, defaults | expansion, chosen | "+
				"re-ranking, chosen | both, chosen |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n", p.name, name)
			for _, size := range append(slices.Clone(sizes), whole) {
				if small && size == whole {
					continue
				}
				if err := l.row(p, name, size, splits); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (l *lab) row(p protocol, name string, size, splits int) error {
	fmt.Printf("| %d |", size)
	for i, m := range l.methods(name, size) {
		var values []float64
		for seed := uint64(1); seed <= uint64(splits); seed++ {
			v, ok := l.results.Value(key{p.name, seed, name, size, m})
			if !ok {
				continue
			}
			if i > 0 {
				v -= l.results.Of(key{p.name, seed, name, size, method{}})
			}
			values = append(values, v)
		}
		text := "not measured"
		switch len(values) {
		case 0:
		case 1:
			text = fmt.Sprintf("%.3f (one split)", values[0])
		case 2: // of two there is no interval worth the name
			text = fmt.Sprintf("%.3f (%.3f and %.3f)", (values[0]+values[1])/2, values[0], values[1])
		default:
			s, err := stats.Seeds(values, 0)
			if err != nil {
				return err
			}
			text = fmt.Sprintf("%.3f [%.3f, %.3f]", s.Mean.Value, s.Mean.Low, s.Mean.High)
		}
		if i > 0 && len(values) > 0 && text[0] != '-' {
			text = "+" + text
		}
		if i > 3 {
			text = m.String() + ": " + text
		}
		fmt.Printf(" %s |", text)
	}
	fmt.Println()
	return nil
}
