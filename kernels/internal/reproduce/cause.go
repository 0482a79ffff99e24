package reproduce

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/receipt"
)

// Cause is one thing in which the saved receipt and the new one differ.
type Cause struct {
	What  string `json:"what"`           // one of the constants
	Name  string `json:"name,omitempty"` // of the file, the fact, or the cell
	Saved string `json:"saved,omitempty"`
	Now   string `json:"now,omitempty"`
}

// What may differ.
const (
	Processor  = "processor"
	Plugin     = "plugin"
	Backend    = "backend"
	Kernel     = "kernel"
	Toolchain  = "Go"
	Modules    = "modules"    // go.sum
	LabCode    = "lab's code" // of the checkout
	GoNB       = "GoNB"
	Data       = "data"         // a file that is read
	Parameters = "parameter"    // the parameters' cell
	Code       = "code"         // of the cell, or of one before it, which Name names then
	Earlier    = "earlier cell" // which has written another file than it had
	Told       = "fact"         // such as a seed
)

// String returns the cause in one line.
func (c Cause) String() string {
	text := c.What
	if c.Name != "" {
		text += " " + c.Name
	}
	if c.Saved != "" || c.Now != "" {
		text += fmt.Sprintf(": %s, now %s", cmp.Or(c.Saved, "none"), cmp.Or(c.Now, "none"))
	}
	return text
}

// notebookCauses returns in what two receipts of a notebook differ, nil where one of them is not there.
func notebookCauses(saved, now *receipt.Notebook) []Cause {
	if saved == nil || now == nil {
		return nil
	}
	var causes []Cause
	add := func(what, was, is string) {
		if was != is {
			causes = append(causes, Cause{What: what, Saved: was, Now: is})
		}
	}
	was, is := saved.Processor, now.Processor
	add(Processor, was.System+" "+was.Kind, is.System+" "+is.Kind)
	if less, more := without(was.Sets, is.Sets), without(is.Sets, was.Sets); less != "" || more != "" {
		causes = append(causes, Cause{What: Processor, Name: "instruction sets", Saved: less, Now: more})
	}
	add(Processor, fmt.Sprint(was.Cores, " cores"), fmt.Sprint(is.Cores, " cores"))
	add(Plugin, fileText(saved.Plugin), fileText(now.Plugin))
	add(Backend, saved.Backend, now.Backend)
	add(Kernel, saved.Kernel, now.Kernel)
	add(Toolchain, saved.Go, now.Go)
	add(Modules, short(saved.GoSum), short(now.GoSum))
	add(GoNB, saved.GoNB, now.GoNB)
	if saved.Lab.Code != now.Lab.Code {
		causes = append(causes, Cause{What: LabCode, Saved: labText(saved.Lab), Now: labText(now.Lab)})
	}
	return causes
}

// without returns what one list has and the other has not.
func without(list, other []string) string {
	var only []string
	for _, one := range list {
		if !slices.Contains(other, one) {
			only = append(only, one)
		}
	}
	return strings.Join(only, " ")
}

// short returns the first digits of a digest, as a commit is written.
func short(digest string) string { return digest[:min(len(digest), 12)] }

// fileText returns a file's name and digest, "" for nil.
func fileText(f *receipt.File) string {
	if f == nil {
		return ""
	}
	return f.Name + " " + cmp.Or(short(f.SHA), "unknown")
}

// labText returns the commit and the digest of the lab's code.
func labText(l receipt.Lab) string {
	text := l.Version
	if l.Commit != "" {
		text += " commit " + short(l.Commit)
	}
	if l.Changed {
		text += " with changes"
	}
	return text + " code " + short(l.Code)
}

// executed is a code cell in both executions, with its place among all cells, from 1.
type executed struct {
	place        int
	saved, fresh *notebook.Cell // fresh = nil: it was not executed
}

// cellCauses returns what may have changed a cell, at an index of all code cells: what its receipts and its code say,
// and the code of cells before it. known is false where a receipt is missing: then less is known than could be.
func cellCauses(all []executed, at int) (causes []Cause, known bool) {
	known = true
	for i, c := range all[:at+1] {
		if changedCode(c.saved) {
			cause := Cause{What: Code}
			if c.saved.HasTag(notebook.TagParameters) || c.saved.HasTag(notebook.TagInjected) {
				cause.What = Parameters
			}
			if i != at {
				cause.Name = fmt.Sprint("of cell ", c.place)
			}
			causes = append(causes, cause)
		}
	}
	one := all[at]
	if one.fresh == nil || one.saved.Receipt() == nil || one.fresh.Receipt() == nil {
		return causes, false
	}
	was, is := one.saved.Receipt(), one.fresh.Receipt()
	causes = append(causes, dataCauses(was.Read, is.Read, all[:at])...)
	for _, name := range sortedKeys(was.Facts, is.Facts) {
		if a, b := strings.Join(was.Facts[name], " "), strings.Join(is.Facts[name], " "); a != b {
			causes = append(causes, Cause{What: Told, Name: name, Saved: a, Now: b})
		}
	}
	return causes, known
}

// changedCode reports whether a cell's source is not that which was executed.
func changedCode(c *notebook.Cell) bool {
	r := c.Receipt()
	return r != nil && r.Code != c.CodeDigest()
}

// dataCauses returns the files that a cell has read in another form than it had. before are the code cells before it.
func dataCauses(was, is []receipt.File, before []executed) []Cause {
	var causes []Cause
	old, now := byName(was), byName(is)
	for _, name := range sortedKeys(old, now) {
		a, b := old[name], now[name]
		if a != nil && b != nil && a.SHA == b.SHA && a.SHA != "" {
			continue
		}
		cause := Cause{What: Data, Name: name, Saved: digestText(a), Now: digestText(b)}
		for _, c := range slices.Backward(before) {
			if c.fresh == nil || c.fresh.Receipt() == nil {
				continue
			}
			if byName(c.fresh.Receipt().Written)[name] != nil {
				cause.What, cause.Name = Earlier, fmt.Sprintf("%d, which writes %s", c.place, name)
				break
			}
		}
		causes = append(causes, cause)
	}
	return causes
}

// digestText returns the size and the digest of a file; "" for nil.
func digestText(f *receipt.File) string {
	if f == nil {
		return ""
	}
	return fmt.Sprintf("%d bytes %s", f.Bytes, cmp.Or(short(f.SHA), "unknown"))
}

// byName returns files by their names.
func byName(files []receipt.File) map[string]*receipt.File {
	all := map[string]*receipt.File{}
	for i := range files {
		all[files[i].Name] = &files[i]
	}
	return all
}

// sortedKeys returns the keys of two maps, sorted, once each.
func sortedKeys[V any](a, b map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}
