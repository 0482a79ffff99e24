package reproduce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/run"
)

// Options say how notebooks are reproduced. Lab, Python and Log must be set; the zero value of the others is the default.
type Options struct {
	Lab       place.Lab
	Python    string        // interpreter of the virtual environment
	Kernel    string        // name of the kernel; "" = that with which the notebook was saved
	Tolerance float64       // numbers that differ by no more are within; 0 = none
	Timeout   time.Duration // for each cell; 0 = none
	Log       io.Writer     // progress
	Live      bool          // Log is a terminal
}

// Notebook is the verdict on a notebook.
type Notebook struct {
	Notebook string  `json:"notebook"` // its file, as it was named
	State    State   `json:"state"`    // the worst of its cells
	Kernel   string  `json:"kernel"`   // on which it was executed
	Kept     bool    `json:"kept"`     // its cells were not executed: what they had given before was kept
	Seconds  float64 `json:"seconds"`
	Cells    []Cell  `json:"cells"`            // its code cells
	Causes   []Cause `json:"causes,omitempty"` // what differs in the receipts of the notebook
	Receipt  bool    `json:"receipt"`          // it was saved with a receipt
	Error    string  `json:"error,omitempty"`  // why it could not be executed; cells may be missing then
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
	// Receipt = both receipts of the cell are there, so that the causes are all that are known of.
	Receipt bool `json:"receipt"`

	// Saved and Fresh are its outputs, for a page.
	Saved []notebook.Output `json:"-"`
	Fresh []notebook.Output `json:"-"`
}

// Execute executes the notebook at path in a scratch folder and returns the verdict. Nothing is written beside the
// notebook. The error is of reading the notebook, or matches [run.ErrInterrupted]; that it cannot be executed is a
// verdict.
func Execute(ctx context.Context, path string, o Options) (Notebook, error) {
	start := time.Now()
	saved, err := notebook.Read(path)
	if err != nil {
		return Notebook{}, err
	}
	saved.Clean("", "") // so that cells have ids
	kernel := o.Kernel
	if kernel == "" {
		kernel = saved.Kernel()
	}
	s, err := newScratch(filepath.Dir(path), leave(saved))
	defer s.remove()
	if err != nil {
		return Notebook{}, fmt.Errorf("a copy of the folder of %s: %w", path, err)
	}
	fresh, failed, err := execute(ctx, path, saved, kernel, s, o)
	if err != nil {
		return Notebook{}, err
	}
	v := judge(saved, fresh, failed, o.Tolerance)
	v.Notebook, v.Kernel, v.Seconds = path, kernel, time.Since(start).Seconds()
	if err := s.changed(); err != nil {
		v.fail(err)
	}
	return v, nil
}

// leave tells what a scratch folder for a notebook does without: what the notebook itself makes.
func leave(nb *notebook.Notebook) func(string, fs.DirEntry) bool {
	written, read := map[string]bool{}, map[string]bool{}
	for _, c := range nb.Cells {
		r := c.Receipt()
		if r == nil {
			continue
		}
		for _, f := range r.Read {
			read[f.Name] = true
		}
		for _, f := range r.Written {
			if !read[f.Name] { // what is read before it is written was there before
				written[f.Name] = true
			}
		}
	}
	return leftOut(append(nb.RunFolders(), "runs"), written)
}

// execute executes a copy of a notebook in a scratch folder. It returns what came out, nil where no cell was executed,
// and what failed; err is an interruption, or of the file system.
func execute(ctx context.Context, path string, saved *notebook.Notebook, kernel string, s *scratch, o Options) (
	fresh *notebook.Notebook, failed, err error) {
	content, err := saved.Bytes()
	if err != nil {
		return nil, nil, err
	}
	nb, err := notebook.Parse(content)
	if err != nil {
		return nil, nil, err
	}
	// The cell that has set parameters stays as it was.
	for _, c := range nb.Cells {
		c.Untag(notebook.TagInjected)
	}
	at := filepath.Join(s.dir, filepath.Base(path))
	if err := nb.Write(at); err != nil {
		return nil, nil, err
	}
	result, failed := run.Notebook(ctx, at, run.Options{Lab: o.Lab, Python: o.Python, Kernel: kernel, Timeout: o.Timeout,
		Out: filepath.Join(s.root, "out"), Log: o.Log, Live: o.Live})
	if errors.Is(failed, run.ErrInterrupted) || ctx.Err() != nil {
		return nil, nil, errors.Join(run.ErrInterrupted, failed)
	}
	if result.Notebook == "" {
		return nil, failed, nil
	}
	if fresh, err = notebook.Read(result.Notebook); err != nil {
		return nil, nil, err
	}
	fresh.Clean("", "")
	return fresh, failed, nil
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
		if cell.State != Same {
			cell.Causes, cell.Receipt = cellCauses(all, i)
		} else {
			_, cell.Receipt = cellCauses(all, i)
		}
		v.Cells = append(v.Cells, cell)
		v.State = worse(v.State, cell.State)
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
	was := one.saved.Receipt()
	if one.fresh == nil {
		return cell
	}
	is := one.fresh.Receipt()
	cell.Fresh = one.fresh.Outputs()
	saved, fresh := side{outputs: cell.Saved}, side{outputs: cell.Fresh}
	if was != nil {
		saved.volatile = was.Volatile
	}
	if is != nil {
		fresh.volatile, cell.Seconds = is.Volatile, is.Seconds
	}
	cell.Differences, cell.More = compare(saved, fresh, tolerance)
	cell.State = stateOf(cell.Differences)
	switch {
	case failed != nil && failed.Cell == one.place:
		cell.State, cell.Failure = Failed, strings.TrimSpace(failed.Line+"\n"+failed.Message)
	case was == nil && len(cell.Saved) == 0 && one.saved.Count() == 0:
		cell.State = New
	case was != nil && was.Outputs != one.saved.OutputsDigest():
		cell.State = Edited
	}
	return cell
}

// worse returns the worse of two verdicts.
func worse(a, b State) State { return states[max(slices.Index(states, a), slices.Index(states, b))] }

// fail makes the verdict that the notebook could not be executed.
func (v *Notebook) fail(err error) { v.State, v.Error = Failed, err.Error() }

// Good reports whether all is the same, or within what is expected.
func (s State) Good() bool { return s == Same || s == Within }
