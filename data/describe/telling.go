package describe

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/parallel"
)

// Telling is a column that by itself tells classes apart almost without error. It may be a measurement that is as good,
// or a copy of the label, a number given by class, or a number of the row in a table that is sorted by class: then what
// is learnt from it means nothing.
type Telling struct {
	Column string `json:"column"`
	// Class is the class that the column tells from all others, "" = it tells all classes.
	Class string `json:"class,omitempty"`
	// AUC is the area under the ROC curve of the column for the class against the rest, or 1 minus that where it falls
	// with the class; 0 where Class is "".
	AUC float64 `json:"auc,omitempty"`
	// Mixed is how often neighbours in the order of the values are of different classes, beyond one change between
	// classes, as a share of how often they would be by chance; 0 = the classes are separate ranges or sets of values.
	Mixed float64 `json:"mixed"`
}

// String says what the column tells, in a sentence.
func (t Telling) String() string {
	if t.Class == "" {
		return fmt.Sprintf("column %q alone tells all classes", t.Column)
	}
	return fmt.Sprintf("column %q alone tells class %q from the others (ROC-AUC %.4f)", t.Column, t.Class, t.AUC)
}

// From which figures on a column counts as telling, and the fewest items that show it.
const (
	tellingAUC   = .9999
	tellingMixed = .02
	tellingItems = 2048 // that are looked at
	fewestItems  = 20
	fewestOfOne  = 5    // items of a class
	fewestAlone  = 20   // items of a class that is told from all others: of 10, measurements of textures tell some
	byChance     = 1e-3 // columns that may be found in a table of noise
)

// TellingColumns returns the columns of f that by themselves tell the class of an item: all classes, so that the values
// of each are a range or a set of their own, or one class from all others, with an area under the ROC curve of .9999
// and more. Columns that tell all classes come first; both are in the order of the columns. Values that are not finite
// are passed over.
//
// It looks at 2,048 items, drawn with a fixed seed, and at classes of 5 or more of them; fewer than 20 items or two
// such classes tell nothing, and neither do so few that some column of a table of noise would be found more often than
// once in a thousand tables. It takes O(n log n) for each column, with n the items looked at.
func TellingColumns(f *data.Frame) []Telling {
	names, class := f.Classes()
	items := make([]int, 0, f.N())
	for i, c := range class {
		if c >= 0 {
			items = append(items, i)
		}
	}
	if len(items) > tellingItems {
		rng := rand.New(rand.NewPCG(1, 17))
		rng.Shuffle(len(items), func(a, b int) { items[a], items[b] = items[b], items[a] })
		items = items[:tellingItems]
		slices.Sort(items) // memory is read in order
	}
	counts := make([]int, len(names))
	for _, i := range items {
		counts[class[i]]++
	}
	items = slices.DeleteFunc(items, func(i int) bool { return counts[class[i]] < fewestOfOne })
	if len(items) < fewestItems {
		return nil
	}
	found := make([]*Telling, f.F())
	parallel.For((f.F()+15)/16, func(part int) {
		points := make([]point, 0, len(items))
		for j := 16 * part; j < min(f.F(), 16*part+16); j++ {
			points = points[:0]
			for _, i := range items {
				if v := f.Row(i)[j]; v-v == 0 {
					points = append(points, point{v, class[i]})
				}
			}
			if found[j] = telling(points, names, f.F()); found[j] != nil {
				found[j].Column = f.Columns[j]
			}
		}
	})
	var list []Telling
	for _, t := range found {
		if t != nil {
			list = append(list, *t)
		}
	}
	slices.SortStableFunc(list, func(a, b Telling) int {
		return cmp.Compare(min(1, len(a.Class)), min(1, len(b.Class)))
	})
	return list
}

// point is a value of an item of a class.
type point struct {
	value float32
	class int
}

// telling returns what the points of a column, one of so many, tell, nil = nothing. It sorts them.
func telling(points []point, names []string, columns int) *Telling {
	n := len(points)
	if n < fewestItems {
		return nil
	}
	slices.SortFunc(points, func(a, b point) int {
		return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.class, b.class))
	})
	counts, ranks := make([]int, len(names)), make([]float64, len(names))
	changes, last := 0, points[0].class
	for from := 0; from < n; {
		to, most, run := from, 0, 0
		for ; to < n && points[to].value == points[from].value; to++ {
			c := points[to].class
			if to > from && c != points[to-1].class {
				run = 0
			}
			run++
			most = max(most, run)
			counts[c]++
		}
		// Equal values have the mean of their ranks; those of other classes than most lie between them by chance.
		for _, p := range points[from:to] {
			ranks[p.class] += float64(from+to+1) / 2
		}
		if changes += 2 * (to - from - most); points[from].class != last {
			changes++
		}
		last = points[to-1].class
		from = to
	}
	// All classes: neighbours differ in 1 - sum of p² of all places by chance, and at least once between two classes.
	present, same := 0, 0.
	arrangements, _ := math.Lgamma(float64(n + 1))
	for _, k := range counts {
		if k > 0 {
			present++
			same += float64(k) / float64(n) * float64(k) / float64(n)
			ways, _ := math.Lgamma(float64(k + 1))
			arrangements -= ways
		}
	}
	needed := math.Log(2 * float64(columns) * float64(present) / byChance)
	orders, _ := math.Lgamma(float64(present + 1))
	expected := float64(n)*(1-same) - float64(present-1)
	mixed := max(0, float64(changes-present+1)/max(1, expected))
	if present < 2 {
		return nil
	}
	if mixed <= tellingMixed && arrangements-orders > needed {
		return &Telling{Mixed: mixed}
	}
	var best *Telling
	for c, k := range counts {
		if k < fewestAlone || n-k < fewestAlone || logChoose(n, k) < needed {
			continue
		}
		auc := (ranks[c] - float64(k)*float64(k+1)/2) / (float64(k) * float64(n-k))
		if auc = max(auc, 1-auc); auc >= tellingAUC && (best == nil || auc > best.AUC) {
			best = &Telling{Class: names[c], AUC: auc, Mixed: mixed}
		}
	}
	return best
}

// logChoose is the logarithm of n over k.
func logChoose(n, k int) float64 {
	all, _ := math.Lgamma(float64(n + 1))
	one, _ := math.Lgamma(float64(k + 1))
	rest, _ := math.Lgamma(float64(n - k + 1))
	return all - one - rest
}

// TellingAdvice returns sentences on the columns, up to three of them by name, none where there are none. drop is how
// the reader is told to leave a column out, such as "Ignore".
func TellingAdvice(list []Telling, drop string) []string {
	var texts []string
	for _, t := range list[:min(len(list), 3)] {
		texts = append(texts,
			fmt.Sprintf("%s: if it is no measurement but a copy of the label or a number of the row, "+
				"leave it out (%s).", t, drop))
	}
	if more := len(list) - len(texts); more > 0 {
		texts = append(texts, fmt.Sprintf("%s more alone %s classes.", counted(more, "column"), plural(more, "tells",
			"tell")))
	}
	return texts
}
