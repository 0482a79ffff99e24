package main

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/testdata/kept"
)

// key says what was measured.
type key struct {
	Row      string
	Protocol string
	Seed     uint64
	Times    float64 // the epochs of the row
}

// value is what was found: MAP@R, and what the training took.
type value struct {
	Alone    float64 // the encoder; of two both ways
	OneWay   float64 // of two encoders, queries by one and the gallery by the other
	Beside   float64 // with the whitened components, share .5; of SupCon
	Features float64 // these alone
	Steps    int
	CPU      float64 // processor seconds of training
	Loss     float64
}

// table prints a row for every variant, with means and ranges of its splits.
func (l *lab) table(splits uint64, times float64) {
	fmt.Print("| loss | encoder | input | epochs | CPU seconds |")
	for _, p := range protocols {
		fmt.Printf(" %s: alone | beside components |", p.name)
	}
	fmt.Println()
	for _, v := range variants {
		var seconds []float64
		var cells string
		for _, p := range protocols {
			var alone, oneWay, beside []float64
			for seed := uint64(1); seed <= splits; seed++ {
				if found, ok := l.results.Value(key{v.name(), p.name, seed, times}); ok {
					alone, beside = append(alone, found.Alone), append(beside, found.Beside)
					oneWay, seconds = append(oneWay, found.OneWay), append(seconds, found.CPU)
				}
			}
			cells += fmt.Sprintf(" %s |", kept.Spread(alone, 3))
			switch {
			case v.encoders == 2:
				cells += fmt.Sprintf(" one way %s |", kept.Spread(oneWay, 3))
			case v.pairs:
				cells += " |"
			default:
				cells += fmt.Sprintf(" %s |", kept.Spread(beside, 3))
			}
		}
		fmt.Printf("| %s | %g | %s |%s\n", v.name(), times*v.epochs, kept.Spread(seconds, 0), cells)
	}
	fmt.Printf("| whitened components, no encoder | | | | |")
	for _, p := range protocols {
		var values []float64
		for seed := uint64(1); seed <= splits; seed++ {
			if found, ok := l.results.Value(key{variants[0].name(), p.name, seed, times}); ok {
				values = append(values, found.Features)
			}
		}
		fmt.Printf(" %s | |", kept.Spread(values, 3))
	}
	fmt.Println()
}
