package table

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/formula"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
)

// match returns the pairs, with the ids looked up in frame and every row checked. The first error ends it, except that
// rows with unknown ids are counted before they are an error, or are left out.
func (r *pairReader) match(frame *data.Frame) (Pairs, error) {
	var pairs Pairs
	if r.weight != nil {
		pairs.Weight = []float32{}
	}
	var unknown *Error
	for k := range r.e.Rows {
		l, okLeft := r.item(r.left, k)
		right, okRight := r.item(r.right, k)
		fail := func(column, problem, fix string) error {
			return r.fail(k, column, problem, option.Do(fix))
		}
		switch {
		case !okLeft || !okRight:
			if r.e.Unknown++; unknown == nil {
				column, ids := r.e.Left, r.left
				if okLeft {
					column, ids = r.e.Right, r.right
				}
				unknown = r.unknown(frame, k, column, ids)
			}
			continue
		case l == right:
			return Pairs{}, fail(r.e.Right, fmt.Sprintf("item %q is paired with itself", r.left[k]), "remove the row")
		case !(r.label[k] >= 0 && r.label[k] <= 1):
			return Pairs{}, fail(r.e.Label, fmt.Sprintf("the label is %v", r.label[k]),
				"write 1 for same, 0 for different, or a number between")
		case r.weight != nil && r.weight[k] < 0:
			return Pairs{}, fail(r.e.Weight, fmt.Sprintf("the weight is %v", r.weight[k]),
				"write a number of 0 or more")
		}
		pairs.Left, pairs.Right, pairs.Label = append(pairs.Left, l), append(pairs.Right, right), append(pairs.Label,
			r.label[k])
		if r.weight != nil {
			pairs.Weight = append(pairs.Weight, r.weight[k])
		}
	}
	r.e.Pairs = len(pairs.Label)
	alike := r.alike(unknown != nil)
	if unknown != nil && (!r.opt.AllowUnknown || r.e.Pairs == 0 || alike != nil) {
		unknown.Problem += fmt.Sprintf(" (%d of %d rows name an id that the frame lacks)", r.e.Unknown, r.e.Rows)
		if alike != nil {
			unknown.Problem += "; " + alike.String()
			unknown.Fix = option.Do("write the ids alike in both files")
		}
		return Pairs{}, unknown
	}
	if unknown != nil {
		r.note("%d of %d rows are left out, because the frame lacks an id; the first is row %d", r.e.Unknown, r.e.Rows,
			unknown.Row+int64(unknown.Line))
	}
	return pairs, nil
}

// fail returns the error for row k (from 0): its line in a list, else its number.
func (r *pairReader) fail(k int, column, problem string, fix option.Fix) *Error {
	e := &Error{File: r.path, Row: int64(k + 1), Column: column, Problem: problem, Fix: fix}
	if r.lines != nil {
		e.Row, e.Line = 0, r.lines[k]
	}
	return e
}

// item returns the item that row k names, false = none. ids is nil for a column without any text.
func (r *pairReader) item(ids []string, k int) (int32, bool) {
	if ids == nil {
		return 0, false
	}
	i, ok := r.at[ids[k]]
	return i, ok && i >= 0
}

// unknown returns the error for row k (from 0), whose id in column the frame lacks.
func (r *pairReader) unknown(frame *data.Frame, k int, column string, ids []string) *Error {
	e := r.fail(k, column, "the id is empty", option.Do("name an item"))
	switch {
	case ids == nil || ids[k] == "":
	case r.at[ids[k]] < 0:
		e.Problem = fmt.Sprintf("%q stands for several items, which differ in their folders or endings only", ids[k])
		e.Fix = option.Do("keep one of them")
	case r.opt.ByRow:
		e.Problem = fmt.Sprintf("there is no row %q; rows are counted from %s to %s", ids[k], r.first(frame, 0),
			r.first(frame, frame.N()-1))
		e.Fix = option.Do("correct the row numbers").Or("leave out %s where these are ids", "PairOptions.ByRow")
	default:
		e.Problem = fmt.Sprintf("no item is called %q; nearest: %s", ids[k],
			listing.Quoted(frame.NearestIDs(ids[k], 3)))
		e.Fix = option.Do("correct the ids").Or("set %s to leave such pairs out", "PairOptions.AllowUnknown")
	}
	return e
}

// place fills r.at with the item of every id, or of every row number.
func (r *pairReader) place(frame *data.Frame) {
	r.at = make(map[string]int32, frame.N())
	escaped := r.opt.EscapedFormulas && !r.opt.ByRow
	for i := range frame.N() {
		id := r.first(frame, i)
		// Beside its escaped form an id stays as it is, unless that is the escaped form of another one.
		if !escaped || formula.Unescape(id) == id {
			r.at[id] = int32(i)
		}
		if escaped {
			r.at[formula.Escape(id)] = int32(i)
		}
	}
	if r.opt.ByRow {
		r.note("ids: rows of the frame, counted from %s", r.first(frame, 0))
	}
}

// first returns what the list calls item i: its id, or its row from 1 on. A frame without ids of its own has the
// numbers of its rows already, which a table with an index of pandas counts from 0.
func (r *pairReader) first(frame *data.Frame, i int) string {
	if r.opt.ByRow && !frame.Numbered {
		return strconv.Itoa(i + 1)
	}
	return frame.IDs[i]
}

// alike looks for ids that the list and the frame write differently, where some are unknown.
func (r *pairReader) alike(unknown bool) *spelling {
	if !unknown || r.opt.ByRow {
		return nil
	}
	named, missing := map[string]bool{}, []string(nil)
	for _, ids := range [][]string{r.left, r.right} {
		for _, id := range ids {
			if _, ok := r.at[id]; !ok && !named[id] {
				missing = append(missing, id)
			}
			named[id] = true
		}
	}
	var others []string
	for id := range r.at {
		if !named[id] {
			others = append(others, id)
		}
	}
	slices.Sort(others) // a map has no order, and examples are printed
	return differently(missing, others)
}

// direction settles which number means same. The classes of the frame, where it has some, can tell that 0 does: most
// pairs labelled 0 are then of one class, and most of those labelled 1 of two.
func (r *pairReader) direction(frame *data.Frame, pairs *Pairs) error {
	if r.opt.Same == "0" {
		if r.worded {
			return r.fault("Same", "labels are words, and 0 is no word")
		}
		for k, label := range pairs.Label {
			pairs.Label[k] = 1 - label
		}
		r.note("label: 0 means same, as given")
		return nil
	}
	if r.opt.Same == "1" || r.worded || frame.Labels == nil {
		return nil
	}
	var count, same [2]int // of the pairs labelled 0 and 1 whose items have classes
	for k, label := range pairs.Label {
		a, b := frame.Labels[pairs.Left[k]], frame.Labels[pairs.Right[k]]
		if a == "" || b == "" || label != 0 && label != 1 {
			continue
		}
		count[int(label)]++
		if a == b {
			same[int(label)]++
		}
	}
	if min(count[0], count[1]) < 3 || 10*same[0] < 9*count[0] || 10*same[1] > count[1] {
		return nil
	}
	return &Error{File: r.path, Column: r.e.Label, Problem: fmt.Sprintf(
		"0 seems to mean same: by the classes of the items %d of %d pairs labelled 0 are the same, and %d of %d labelled 1",
		same[0], count[0], same[1], count[1]),
		Fix: option.Do("write 1 for same").Or(`set %s to "0", or to "1" if the labels are right`, "PairOptions.Same")}
}
