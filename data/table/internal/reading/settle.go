package reading

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/listing"
)

// Settle does to a frame that was read what all formats have in common, and adds it to the explanation: labels and
// domains that are words for missing become unknown, columns that number the rows are left out, and values that are
// not those of the file are told. It changes f in
// place. Call it once, by the door through which a whole table is read.
func Settle(f *data.Frame, e *Explanation, opt *Options) {
	note := func(format string, args ...any) { e.Notes = append(e.Notes, fmt.Sprintf(format, args...)) }
	opt = opt.keeping()
	words := WordsOf(opt)
	for _, role := range []struct {
		name  string
		texts []string
		count *int
	}{{"label", f.Labels, &e.UnknownLabels}, {"domain", f.Domains, &e.UnknownDomains}} {
		n, first := words.clear(role.texts)
		*role.count = n
		switch empty := countEmpty(role.texts); {
		case n > 0:
			note("%ss: %d of %d are unknown, as %q and the like mean a missing value; Missing (--missing) gives other "+
				"words", role.name, empty, f.N(), first)
		case empty > 0:
			note("%ss: %d of %d are empty, and so unknown", role.name, empty, f.N())
		}
		if n := plainWholes(role.texts); n > 0 {
			note("%ss: %d whole numbers in the notation of numpy.savetxt are spelt as 1, 2 and so on", role.name, n)
		}
	}
	if n := plainWholes(f.IDs); n > 0 {
		note("ids: %d whole numbers in the notation of numpy.savetxt are spelt as 1, 2 and so on", n)
	}
	if n, first := roundedIDs(f.IDs); n > 0 {
		note("ids: %d of %d are written as %q, which may be what a spreadsheet left of longer ones: format the column "+
			"as text there and write the table again", n, f.N(), first)
	}
	if AllEmpty(f.Labels) {
		f.Labels = nil
	}
	for _, role := range []struct {
		name  string
		texts []string
		found *[][2]string
	}{{"label", f.Labels, &e.AlikeLabels}, {"domain", f.Domains, &e.AlikeDomains}} {
		if *role.found = alike(role.texts); len(*role.found) > 0 {
			a, b := asciiIfAlike((*role.found)[0])
			note("%ss: %s and %s are two, though they differ in spelling only (%d such pairs): write them alike if "+
				"they are one", role.name, a, b, len(*role.found))
		}
	}
	if words := doubtfulClasses(f.Labels); len(words) > 0 {
		note("labels: classes called %s: where that means that the class is not known, name it in Missing (--missing)",
			listing.Quoted(words))
	}
	for _, role := range []struct {
		name  string
		texts []string
	}{{"ids", f.IDs}, {"labels", f.Labels}, {"domains", f.Domains}} {
		if problem := quoted(role.texts); problem != "" {
			note("%s %s", role.name, problem)
		}
	}
	if e.Label == "" {
		if columns := likeClasses(f); len(columns) > 0 {
			note("features that are called as classes often are: %s; name one in Label (--label) if it holds them, and "+
				"leave it out with Ignore (--ignore) if they are known from elsewhere", listing.Quoted(columns))
		}
	}
	if class, one := f.OneClass(); one {
		note("labels: %q is the only class; learning needs at least two", class)
	}
	e.Notes = append(e.Notes, e.valueNotes()...)
	e.Counting = dropCounting(f, counting(f, opt.Keep), note)
	e.Notes = append(e.Notes, doubts(f, opt.Keep)...)
	if e.Counting != nil {
		e.Features, e.Blocks = f.F(), f.Blocks
		e.Ignored = append(slices.Clone(e.Ignored), e.Counting...)
	}
}

// dropCounting leaves the given columns out of f, in place, and returns their names. A table that would have no feature
// left keeps them.
func dropCounting(f *data.Frame, columns []int, note func(string, ...any)) []string {
	if len(columns) == 0 {
		return nil
	}
	names := make([]string, len(columns))
	for k, j := range columns {
		names[k] = f.Columns[j]
	}
	if len(columns) == f.F() {
		note("features: %s number the rows, and stay only because there is nothing else", listing.Quoted(names))
		return nil
	}
	note("left out, because they number the rows: %s; Keep (--keep) makes them features", listing.Quoted(names))
	without(f, columns)
	return names
}

// without removes columns, given in order, from f in place. X keeps its memory.
func without(f *data.Frame, columns []int) {
	width := f.F()
	keep := make([]int, 0, width)
	for j := range width {
		if _, out := slices.BinarySearch(columns, j); !out {
			keep = append(keep, j)
		}
	}
	at := 0
	for i := range f.N() {
		row := f.X[i*width : (i+1)*width]
		for _, j := range keep {
			f.X[at] = row[j]
			at++
		}
	}
	f.X = f.X[:at]
	var blocks []data.Block
	start := 0
	for _, b := range f.Blocks {
		end := start + b.Width()
		for _, j := range columns {
			if b.Start <= j && j < b.End {
				end--
			}
		}
		if end > start {
			blocks = append(blocks, data.Block{Name: b.Name, Start: start, End: end})
		}
		start = end
	}
	names := make([]string, len(keep))
	for k, j := range keep {
		names[k] = f.Columns[j]
	}
	f.Columns, f.Blocks = names, blocks
}

// Settler returns what [Settle] is for the parts of a scan. Which columns number the rows is decided by the first part,
// so that all parts have the same columns.
func Settler(opt *Options) func(*data.Frame) {
	words := WordsOf(opt)
	var columns []int
	opt = opt.keeping()
	begun := false
	return func(f *data.Frame) {
		words.clear(f.Labels)
		words.clear(f.Domains)
		for _, texts := range [][]string{f.IDs, f.Labels, f.Domains} {
			plainWholes(texts)
		}
		if !begun {
			begun = true
			if columns = counting(f, opt.Keep); len(columns) == f.F() {
				columns = nil
			}
		}
		if len(columns) > 0 {
			without(f, columns)
		}
	}
}
