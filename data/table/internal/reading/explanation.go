package reading

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table/internal/narrow"
)

// valueNotes returns sentences on values that are not what the file has: what became NaN, and what float32 cannot hold.
func (e *Explanation) valueNotes() []string {
	var notes []string
	if e.Missing+e.Infinite > 0 {
		notes = append(notes, fmt.Sprintf("missing: %d values were missing and %d infinite ones became NaN", e.Missing,
			e.Infinite))
	}
	return append(notes, e.Lost.Notes()...)
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
	// Lost are values that float32 cannot hold, nearly 0 or whole numbers of many digits.
	Lost narrow.Losses
	// UnknownLabels and UnknownDomains count labels and domains that are words for missing, and so unknown.
	UnknownLabels, UnknownDomains int
	// AlikeLabels and AlikeDomains are pairs of different ones that are likely one, such as "1" and "1.0", "Cat" and
	// "cat".
	AlikeLabels, AlikeDomains [][2]string
	Counting                  []string // columns left out because they number the rows
	Notes                     []string // how each of these was decided, a sentence each
	Cached                    bool     // the frame came from the cache
}

// String returns the notes, a line each, under one line with format and size: the same for a frame from the cache, so
// that a notebook that prints it comes out the same the second time.
func (e *Explanation) String() string {
	notes := make([]string, len(e.Notes))
	for k, note := range e.Notes {
		notes[k] = quote.Line(note)
	}
	return fmt.Sprintf("%s: %s, %d items x %d features\n  %s\n", quote.Text(e.File), e.Format, e.Rows, e.Features,
		strings.Join(notes, "\n  "))
}

// Explain returns the explanation of a frame that was read by the plan; nan and inf count
// the values that became NaN, lost those that float32 cannot hold. It shares the plan's notes and the frame's blocks.
func Explain(p *Plan, format string, f *data.Frame, nan, inf int, lost narrow.Losses) *Explanation {
	return &Explanation{
		File: p.File, Format: format, Rows: f.N(), Features: f.F(), Blocks: f.Blocks,
		ID: p.NameOf(data.RoleID), Label: p.NameOf(data.RoleLabel), Domain: p.NameOf(data.RoleDomain),
		Numbered: f.Numbered, Ignored: p.All(data.RoleIgnore), Missing: nan, Infinite: inf, Lost: lost,
		Notes: p.Notes,
	}
}
