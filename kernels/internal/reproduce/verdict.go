// Package reproduce executes saved notebooks anew, in a folder of their own, and says cell by cell whether the outputs
// are what was saved, and where they are not, what may have caused it.
//
// Numbers are compared as numbers, tables cell by cell, HTML by its texts and attributes, SVG by its elements, other
// pictures by their pixels. What differs from run to run, such as a rate, is left out where both receipts of a cell have
// marked it, and nowhere else.
package reproduce

// State is the verdict on a cell or on a notebook.
type State string

// The states, from best to worst: that of a notebook is the worst of its cells.
const (
	Same      State = "same"      // the same values, pixels and texts
	Within    State = "within"    // all that differs are numbers within the saved interval or the tolerance
	New       State = "new"       // nothing was saved
	Edited    State = "edited"    // the saved outputs are not those that were executed
	Different State = "different" // something else came out
	NotRun    State = "not run"   // an earlier cell failed
	Failed    State = "failed"    // the cell failed, or the notebook could not be executed
)

// states in their order.
var states = []State{Same, Within, New, Edited, Different, NotRun, Failed}

// What says what kind of thing differs.
type What string

// The kinds of differences.
const (
	Number     What = "number"
	Text       What = "text"
	WhiteSpace What = "white space"
	Picture    What = "picture"
	Bytes      What = "bytes"   // of data that cannot be read
	Missing    What = "missing" // only the saved side has it
	Added      What = "added"   // only the fresh side has it
)

// Excuse is why a number that differs is no other result.
type Excuse string

// The excuses.
const (
	Interval  Excuse = "interval"  // it lies in the interval that was saved beside it
	Tolerance Excuse = "tolerance" // it differs by no more than the stated tolerance
)

// Difference is one thing that differs between a saved output and a fresh one.
type Difference struct {
	Output int    `json:"output"` // counted from 1
	Part   string `json:"part"`   // the MIME type, "stdout", "stderr", "error" or "metadata"
	What   What   `json:"what"`
	Row    string `json:"row,omitempty"`    // name of the table's row
	Column string `json:"column,omitempty"` // name of the table's column
	Saved  string `json:"saved,omitempty"`  // the number, or the beginning of what differs
	Fresh  string `json:"fresh,omitempty"`
	Excuse Excuse `json:"excuse,omitempty"` // "" = none
	// Of pictures: pixels that differ, the largest difference of a channel (0 to 255), and widths and heights.
	Pixels    int     `json:"pixels,omitempty"`
	Largest   float64 `json:"largest,omitempty"`
	SavedSize [2]int  `json:"saved_size,omitzero"`
	FreshSize [2]int  `json:"fresh_size,omitzero"`
}

// stateOf returns the verdict that differences lead to.
func stateOf(found []Difference) State {
	state := Same
	for _, d := range found {
		if d.Excuse == "" {
			return Different
		}
		state = Within
	}
	return state
}
