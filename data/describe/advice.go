package describe

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/internal/listing"
)

// From which ratios on advice mentions a difference. They are rules of thumb: below, it rarely matters.
const (
	uneven     = 10  // items of the largest class to those of the smallest
	spreadOut  = 100 // standard deviation of the widest column to that of the narrowest
	unevenSize = 2   // columns of the widest block to those of the narrowest
)

// advise fills Advice, which is never empty. All other fields must be filled. What prevents training comes first, what
// may be left as it is last.
func (d *Description) advise() {
	for _, text := range TellingAdvice(d.Telling, "Ignore, in the command --ignore") {
		d.say("%s", strings.ToUpper(text[:1])+text[1:])
	}
	d.adviseValues()
	d.adviseItems()
	d.adviseClasses()
	d.adviseScales()
	if len(d.Advice) == 0 {
		d.say("Nothing stands out.")
	}
}

// say adds a sentence to the advice. Sentences are complete: they begin with a capital letter or a number and end in a
// full stop, so that each can stand by itself in a list.
func (d *Description) say(format string, args ...any) {
	d.Advice = append(d.Advice, fmt.Sprintf(format, args...))
}

// adviseValues covers values that cannot be trained on and columns that tell nothing: infinite, missing, constant,
// repeated.
func (d *Description) adviseValues() {
	if d.Infinite > 0 {
		names := d.columnsWhere(func(c ColumnStats) int { return c.Infinite })
		d.say("%s infinite in %s: find out where they come from, then drop or fill them: %s.", values(d.Infinite),
			columns(len(names)), few(names))
	}
	// A column without a value cannot be filled, which ends a training: it is another case.
	none := d.columnsWhere(func(c ColumnStats) int { return truth(d.empty(c)) })
	if k := len(none); k > 0 {
		d.say("%s no value at all and cannot be filled: leave %s out: %s.", columns(k)+" "+plural(k, "has", "have"),
			plural(k, "it", "them"), few(none))
	}
	if missing := d.Missing - len(none)*d.Items; missing > 0 {
		names := d.columnsWhere(func(c ColumnStats) int { return truth(!d.empty(c)) * c.Missing })
		d.say("%s missing in %s: fill them (fitted on training items) or drop the columns: %s.", values(missing),
			columns(len(names)), few(names))
	}
	constant := d.columnsWhere(func(c ColumnStats) int { return truth(c.Constant && c.Min == c.Max && !d.empty(c)) })
	if k := len(constant); k > 0 {
		d.say("%s constant and %s nothing: %s.", be(columns(k), k), plural(k, "tells", "tell"), few(constant))
	}
	d.advisePrecision()
	if k := d.RepeatedColumns; k > 0 {
		d.say("%s %s another one and could be dropped: %s.", columns(k), plural(k, "repeats", "repeat"),
			few(d.columnsWhere(func(c ColumnStats) int { return truth(c.SameAs != "") })))
	}
}

// empty reports whether a column has no value but missing ones.
func (d *Description) empty(c ColumnStats) bool { return c.Missing == d.Items }

// coarse is how many steps of float32 the standard deviation of a column must be for its digits to be worth the name:
// with fewer, different values become one.
const coarse = 100

// advisePrecision covers columns of which float32, the type of all features, does not hold enough: their values lie far
// from 0 and close together, as times and years do, or they are smaller than can be scaled.
func (d *Description) advisePrecision() {
	flat := d.columnsWhere(func(c ColumnStats) int { return truth(c.Constant && c.Min != c.Max) })
	if k := len(flat); k > 0 {
		d.say("%s by no more than the precision of features (float32: 7 digits, spreads above 1e-30) and %s as "+
			"constant: subtract their means, or multiply them, where the table is made: %s.",
			columns(k)+" "+plural(k, "varies", "vary"), plural(k, "counts", "count"), few(flat))
	}
	rounded := d.columnsWhere(func(c ColumnStats) int { return truth(!c.Constant && c.fewSteps()) })
	if k := len(rounded); k > 0 {
		d.say("%s far from 0 for %s spread: features are float32, of 7 digits, and different values may have become "+
			"one: subtract the mean where the table is made: %s.", columns(k)+" "+plural(k, "lies", "lie"),
			plural(k, "its", "their"), few(rounded))
	}
}

// fewSteps reports whether the standard deviation is below [coarse] steps of float32 at the column's largest magnitude,
// and that is beyond the whole numbers that float32 holds exactly with a digit to spare. Small whole numbers, such as
// counts and years, lose nothing.
func (c ColumnStats) fewSteps() bool {
	largest := float32(max(math.Abs(c.Min), math.Abs(c.Max)))
	step := float64(math.Nextafter32(largest, float32(math.Inf(1))) - largest)
	return c.Std < coarse*step && (largest >= 1<<20 || !c.whole())
}

// whole reports whether what is known of the values are whole numbers.
func (c ColumnStats) whole() bool {
	for _, v := range []float64{c.Min, c.Q1, c.Median, c.Q3, c.Max} {
		if 2*v != math.Trunc(2*v) { // quartiles of whole numbers may lie in the middle of two
			return false
		}
	}
	return true
}

