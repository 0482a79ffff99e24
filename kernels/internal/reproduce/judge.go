package reproduce

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/run"
)

// Notebook is the verdict on a notebook.
type Notebook struct {
	Notebook string  `json:"notebook"` // its file, as it was named
	State    State   `json:"state"`    // the worst of its cells
	Kernel   string  `json:"kernel"`   // on which it was executed
	Kept     bool    `json:"kept"`     // its cells were not executed: what they had given before was kept
	Seconds  float64 `json:"seconds"`
	// Ran is when kept cells were executed; zero = they are not kept ones. Own = by the run that the notebook was saved
	// from: then nothing was executed twice.
	Ran     time.Time `json:"ran,omitzero"`
	Own     bool      `json:"own,omitempty"`
	Cells   []Cell    `json:"cells"`              // its code cells
	Causes  []Cause   `json:"causes,omitempty"`   // what differs in the receipts of the notebook
	Receipt bool      `json:"receipt"`            // it was saved with a receipt
	Error   string    `json:"error,omitempty"`    // why it could not be executed; cells may be missing then
	NotKept string    `json:"not_kept,omitempty"` // why what was executed is not kept for the next time
	Advice  string    `json:"advice,omitempty"`   // how to get the same bits, where portable ones would have helped
}

// Cell is the verdict on a code cell.
type Cell struct {
	Cell        int          `json:"cell"` // its place among all cells, counted from 1
	Line        string       `json:"line"` // the first line of its source that says something
	State       State        `json:"state"`
	Seconds     float64      `json:"seconds"` // 0 = not known
	Differences []Difference `json:"differences,omitempty"`
	More        int          `json:"more,omitempty"`    // differences that are not listed
	Failure     string       `json:"failure,omitempty"` // what the kernel said where it failed
	Causes      []Cause      `json:"causes,omitempty"`  // what its receipts and sources differ in
	// Session = it used values that a session had kept: they were not computed anew.
	Session bool `json:"session,omitempty"`
	// Receipt = both receipts of the cell are there, so that the causes are all that are known of.
	Receipt bool `json:"receipt"`

	// Saved and Fresh are its outputs, for a page.
	Saved []notebook.Output `json:"-"`
	Fresh []notebook.Output `json:"-"`
}

// judge compares what was saved with what came out. failed is what the execution ended with, nil = all went well.
func judge(saved, fresh *notebook.Notebook, failed error, tolerance float64) Notebook {
	v := Notebook{State: Same, Receipt: saved.Receipt() != nil, Cells: []Cell{}}
	var cellFailed *run.CellError
	if failed != nil && !errors.As(failed, &cellFailed) {
		v.fail(failed)
	}
	var all []executed
	for i, c := range saved.Cells {
		if c.Type() == "code" && !c.Empty() {
			all = append(all, executed{i + 1, c, sameCell(fresh, c)})
		}
	}
	if fresh != nil {
		v.Causes = notebookCauses(saved.Receipt(), fresh.Receipt())
	}
	for i, one := range all {
		cell := judgeCell(one, cellFailed, tolerance)
		causes, known := cellCauses(all, i)
		if cell.State == Failed { // what it did not come to read is no cause
			causes = slices.DeleteFunc(causes, func(c Cause) bool { return c.What == Data && c.Now == "" })
		}
		if cell.Receipt = known; cell.State != Same {
			cell.Causes = causes
		}
		v.Cells = append(v.Cells, cell)
		v.State = worse(v.State, cell.State)
	}
	if v.State != Same && v.State != New && fresh != nil && v.Receipt {
		v.Advice = advice(v.Causes, isPortable(saved), isPortable(fresh))
	}
	return v
}

// sameCell returns the cell of an executed notebook that stands for a saved one and was executed; nil = there is none.
func sameCell(fresh *notebook.Notebook, saved *notebook.Cell) *notebook.Cell {
	if fresh == nil {
		return nil
	}
	for _, c := range fresh.Cells {
		if c.ID() == saved.ID() && c.Count() > 0 {
			return c
		}
	}
	return nil
}

// judgeCell returns the verdict on a cell. failed is the failure that ended the execution, nil = there is none.
func judgeCell(one executed, failed *run.CellError, tolerance float64) Cell {
	cell := Cell{Cell: one.place, Line: run.FirstLine(one.saved.Source()), State: NotRun, Saved: one.saved.Outputs()}
	failedHere := failed != nil && failed.Cell == one.place
	if failedHere { // the kernel may have ended before it counted the cell
		cell.State, cell.Failure = Failed, strings.TrimSpace(failed.Line+"\n"+failed.Message)
	}
	if one.fresh == nil {
		return cell
	}
	was := one.saved.Receipt()
	is := one.fresh.Receipt()
	cell.Fresh = one.fresh.Outputs()
	saved, fresh := side{outputs: cell.Saved}, side{outputs: cell.Fresh}
	if was != nil {
		saved.volatile = was.Volatile
	}
	if is != nil {
		fresh.volatile, cell.Seconds, cell.Session = is.Volatile, is.Seconds, is.Session
	}
	cell.Differences, cell.More = compare(saved, fresh, tolerance)
	switch {
	case failedHere:
	case was == nil && len(cell.Saved) == 0 && one.saved.Count() == 0:
		cell.State = New
	case was != nil && was.Outputs != one.saved.OutputsDigest():
		cell.State = Edited
	default:
		cell.State = stateOf(cell.Differences)
	}
	return cell
}

// worse returns the worse of two verdicts.
func worse(a, b State) State { return states[max(slices.Index(states, a), slices.Index(states, b))] }

// fail makes the verdict that the notebook could not be executed.
func (v *Notebook) fail(err error) { v.State, v.Error = Failed, err.Error() }

// Good reports whether all is the same, or within what is expected.
func (s State) Good() bool { return s == Same || s == Within }
