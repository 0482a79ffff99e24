package found

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/config"
)

// Nested is how good searching is, rather than one winner: a search on every fold, each of whose winners was scored on
// items that chose nothing of it. All items are such items of one fold.
type Nested struct {
	Folds []Fold `json:"folds"` // two or more
	// Mean is that of the winners' honest scores, and Low to High its 95 % interval for other folds.
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Selection is the mean of the scores by which the winners were chosen.
	Selection float64 `json:"selection"`
}

// Fold is a search of a [Nested].
type Fold struct {
	HeldOut []string      `json:"held_out,omitempty"` // classes that chose nothing; nil = new items of all
	Winner  config.Config `json:"winner"`
	Honest  Honest        `json:"honest"`
}

// String returns the score of the fold's winner, and where it was chosen.
func (f Fold) String() string {
	return fmt.Sprintf("%.4f, chosen at %.4f", f.Honest.HeldOut, f.Honest.Selection)
}

// String returns the mean, its interval and the scores of the folds in a sentence.
func (n *Nested) String() string {
	var each []string
	for _, f := range n.Folds {
		each = append(each, fmt.Sprintf("%.4f", f.Honest.HeldOut))
	}
	return fmt.Sprintf("Searching and training on %d folds gives %.4f [%.4f, %.4f] on average on items that chose nothing "+
		"(%s), and %.4f where the winners were chosen.", len(n.Folds), n.Mean, n.Low, n.High, strings.Join(each, ", "),
		n.Selection)
}
