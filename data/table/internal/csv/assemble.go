package csv

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"unsafe"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// assembler appends chunks to a frame in the order of the file. Its methods are called by one
// goroutine.
type assembler struct {
	ctx    context.Context //nolint:containedctx // of one call, for a callback
	source *source
	plan   *plan
	opt    *reading.Options
	frame  *data.Frame
	rows   int
	lines  []int // of each row, for errors about ids; empty where the items are numbered
	texts  int64 // bytes of ids, labels and domains beside their headers
	open   bool  // the last row has no line end
	tally  tally
}

// Bytes of an entry of a slice of strings and of one of ints, and of an entry of the map that finds ids that occur
// twice: key, value and the room that a map keeps free.
const (
	textHeader = 16
	intBytes   = 8
	mapEntry   = 56
)

// add appends a copy of the chunk, whose error it returns if it has one; the chunk may be reused afterwards. It is the
// callback of readRows. What the table takes is checked before more of it is copied: values, texts, and what is needed
// to number or compare ids at the end.
func (a *assembler) add(c *chunk) error {
	if err := a.source.checked(a.ctx, c, a.opt); err != nil {
		return err
	}
	f := a.frame
	a.reserve(c)
	a.rows += len(c.lines)
	a.texts += c.fresh
	hasID := a.plan.Has(data.RoleID)
	need := a.texts
	if hasID {
		need += int64(a.rows) * mapEntry
	} else {
		need += reading.NumberedBytes(0, a.rows)
	}
	// A slice that grows is there twice for a moment, one at a time.
	twice := int64(0)
	for _, slice := range [...][2]int64{grown(f.X, len(c.x), 4), grown(f.IDs, len(c.ids), textHeader),
		grown(f.Labels, len(c.labels), textHeader), grown(f.Domains, len(c.domains), textHeader),
		grown(a.lines, len(c.ids), intBytes)} {
		need += slice[0]
		twice = max(twice, slice[1])
	}
	need += twice
	if most := a.source.most; most > 0 && need > most {
		return &tableerr.Error{File: a.source.file, Line: c.line,
			Problem: fmt.Sprintf("the table takes more than %d MiB of memory", most>>20),
			Fix:     option.Do("raise %s if the file is sound", "MaxBytes").Or("use Scan")}
	}
	grow(&f.X, c.x)
	grow(&f.IDs, c.ids)
	grow(&f.Labels, c.labels)
	grow(&f.Domains, c.domains)
	if hasID {
		grow(&a.lines, c.lines)
	}
	a.open = c.open
	a.tally.missing += c.tally.missing
	a.tally.infinite += c.tally.infinite
	a.tally.blank += c.tally.blank
	a.tally.lost.Add(c.tally.lost)
	return nil
}

// reserve makes room for all values when the first chunk comes. The rest is taken to be like it, with 2 % added;
// growing by copying would need twice the memory for a moment. A wrong guess costs a copy, or is cut back by finish; of
// a compressed file nothing can be guessed, and no more than half of the bound is reserved on a guess.
func (a *assembler) reserve(c *chunk) {
	total := a.source.total
	if a.rows > 0 || total == 0 || a.source.compressed || a.source.utf16 || len(c.text) == 0 {
		return
	}
	rows := total/int64(len(c.text))*int64(len(c.lines)) + 2*int64(len(c.lines))
	values := (rows + rows/50) * int64(len(a.plan.Features))
	if most := a.source.most; most > 0 {
		values = min(values, most/8)
	}
	a.frame.X = make([]float32, 0, values)
}

// grown returns the bytes of a slice of values of that size after [grow] by n, and those of the old one if it is
// copied.
func grown[T any](s []T, n, size int) [2]int64 {
	after, before := int64(capacity(s, n))*int64(size), int64(0)
	if len(s)+n > cap(s) {
		before = int64(cap(s)) * int64(size)
	}
	return [2]int64{after, before}
}

// capacity is that of a slice that n values are appended to: a quarter more than now, where it does not suffice.
func capacity[T any](s []T, n int) int {
	if len(s)+n <= cap(s) {
		return cap(s)
	}
	return max(len(s)+n, cap(s)+cap(s)/4)
}

// grow appends to a slice as append does, by known steps, and lets the collector take large old ones at once: it would
// otherwise wait until as much again is allocated.
func grow[T any](s *[]T, more []T) {
	old := len(*s)
	if old+len(more) <= cap(*s) {
		*s = append(*s, more...)
		return
	}
	next := make([]T, old, capacity(*s, len(more)))
	copy(next, *s)
	*s = append(next, more...)
	if uintptr(old)*unsafe.Sizeof(more[0]) > 8<<20 {
		runtime.GC()
	}
}

// finish returns the frame after the checks that need the whole table: that there are rows, and
// that ids are unique. It numbers items without ids, and drops labels that are all empty.
func (a *assembler) finish() (*data.Frame, error) {
	f := a.frame
	if a.rows == 0 {
		return nil, headerOnly(a.source.file)
	}
	if a.plan.Has(data.RoleID) {
		first := make(map[string]int, len(f.IDs))
		for i, id := range f.IDs {
			if other, ok := first[id]; ok {
				return nil, &tableerr.Error{File: a.source.file, Line: a.lines[i], Column: a.plan.NameOf(data.RoleID),
					Text:    id,
					Problem: fmt.Sprintf("is also the id of line %d", a.lines[other]),
					Fix:     reading.OwnIDs}
			}
			first[id] = i
		}
	} else {
		f.IDs = reading.Numbered(0, a.rows)
	}
	f.Numbered = a.plan.CountsRows(f.IDs)
	if reading.AllEmpty(f.Labels) {
		f.Labels = nil
	}
	// The guess of add was much too high: a copy frees more than it costs.
	if cap(f.X) > len(f.X)+len(f.X)/4+1 {
		f.X = slices.Clone(f.X)
	}
	return f, nil
}
