package show

import (
	"fmt"
	"math"

	"github.com/go-siamese/lab/siamese/report"
)

const confusionClasses = 24 // of a matrix; beyond, the most frequent confusions are listed

// confusion returns which classes the trained encoder takes for which.
func confusion(d *report.Details) section {
	one := d.Of[0]
	s := section{Title: "Confusion between classes: class of the nearest other item, trained encoder"}
	classes := one.Classes
	if len(classes) > confusionClasses || d.ClassesLeftOut > 0 {
		t := table{Left: 2, Header: []string{"class", "nearest is of", "items"}}
		for _, c := range one.Confusions[:min(20, len(one.Confusions))] {
			t.Rows = append(t.Rows, words(c.Class, named(c.Nearest), fmt.Sprint(c.Items)))
		}
		s.Note = "The most frequent confusions."
		s.Tables = []table{t}
		return s
	}
	t := table{Left: 1, Header: []string{"class"}}
	at := make(map[string]int)
	for k, c := range classes {
		at[c.Class] = k
		t.Header = append(t.Header, fmt.Sprint(k+1))
	}
	counts := make([][]int, len(classes))
	for k, c := range classes {
		counts[k] = make([]int, len(classes)+1)
		counts[k][k] = c.Right
	}
	unlabelled := false
	for _, c := range one.Confusions {
		column, ok := at[c.Nearest]
		if !ok {
			column, unlabelled = len(classes), true
		}
		counts[at[c.Class]][column] += c.Items
	}
	if unlabelled {
		t.Header = append(t.Header, "no label")
	}
	for k, c := range classes {
		row := words(fmt.Sprintf("%d  %s", k+1, c.Class))
		for j := range len(t.Header) - 1 {
			x := cell{Text: "·"}
			if n := counts[k][j]; n > 0 {
				part := float64(n) / float64(c.Items)
				x = cell{Text: fmt.Sprint(n), Shade: blend([3]float64{0x8c, 0xbf, 0xe3}, math.Sqrt(part))}
				if j != k {
					x.Shade = blend([3]float64{0xf2, 0xa6, 0x6a}, math.Sqrt(part))
				}
			}
			row = append(row, x)
		}
		t.Rows = append(t.Rows, row)
	}
	s.Tables = []table{t}
	return s
}
