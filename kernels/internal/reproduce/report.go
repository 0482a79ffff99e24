package reproduce

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/go-siamese/lab/data/quote"
)

// Format is the version of the JSON that [Report.JSON] writes. Fields may be added to one; it counts up when one is
// taken away or means something else.
const Format = 1

// Report is what `kernels reproduce` says, and its JSON.
type Report struct {
	Format    int        `json:"format"`
	Lab       string     `json:"lab"`       // version of the lab that reproduced
	Good      bool       `json:"good"`      // every cell is the same or within
	Tolerance float64    `json:"tolerance"` // the stated one, 0 = none
	Notebooks []Notebook `json:"notebooks"`
}

// NewReport returns the report on notebooks.
func NewReport(version string, tolerance float64, notebooks []Notebook) Report {
	r := Report{Format: Format, Lab: version, Good: true, Tolerance: tolerance, Notebooks: notebooks}
	for _, nb := range notebooks {
		r.Good = r.Good && nb.State.Good()
	}
	return r
}

// JSON writes the report as JSON.
func (r Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// Text writes the verdict on a notebook for a terminal: a line for each cell, and what differs below it. Texts of the
// notebook are quoted, so that they move nothing.
func (v Notebook) Text(w io.Writer) error {
	var b strings.Builder
	for _, c := range v.Cells {
		fmt.Fprintf(&b, "%-10s cell %-3d %s\n", c.State, c.Cell, quote.Line(c.Line))
		for _, line := range c.Lines() {
			fmt.Fprintf(&b, "%17s %s\n", "", quote.Line(line))
		}
	}
	for _, line := range v.Lines() {
		fmt.Fprintln(&b, quote.Line(line))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Lines says in a few lines what the verdict on a notebook rests on.
func (v Notebook) Lines() []string {
	var lines []string
	counts := map[State]int{}
	session := ""
	for _, c := range v.Cells {
		if counts[c.State]++; c.Session {
			session += fmt.Sprintf(" %d", c.Cell)
		}
	}
	var parts []string
	for _, s := range states {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	text := fmt.Sprintf("%s: %s of %d cells", v.State, strings.Join(parts, ", "), len(v.Cells))
	if v.Kept {
		text += fmt.Sprintf(", all from kept cells, which ran on %s", v.Ran.Local().Format("2006-01-02 15:04"))
		if v.Own {
			text += ": the run that it was saved from"
		}
		text += " (--fresh executes them)"
	}
	lines = append(lines, text)
	if v.Error != "" {
		lines = append(lines, "error: "+v.Error)
	}
	if session != "" {
		when := "now"
		if v.Kept {
			when = "then"
		}
		lines = append(lines, fmt.Sprintf("not computed %s, since a session had kept their values: cells%s", when, session))
	}
	if v.NotKept != "" {
		lines = append(lines, v.NotKept)
	}
	for _, c := range v.Causes {
		lines = append(lines, "differs: "+c.String())
	}
	if v.Advice != "" {
		lines = append(lines, v.Advice)
	}
	switch {
	case !v.Receipt:
		lines = append(lines, "it was saved without a receipt: nothing is known of how it was executed")
	case len(v.Causes) == 0 && v.State.Good() && v.Error == "":
	case len(v.Causes) == 0 && v.Error == "":
		lines = append(lines, "processor, plugin, modules, Go and the lab's code are what they were")
	}
	return lines
}

// Lines says what differs in a cell, and what may have caused it; nil where all is the same.
func (c Cell) Lines() []string {
	if c.State == Same {
		return nil
	}
	var lines []string
	switch c.State {
	case Edited:
		lines = append(lines, "its saved outputs are not those that were executed")
	case New:
		lines = append(lines, "nothing was saved")
	case NotRun:
		lines = append(lines, "not executed, since an earlier cell failed")
	}
	if c.Failure != "" {
		lines = append(lines, strings.Split(c.Failure, "\n")...)
	}
	const shown = 5
	for i, d := range c.Differences {
		if c.State == New || c.State == NotRun || c.State == Failed {
			break // what is missing is no news
		}
		if i == shown {
			lines = append(lines, fmt.Sprintf("and %d more differences", len(c.Differences)-shown+c.More))
			break
		}
		lines = append(lines, d.String())
	}
	for _, cause := range c.Causes {
		lines = append(lines, "cause: "+cause.String())
	}
	switch {
	case c.State == Edited || c.State == New || c.State == NotRun || len(c.Causes) > 0:
	case !c.Receipt:
		lines = append(lines, "no cause is known: a receipt of the cell is missing")
	default:
		lines = append(lines, "no cause is known in the cell: its code, its files and its facts are what they were")
	}
	return lines
}

// String returns the difference in one line.
func (d Difference) String() string {
	text := fmt.Sprintf("output %d, %s", d.Output, d.Part)
	if d.Row != "" || d.Column != "" {
		text += fmt.Sprintf(", row %q, column %q", d.Row, d.Column)
	}
	text += ": "
	switch d.What {
	case Number:
		text += d.Saved + ", now " + d.Fresh
	case Picture:
		if d.SavedSize != d.FreshSize {
			text += fmt.Sprintf("a picture of %d×%d pixels, now %d×%d", d.SavedSize[0], d.SavedSize[1], d.FreshSize[0],
				d.FreshSize[1])
			break
		}
		text += fmt.Sprintf("%d of %d pixels differ, by at most %.3g of 255", d.Pixels, d.SavedSize[0]*d.SavedSize[1],
			d.Largest)
	case Bytes:
		text += "other data"
	case Missing:
		text += fmt.Sprintf("%q is missing now", d.Saved)
	case Added:
		text += fmt.Sprintf("%q is new", d.Fresh)
	default:
		text += fmt.Sprintf("%q, now %q", d.Saved, d.Fresh)
		if d.What == WhiteSpace {
			text += " (white space)"
		}
	}
	switch d.Excuse {
	case Interval:
		text += ", within the saved interval"
	case Tolerance:
		text += ", within the tolerance"
	}
	return text
}
