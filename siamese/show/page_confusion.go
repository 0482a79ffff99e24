package show

import (
	"fmt"
	"math"

	"github.com/go-siamese/lab/siamese/report"
)

// confusionClasses is the largest number of classes with a matrix, which must fit on a page. Of more classes the most
// frequent confusions are listed.
const confusionClasses = 24

// confusion returns which classes the trained encoder takes for which: a matrix of items by their class and that of
// their nearest other item, or a list. A matrix is shaded by the share of a class's items, with its square root, so
// that rare confusions can be seen.
func confusion(d *report.Details) section {
	one := d.Of[0]
	s := section{Title: "Confusion between classes: class of the nearest other item, trained encoder"}
	classes := one.Classes
	// Without some classes the columns of a matrix would be incomplete.
	if len(classes) > confusionClasses || d.ClassesLeftOut > 0 {
		t := table{Left: 2, Header: []string{"class", "nearest is of", "items"}}
		for _, c := range one.Confusions[:min(20, len(one.Confusions))] {
			t.Rows = append(t.Rows, words(c.Class, named(c.Nearest), fmt.Sprint(c.Items)))
		}
		s.Note = "The most frequent confusions."
		s.Tables = []table{t}
		return s
	}
	// Columns have numbers instead of names, which would not fit; rows have both.
	t := table{Left: 1, Header: []string{"class"}}
	at := make(map[string]int) // row and column of a class
	for k, c := range classes {
		at[c.Class] = k
		t.Header = append(t.Header, fmt.Sprint(k+1))
	}
	// Details list the right items of each class and the confusions; the matrix puts them together.
	counts := make([][]int, len(classes))
	for k, c := range classes {
		counts[k] = make([]int, len(classes)+1)
		counts[k][k] = c.Right
	}
	unlabelled := false // whether the nearest item of some item has no label
	for _, c := range one.Confusions {
		// The nearest item may have no label: such items are in the gallery, but are no queries.
		column, ok := at[c.Nearest]
		if !ok {
			column, unlabelled = len(classes), true
		}
		counts[at[c.Class]][column] += c.Items
	}
	// The last column is there only if it is needed.
	if unlabelled {
		t.Header = append(t.Header, "no label")
	}
	for k, c := range classes {
		row := words(fmt.Sprintf("%d  %s", k+1, c.Class))
		for j := range len(t.Header) - 1 {
			// Right items are blue, wrong ones orange; a dot instead of 0 keeps the eye on what there is.
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
