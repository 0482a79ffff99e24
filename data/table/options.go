package table

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

// Options say how to read a table. The zero value infers everything, refuses missing values
// and uses the cache.
type Options struct {
	// Schema says which columns are id, label and domain, which to ignore, and which features
	// form which block. In an NPZ archive its names are those of arrays.
	data.Schema
	// X names the array of features in an NPZ archive. "" = all two-dimensional arrays of
	// numbers, each a block of its own.
	X string
	// AllowMissing reads empty cells, nulls, NaN and infinities as NaN instead of refusing them.
	AllowMissing bool
	// Comma separates the cells of a text table. 0 = inferred.
	Comma byte
	// BatchRows is the most items in a frame of [Scan]. 0 = as many as make 16 MiB, at most 65,536.
	BatchRows int
	// MaxBytes bounds the values that a file may unpack to. 0 = 1 GiB or 128 times the size
	// of the file, whichever is more. An archive that claims more is refused before it is unpacked.
	MaxBytes int64
	// NoCache reads the file itself and leaves no copy for the next time.
	NoCache bool
	// CacheDir is where copies are kept. "" = "frames" in $SIAMESE_LAB_DIR, or in "siamese-lab"
	// in the user's cache directory.
	CacheDir string
	// CacheBytes bounds the copies; the ones not used for longest go first. 0 = 10 GiB.
	CacheBytes int64
	// rolesOnly reads ids, labels and domains and leaves out all else.
	rolesOnly bool
	// Progress, when set, is called with the work done and the total, in rows or, for text, in
	// bytes of the file (total 0 = unknown). It may be called from any goroutine, never twice at a time.
	// An error it returns stops the reading and is returned.
	Progress func(done, total int64) error
}

// onlyRoles returns options that read ids, labels and domains and leave out all else.
func onlyRoles(o Options) Options {
	o.rolesOnly = true
	return o
}

// budget is the most bytes that values from a file of that size may take.
func budget(o *Options, size int64) int64 {
	if o.MaxBytes > 0 {
		return o.MaxBytes
	}
	return max(1<<30, 128*size)
}

// admit refuses a table whose values, as float32, and texts exceed the budget. A text counts
// as 16 bytes, which it takes even where it is empty.
func admit(o *Options, file string, size, rows int64, p *plan) error {
	limit := budget(o, size)
	row := int64(4 * len(p.features))
	for _, role := range p.Roles {
		if role != data.RoleFeature && role != data.RoleIgnore {
			row += 16
		}
	}
	if rows < 0 || row > 0 && rows > limit/row {
		return &Error{File: file, Problem: fmt.Sprintf("it claims %d items x %d features, more than %d MiB, in a file of %d bytes", rows, len(p.features), limit>>20, size),
			Fix: option.Do("raise %s if this is true", "MaxBytes").Or("use Scan")}
	}
	return nil
}

// Explanation tells what a file was taken to be.
type Explanation struct {
	File     string
	Format   string // for instance "Parquet" or "CSV"
	Rows     int
	Features int
	ID       string // column of the ids, "" = the items are numbered
	Label    string // column of the labels, "" = none
	Domain   string // column of the domains, "" = none
	Ignored  []string
	Blocks   []data.Block
	Missing  int      // values read as NaN because they were missing
	Infinite int      // values read as NaN because they were infinite
	Notes    []string // how each of these was decided, a sentence each
	Cached   bool     // the frame came from the cache
}

// String returns the notes, a line each, under one line with format and size.
func (e *Explanation) String() string {
	from := ""
	if e.Cached {
		from = ", from the cache"
	}
	return fmt.Sprintf("%s: %s, %d items x %d features%s\n  %s\n", e.File, e.Format, e.Rows, e.Features, from,
		strings.Join(e.Notes, "\n  "))
}

func explain(p *plan, format string, f *data.Frame, nan, inf int) *Explanation {
	e := &Explanation{
		File: p.file, Format: format, Rows: f.N(), Features: f.F(), Blocks: f.Blocks,
		ID: p.NameOf(data.RoleID), Label: p.NameOf(data.RoleLabel), Domain: p.NameOf(data.RoleDomain),
		Ignored: p.All(data.RoleIgnore), Missing: nan, Infinite: inf, Notes: p.Notes,
	}
	if note := missingNote(nan, inf); note != "" {
		e.Notes = append(e.Notes, note)
	}
	if class, one := f.OneClass(); one {
		e.Notes = append(e.Notes, fmt.Sprintf("labels: all are of one class, %q: there is nothing to tell it from", class))
	}
	return e
}
