package reading

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
)

// minCounting is the fewest rows that show that a column numbers them: a few small whole numbers are often in order by
// chance. Ten different ones of the same ten are so in one of 2,700 tables.
const minCounting = 10

// rowNames are usual names of columns that hold the number or name of a row, in lower case: those of pandas
// (reset_index), polars (with_row_index, with_row_count), R (row.names, tibble::rownames_to_column) and databases.
var rowNames = map[string]bool{"index": true, "idx": true, "row_nr": true, "row_index": true, "row_idx": true,
	"row_num": true, "row_number": true, "rownum": true, "rownumber": true, "row_id": true, "rowid": true,
	"rownames": true, "row_names": true, "row.names": true, "rowname": true, "row_name": true, "__index__": true}

// IsRowName reports whether a column is called as one that holds row numbers or names.
func IsRowName(column string) bool {
	name := strings.ToLower(column)
	if level, ok := strings.CutPrefix(name, "level_"); ok { // those of pandas.reset_index
		return level != "" && strings.Trim(level, "0123456789") == ""
	}
	return rowNames[name]
}

// keeping returns the options with KeepCounting among the columns of Keep, for what is left out by counting.
func (opt *Options) keeping() *Options {
	if len(opt.KeepCounting) == 0 {
		return opt
	}
	out := *opt
	out.Keep = slices.Concat(opt.Keep, opt.KeepCounting)
	return &out
}

// counter follows one column while rows go by.
type counter struct {
	column   int
	named    bool    // the name says that it numbers rows
	first    float32 // value of the first row
	step     float32 // from the first to the second row
	low      float32
	high     float32
	last     float32 // value of the row before: an equal one ends the search in most columns
	in       bool    // every value so far is first + row*step
	distinct bool    // worth a look whether values are a permutation
}

// counting returns the columns of f that number its rows, in order, without those that keep names. Such are columns of
// whole numbers that rise or fall by the same step from row to row, or that are those from k to k+N-1 in any order; and
// whole numbers of any kind in a column that is called index or the like. It takes O(F) for most tables, as few columns
// begin with whole numbers, and O(N) for each that does number them.
func counting(f *data.Frame, keep []string) []int {
	n := f.N()
	var live []*counter
	if n == 0 {
		return nil
	}
	for j, v := range f.Row(0) {
		c := &counter{column: j, first: v, low: v, high: v, last: v, in: true, distinct: n <= 1<<24}
		c.named = IsRowName(f.Columns[j])
		if !c.named && n < minCounting || !whole(v) || slices.Contains(keep, f.Columns[j]) {
			continue
		}
		live = append(live, c)
	}
	for i := 1; i < n && len(live) > 0; i++ {
		row := f.Row(i)
		live = slices.DeleteFunc(live, func(c *counter) bool { return !c.next(row[c.column], i, n) })
	}
	var found []int
	for _, c := range live {
		if c.named || c.in || c.distinct && c.permutes(f) {
			found = append(found, c.column)
		}
	}
	return found
}

// whole reports whether v is a finite whole number.
func whole(v float32) bool { return v == float32(int64(v)) && v-v == 0 }

// next takes the value of row i of n and reports whether the column may still number the rows.
func (c *counter) next(v float32, i, n int) bool {
	if !whole(v) {
		return false
	}
	if i == 1 {
		c.step = v - c.first
	}
	// Rounded as the number itself is: float32 does not tell row numbers past 2^24 apart.
	c.in = c.in && c.step != 0 && v == float32(float64(c.first)+float64(i)*float64(c.step))
	c.low, c.high = min(c.low, v), max(c.high, v)
	c.distinct = c.distinct && v != c.last && float64(c.high)-float64(c.low) < float64(n)
	c.last = v
	return c.named || c.in || c.distinct
}

// permutes reports whether the values, whole and at most N-1 apart, are all different. It takes N bits.
func (c *counter) permutes(f *data.Frame) bool {
	n := f.N()
	if float64(c.high)-float64(c.low) != float64(n-1) {
		return false
	}
	seen := make([]uint64, (n+63)/64)
	for i := range n {
		k := int(f.Row(i)[c.column] - c.low)
		seen[k/64] |= 1 << (k % 64)
	}
	total := 0
	for _, word := range seen {
		total += bits.OnesCount64(word)
	}
	return total == n
}
