package siamese

import (
	"fmt"
	"math"
	"strings"

	"github.com/go-siamese/lab/siamese/stats"
)

// BlockExplanation is what the blocks of features carry of the similarities of items.
type BlockExplanation struct {
	Items      int `json:"items"`
	Classes    int `json:"classes"`
	Pairs      int `json:"pairs"`      // that were explained, half of them same
	Background int `json:"background"` // items that pairs were explained against
	// Similarities are the cosine of standardised features without training, then that of the trained encoder.
	Similarities []BlocksOf `json:"similarities"`
	Warnings     []string   `json:"warnings,omitempty"`
}

// BlocksOf is what blocks and features carry of one kind of similarity.
type BlocksOf struct {
	Name  string     `json:"name"`
	Whole Separation `json:"whole"` // with all blocks

	Baseline  float64 `json:"baseline"`  // mean cosine of two different background items
	Same      float64 `json:"same"`      // mean cosine of the same pairs
	Different float64 `json:"different"` // mean cosine of the different pairs

	Blocks   []BlockEffect   `json:"blocks"`             // in the order of the model's columns
	Features []FeatureEffect `json:"features,omitempty"` // those with the largest Magnitude first

	// The largest residual of a pair: see [PairExplanation].
	BlocksResidual   float64 `json:"blocks_residual"`
	FeaturesResidual float64 `json:"features_residual"`
}

// Separation is how well a similarity tells test items apart, over all their pairs.
type Separation struct {
	MAPAtR float64 `json:"map_at_r"`
	ROCAUC float64 `json:"roc_auc"`
}

// BlockEffect is what a block does to a similarity.
type BlockEffect struct {
	Name    string     `json:"name"`
	Columns int        `json:"columns"`
	Without Separation `json:"without"` // the block is the training mean
	Alone   Separation `json:"alone"`   // all other blocks are
	// Change is Without less Whole, with 95 % intervals for other items of the same classes; nil where none were wanted.
	Change *Change `json:"change,omitempty"`
	Carried
}

// Change is how figures of the same items change.
type Change struct {
	MAPAtR stats.Difference `json:"map_at_r"`
	ROCAUC stats.Difference `json:"roc_auc"`
}

// String returns the changes with their intervals.
func (c *Change) String() string {
	one := func(d stats.Difference) string { return fmt.Sprintf("%+.4f [%+.4f, %+.4f]", d.Value, d.Low, d.High) }
	return fmt.Sprintf("MAP@R %s, ROC-AUC %s", one(c.MAPAtR), one(c.ROCAUC))
}

// FeatureEffect is what a feature does to a similarity.
type FeatureEffect struct {
	Name  string `json:"name"`
	Block string `json:"block"`
	Carried
}

// Carried is the mean part of a block or a feature in the cosines of pairs, beside the baseline.
type Carried struct {
	Same      float64 `json:"carried_same"`      // in those of same pairs: positive is good
	Different float64 `json:"carried_different"` // in those of different pairs: negative is good
	Magnitude float64 `json:"magnitude"`         // mean absolute part, same and different pairs weighing the same
	// ApartError is the standard error of Apart among draws of pairs; 0 for fewer than two of each kind.
	ApartError float64 `json:"apart_standard_error"`

	squares [2]float64 // means of the squared parts in different and in same pairs
}

// Apart is how much farther apart the block or the feature brings the mean cosines of same and of different pairs. Those of
// all blocks add up to the difference of these means.
func (c Carried) Apart() float64 { return c.Same - c.Different }

// add counts the part in one of total pairs of its kind.
func (c *Carried) add(part float64, same bool, total float64) {
	if same {
		c.Same += part / total
		c.squares[1] += part * part / total
	} else {
		c.Different += part / total
		c.squares[0] += part * part / total
	}
	c.Magnitude += math.Abs(part) / total / 2
}

// sure returns c with its standard error, given how many pairs were counted.
func (c Carried) sure(same, different float64) Carried {
	if same >= 2 && different >= 2 {
		c.ApartError = math.Sqrt(max(0, c.squares[1]-c.Same*c.Same)/(same-1) + max(0, c.squares[0]-c.Different*c.Different)/(different-1))
	}
	return c
}

// listFeatures keeps the columns that carry most.
func (s *BlocksOf) listFeatures(columns []Carried, e *Explainer) {
	if e.opt.NoFeatures {
		return
	}
	sizes := make([]float64, len(columns))
	for k, c := range columns {
		sizes[k] = c.Magnitude
	}
	for _, k := range largest(sizes, e.opt.Features) {
		s.Features = append(s.Features, FeatureEffect{Name: e.columns.Columns[k], Block: blockOf(e.columns, k), Carried: columns[k]})
	}
}

// String returns the explanation as tables of text, one for each kind of similarity.
func (x *BlockExplanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d items of %d classes; %d pairs, half of them same, beside any two of %d background items; ± standard errors\n", x.Items, x.Classes, x.Pairs, x.Background)
	for _, s := range x.Similarities {
		s.text(&b)
	}
	for _, w := range x.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	return b.String()
}

func (s *BlocksOf) text(b *strings.Builder) {
	width := len("all blocks")
	for _, k := range s.Blocks {
		width = max(width, len(k.Name))
	}
	for _, f := range s.Features {
		width = max(width, len(f.Name))
	}
	fmt.Fprintf(b, "%s: MAP@R %.4f, ROC-AUC %.4f; mean cosine %.4f of same, %.4f of different, %.4f of background pairs\n",
		s.Name, s.Whole.MAPAtR, s.Whole.ROCAUC, s.Same, s.Different, s.Baseline)
	fmt.Fprintf(b, "  %-*s  %7s  %14s  %14s  %36s\n", width, "", "", "without", "alone", "carries of the cosine")
	fmt.Fprintf(b, "  %-*s  %7s  %6s %7s  %6s %7s  %8s %9s %16s %9s\n", width, "block", "columns", "MAP@R", "ROC-AUC", "MAP@R", "ROC-AUC", "same", "different", "apart", "magnitude")
	for _, k := range s.Blocks {
		fmt.Fprintf(b, "  %-*s  %7d  %6.4f %7.4f  %6.4f %7.4f  %s\n", width, k.Name, k.Columns,
			k.Without.MAPAtR, k.Without.ROCAUC, k.Alone.MAPAtR, k.Alone.ROCAUC, k.cells())
	}
	for _, k := range s.Blocks {
		if k.Change != nil {
			fmt.Fprintf(b, "  without %s: %s (%g %% intervals by items)\n", k.Name, k.Change, 100*k.Change.MAPAtR.Level)
		}
	}
	if len(s.Features) == 0 {
		return
	}
	fmt.Fprintf(b, "  feature\n")
	for _, f := range s.Features {
		fmt.Fprintf(b, "  %-*s  %41s%s\n", width, f.Name, "", f.cells())
	}
	fmt.Fprintf(b, "  features leave at most %.4f of a cosine unexplained\n", s.FeaturesResidual)
}

// cells returns the numbers as cells of a table of text.
func (c Carried) cells() string {
	return fmt.Sprintf("%+8.4f %+9.4f %+7.4f ± %6.4f %9.4f", c.Same, c.Different, c.Apart(), c.ApartError, c.Magnitude)
}
