package reading

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/parallel"
)

// classNames are usual names of columns of classes, which have no role by their name as they may be something else, in
// lower case and without other characters than letters.
var classNames = map[string]bool{"y": true, "ytrue": true, "classid": true, "classname": true, "classlabel": true,
	"classindex": true, "classidx": true, "labelid": true, "labelname": true, "labelidx": true, "labelindex": true,
	"labelencoded": true, "targetname": true, "targetid": true, "targetencoded": true, "targetclass": true,
	"category": true, "categoryid": true, "categoryname": true, "cat": true, "species": true, "speciesid": true,
	"identity": true, "identityid": true, "personid": true, "subjectid": true, "speakerid": true, "cluster": true,
	"clusterid": true, "groundtruth": true, "gt": true, "variety": true, "genre": true, "outcome": true,
	"diagnosis": true, "sku": true, "productid": true, "pid": true}

// likeClasses returns features that are called as classes often are, and have whole numbers of which some occur again.
func likeClasses(f *data.Frame) (columns []string) {
	for j, name := range f.Columns {
		letters := strings.Map(func(r rune) rune {
			if r < 'a' || r > 'z' {
				return -1
			}
			return r
		}, strings.ToLower(name))
		if !classNames[letters] {
			continue
		}
		values := map[float32]bool{}
		sound := true
		for i := 0; i < f.N() && sound; i++ {
			v := f.Row(i)[j]
			sound = whole(v) || v != v
			values[v] = true
		}
		if sound && len(values) < f.N() {
			columns = append(columns, name)
		}
	}
	return columns
}

// crowded returns the features whose values lie so near to each other, for their distance from 0, that float32 tells at
// most 256 of them apart or none: what the file has behind the seventh digit is lost. Columns of one value, which may
// be so in the file, are in single. Fewer than [minCounting] items show nothing. It takes O(F) for most tables: a live
// column is one whose values are all near the first.
func crowded(f *data.Frame) (few, single []string) {
	const steps = 1.0 / (1 << 16) // of 2^24 in a power of two
	if f.N() < minCounting {
		return nil, nil
	}
	first := f.Row(0)
	var live []int
	for j, v := range first {
		if v != 0 && v-v == 0 {
			live = append(live, j)
		}
	}
	differ := make(map[int]bool)
	for i := 1; i < f.N() && len(live) > 0; i++ {
		row := f.Row(i)
		live = slices.DeleteFunc(live, func(j int) bool {
			v := row[j]
			if v == first[j] {
				return false
			}
			differ[j] = true
			return !(math.Abs(float64(v)-float64(first[j])) <= steps*math.Abs(float64(first[j])))
		})
	}
	for _, j := range live {
		if differ[j] {
			few = append(few, f.Columns[j])
		} else if v := math.Abs(float64(first[j])); v >= 1<<20 {
			// 1 or 255 in every row is likely what the file has. A large number is likely one and a small difference.
			single = append(single, f.Columns[j])
		}
	}
	return few, single
}

// rising returns the features that rise or fall in equal steps from row to row, by fractions or too far for whole
// numbers to be found by [counting]: the seconds of a recording number its rows as well. A value may be off by a quarter
// of a step, as where it was written with few digits. Those of keep are meant to be features.
func rising(f *data.Frame, keep []string) (columns []string) {
	n := f.N()
	if n < minCounting {
		return nil
	}
	end := f.Row(n - 1)
	var live []int
	for j, v := range f.Row(0) {
		size := max(math.Abs(float64(v)), math.Abs(float64(end[j])))
		// Less is what float32 does not tell apart; it is false for NaN.
		if math.Abs(step(f, j)) > size*0x1p-21 && !slices.Contains(keep, f.Columns[j]) {
			live = append(live, j)
		}
	}
	for i := 1; i < n && len(live) > 0; i++ {
		row := f.Row(i)
		live = slices.DeleteFunc(live, func(j int) bool {
			by := step(f, j)
			off := float64(row[j]) - float64(f.Row(0)[j]) - float64(i)*by
			return !(math.Abs(off) <= math.Abs(by)/4+math.Abs(float64(row[j]))*0x1p-23)
		})
	}
	for _, j := range live {
		columns = append(columns, f.Columns[j])
	}
	return columns
}

// step is that from row to row of column j, by its first and last value.
func step(f *data.Frame, j int) float64 {
	return (float64(f.Row(f.N() - 1)[j]) - float64(f.Row(0)[j])) / float64(f.N()-1)
}

// rounds returns the features that count rows by rounds, as the levels of an index of pandas and numbers of folds do:
// 0, 1, 2, 0, 1, 2 and so on, or 0, 0, 1, 1, 2, 2. Rounds are of the same length, of which there are three or more,
// also where the last is cut. Those of keep are meant to be features.
func rounds(f *data.Frame, keep []string) (columns []string) {
	n := f.N()
	if n < 2*minCounting {
		return nil
	}
	first := f.Row(0)
	for j, v := range first {
		if !whole(v) || slices.Contains(keep, f.Columns[j]) {
			continue
		}
		at := func(i int) float32 { return f.Row(i)[j] - v }
		length, cycle := 1, at(1) == 1
		for length < n && (cycle && at(length) == float32(length) || !cycle && at(length) == 0) {
			length++
		}
		if length < 2 || 3*length > n+length-1 {
			continue
		}
		all := true
		for i := 0; i < n && all; i++ {
			want := i / length
			if cycle {
				want = i % length
			}
			all = at(i) == float32(want)
		}
		if all {
			columns = append(columns, f.Columns[j])
		}
	}
	return columns
}