// adviseItems covers duplicates: exact and near ones, and groups whose labels contradict each other. Counts are of
// items beyond the first of each group, since those are what can be dropped.
func (d *Description) adviseItems() {
	// Near holds the exact ones too.
	exact, all := surplus(d.Duplicates.Exact), surplus(d.Duplicates.Near)
	if exact > 0 {
		d.say("%s exactly %s another one: drop %s, or keep copies on one side of a split.", counted(exact, "item"),
			plural(exact, "repeats", "repeat"), plural(exact, "it", "them"))
	}
	if near := all - exact; near > 0 {
		d.say("%s nearly another one (similarity %g and up): keep them on one side of a split.%s",
			be(counted(near, "item"), near), d.Duplicates.Threshold, d.byChance())
	}
	if k := len(d.Conflicts); k > 0 {
		d.say("%s of duplicates %s different labels: look for wrong ones, first at %s.", counted(k, "group"),
			plural(k, "has", "have"), listing.Quoted(d.DuplicateIDs[d.Conflicts[0]]))
	}
}

// fewColumns is the number of columns that vary below which different items are near each other by chance.
const fewColumns = 10

// byChance returns a sentence, after a blank, on near duplicates of items of few columns; "" where there are more.
func (d *Description) byChance() string {
	if vary := d.Features - d.ConstantColumns; vary < fewColumns {
		return fmt.Sprintf(" With %s that %s, different items are near each other by chance.", columns(vary),
			plural(vary, "varies", "vary"))
	}
	return ""
}

// adviseClasses covers labels, class sizes and domains: what keeps pairs from being drawn, or makes them all too easy.
func (d *Description) adviseClasses() {
	if !d.Labelled {
		d.say("No item has a label: pairs of items must be given, or labels joined to them.")
		return
	}
	if k := d.Unlabelled; k > 0 {
		d.say("%s no label and cannot be trained on.", counted(k, "item")+" "+plural(k, "has", "have"))
	}
	// A class of one item makes no positive pair, and cannot be on two sides of a split.
	var lone []string
	for _, c := range d.Classes {
		if c.Items == 1 {
			lone = append(lone, c.Name)
		}
	}
	if k := len(lone); k > 0 {
		d.say("%s one item only, which makes no pair of the same class: %s.",
			plural(k, "1 class has", fmt.Sprintf("%d classes have", k)), few(lone))
	}
	if small, large := d.extremeClasses(); len(d.Classes) == 1 {
		d.say("There is one class only, %s: no pair of different classes can be made.", named(large.Name))
	} else if d.Imbalance >= uneven {
		d.say("Class %s has %.3g times the items of %s (%d and %d): stratify splits, and draw pairs by class.",
			named(large.Name), d.Imbalance, named(small.Name), large.Items, small.Items)
	}
	// Then telling domains apart answers every question about pairs across them.
	if len(d.Domains) > 1 && !slices.ContainsFunc(d.Classes, func(c ClassStats) bool { return c.Domains > 1 }) {
		d.say("No class occurs in two domains: all pairs across domains are different, and easy; " +
			"look at each domain by itself.")
	}
}

// adviseScales covers outliers and differences in scale between columns and blocks. A cosine weighs a column by its
// variance and a block by its columns.
func (d *Description) adviseScales() {
	if d.Outliers > 0 {
		w := d.WorstOutliers[0]
		d.say("%s %s (%.2g %%), in %s: errors, or long tails that a robust scaler or a signed square root "+
			"draws in. The farthest: %s of item %s is %.4g.",
			values(d.Outliers), plural(d.Outliers, "an outlier", "outliers"), 100*float64(d.Outliers)/float64(d.Items*d.Features), columns(d.OutlierColumns),
			named(w.Column), named(w.ID), w.Value)
	}
	narrow, wide := math.Inf(1), 0.0 // without columns that vary, no ratio is reached
	for _, c := range d.Columns {
		if !c.Constant {
			narrow, wide = min(narrow, c.Std), max(wide, c.Std)
		}
	}
	if wide >= spreadOut*narrow {
		d.say("Standard deviations of columns run from %.3g to %.3g: standardise, or the widest decide alone.",
			narrow, wide)
	}
	if len(d.Blocks) < 2 { // nothing to compare
		return
	}
	// Columns of equal variance weigh the same, so the wider block decides.
	by := func(a, b BlockStats) int { return cmp.Compare(a.Columns, b.Columns) }
	small, large := slices.MinFunc(d.Blocks, by), slices.MaxFunc(d.Blocks, by)
	if large.Columns >= unevenSize*small.Columns {
		d.say("Block %s has %d columns, %s %d: scale by block where they should weigh the same.", named(large.Name),
			large.Columns, named(small.Name), small.Columns)
	}
}

// columnsWhere names the columns in which of is above 0, those with the most first, equal ones in their order.
func (d *Description) columnsWhere(of func(ColumnStats) int) []string {
	var list []ColumnStats
	for _, c := range d.Columns {
		if of(c) > 0 {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b ColumnStats) int { return cmp.Compare(of(b), of(a)) })
	names := make([]string, len(list))
	for k, c := range list {
		names[k] = c.Name
	}
	return names
}

// few quotes up to three names and counts the others: advice is read on one screen.
func few(names []string) string {
	const most = 3
	text := listing.Quoted(names[:min(len(names), most)])
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// truth returns 1 for true and 0 for false.
func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// plural returns one for 1 and many for other numbers, 0 included.
func plural(k int, one, many string) string {
	if k == 1 {
		return one
	}
	return many
}

// counted, columns, be and values make the beginnings of sentences: "2 items", "1 column", "1 column is", "3 values
// are". The plural of what is with an s.
func counted(k int, what string) string { return fmt.Sprintf("%d %s", k, plural(k, what, what+"s")) }
func columns(k int) string              { return counted(k, "column") }
func be(what string, k int) string      { return what + " " + plural(k, "is", "are") }
func values(k int) string               { return be(counted(k, "value"), k) }
