package reading

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
)

// missingNote returns a sentence on what became NaN, "" = nothing did.
func missingNote(nan, inf int) string {
	if nan+inf == 0 {
		return ""
	}
	return fmt.Sprintf("missing: %d values were missing and %d infinite ones became NaN", nan, inf)
}

// Explanation describes how a file was read: what was inferred, and what the caller may
// want to override. It is kept with a cached frame, as JSON.
type Explanation struct {
	File     string
	Format   string // for instance "Parquet" or "CSV"
	Rows     int
	Features int
	ID       string // column of the ids, "" = it has no name, or the items are numbered
	Label    string // column of the labels, "" = none
	Domain   string // column of the domains, "" = none
	Ignored  []string
	Numbered bool // the ids are numbers of rows, see [data.Frame]
	Blocks   []data.Block
	Missing  int // values read as NaN because they were missing
	Infinite int // values read as NaN because they were infinite
	// UnknownLabels and UnknownDomains count labels and domains that are words for missing, and so unknown.
	UnknownLabels, UnknownDomains int
	Counting                      []string // columns left out because they number the rows
	Notes                         []string // how each of these was decided, a sentence each
	Cached                        bool     // the frame came from the cache
}

// String returns the notes, a line each, under one line with format and size.
func (e *Explanation) String() string {
	from := ""
	if e.Cached {
		from = ", from the cache"
	}
	notes := make([]string, len(e.Notes))
	for k, note := range e.Notes {
		notes[k] = quote.Line(note)
	}
	return fmt.Sprintf("%s: %s, %d items x %d features%s\n  %s\n", quote.Text(e.File), e.Format, e.Rows, e.Features,
		from, strings.Join(notes, "\n  "))
}

// Explain returns the explanation of a frame that was read by the plan; nan and inf count
// the values that became NaN. It shares the plan's notes and the frame's blocks.
func Explain(p *Plan, format string, f *data.Frame, nan, inf int) *Explanation {
	e := &Explanation{
		File: p.File, Format: format, Rows: f.N(), Features: f.F(), Blocks: f.Blocks,
		ID: p.NameOf(data.RoleID), Label: p.NameOf(data.RoleLabel), Domain: p.NameOf(data.RoleDomain),
		Numbered: f.Numbered, Ignored: p.All(data.RoleIgnore), Missing: nan, Infinite: inf, Notes: p.Notes,
	}
	if note := missingNote(nan, inf); note != "" {
		e.Notes = append(e.Notes, note)
	}
	return e
}