// codes are numbers that stand for a missing value where a format has none: in surveys, of sensors, in rasters and in
// NetCDF.
var codes = []float32{-99, -999, -9999, -99999, -999999, -32768, 999, 9999, 99999, 999999, 1e20, -1e20, 9.96921e36,
	math.MaxFloat32, -math.MaxFloat32}

// likeCodes says of the upper 12 bits of a number whether a code has them, which tells most numbers from codes at once.
var likeCodes = func() (like [1 << 12]bool) {
	for _, code := range codes {
		like[math.Float32bits(code)>>20] = true
	}
	return like
}()

// coded is a column in which a number seems to stand for a missing value.
type coded struct {
	column    string
	code      float32
	count     int
	low, high float32 // of all other values
}

// missingCodes returns the columns in which one of the codes occurs more than once, five times as far from 0 as any
// other value.
func missingCodes(f *data.Frame) []coded {
	n, width := f.N(), f.F()
	const rows = 1 << 12
	found := make([][]int32, (n+rows-1)/rows) // columns that have one, by part
	parallel.For(len(found), func(part int) {
		var seen []bool
		to := min(n, (part+1)*rows)
		for i := part * rows; i < to; i++ {
			for j, v := range f.Row(i) {
				if likeCodes[math.Float32bits(v)>>20] && slices.Contains(codes, v) {
					if seen == nil {
						seen = make([]bool, width)
					}
					if !seen[j] {
						seen[j] = true
						found[part] = append(found[part], int32(j))
					}
				}
			}
		}
	})
	columns := slices.Concat(found...)
	slices.Sort(columns)
	var list []coded
	for _, j := range slices.Compact(columns) {
		if c, ok := codeOf(f, int(j)); ok {
			list = append(list, c)
		}
	}
	return list
}

// codeOf returns the code in column j, the one farthest from 0 where there are several.
func codeOf(f *data.Frame, j int) (coded, bool) {
	c := coded{column: f.Columns[j]}
	for i := range f.N() {
		if v := f.Row(i)[j]; slices.Contains(codes, v) && math.Abs(float64(v)) > math.Abs(float64(c.code)) {
			c.code = v
		}
	}
	others := 0
	for i := range f.N() {
		switch v := f.Row(i)[j]; {
		case v == c.code:
			c.count++
		case v-v != 0:
		case 5*math.Abs(float64(v)) > math.Abs(float64(c.code)):
			return c, false
		default:
			if others++; others == 1 {
				c.low, c.high = v, v
			}
			c.low, c.high = min(c.low, v), max(c.high, v)
		}
	}
	return c, c.count > 1 && others > 0
}

// doubts returns sentences on features that may not be what they seem: codes for missing, what counts rows, and columns
// that float32 does not tell apart. Call it once row numbers are left out.
func doubts(f *data.Frame, keep []string) (notes []string) {
	if list := missingCodes(f); len(list) > 0 {
		c := list[0]
		more := ""
		if k := len(list) - 1; k > 0 {
			more = fmt.Sprintf(", and %d more columns are alike", k)
		}
		notes = append(notes, fmt.Sprintf("column %q is %g in %d of %d items and from %g to %g in all others%s: if it means "+
			"a missing value, write NaN or nothing instead, or in a table of text name it in Missing (--missing), and "+
			"set AllowMissing (--allow-missing)", c.column, c.code, c.count, f.N(), c.low, c.high, more))
	}
	if even := rising(f, keep); len(even) > 0 {
		notes = append(notes, fmt.Sprintf("columns that rise or fall in equal steps from row to row, as the time of a "+
			"recording does: %s; leave them out with Ignore (--ignore) if they say no more than the row",
			listing.Quoted(even)))
	}
	if counts := rounds(f, keep); len(counts) > 0 {
		notes = append(notes, fmt.Sprintf("columns that count rows by rounds, as levels of an index and folds do: %s; leave "+
			"them out with Ignore (--ignore) if they say no more than the row", listing.Quoted(counts)))
	}
	few, single := crowded(f)
	if len(few) > 0 {
		notes = append(notes, fmt.Sprintf("columns whose values agree in all but the last of the seven digits of float32: "+
			"%s; subtract what they have in common before writing them", listing.Quoted(few)))
	}
	if len(single) > 0 {
		notes = append(notes, fmt.Sprintf("large columns with one value in all items, as far as the seven digits of "+
			"float32 tell: %s; if the file has several, subtract what they have in common before writing them",
			listing.Quoted(single)))
	}
	return notes
}
