package reading

import (
	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// Options control how a table is read. The zero value infers everything, refuses missing values and uses the
// cache.
type Options struct {
	// Schema says which columns are id, label and domain, which to ignore, and which features
	// form which block. In an NPZ archive its names are those of arrays.
	data.Schema
	// X names the array of features in an NPZ archive. "" = all two-dimensional arrays of
	// numbers, each a block of its own.
	X string
	// AllowMissing reads empty cells, nulls, NaN and infinities as NaN instead of refusing them.
	AllowMissing bool
	// AllowWrong, with AllowMissing, reads cells of text tables that are no numbers as NaN too: for streams whose bad rows
	// are put aside, not for data that is learnt from.
	AllowWrong bool
	// Missing are the words for a missing value, beside none at all: labels and domains that are one of them are
	// unknown, and so are features of text tables, with AllowMissing. Upper and lower case differ. nil = the words of
	// pandas, R and spreadsheets, see words.go; an empty list = no word.
	Missing []string
	// Comma separates the cells of a text table; ' ' = one or more blanks or tabs. 0 = inferred.
	Comma byte
	// NoHeader reads the first line of a text table as an item; columns are then called c1, c2, … Without it a first
	// line that looks like an item is read so too, and the notes say so.
	NoHeader bool
	// EscapedFormulas takes the apostrophe from texts and names of a text table that formula.EscapeFrame gave them.
	EscapedFormulas bool
	// KeepCounting names features that stay although they number the rows, as Keep does, but none has to be there: those
	// of a model, whose items may happen to be numbered by one.
	KeepCounting []string
	// BatchRows is the most items in a frame of table.Scan. 0 = as many as make 16 MiB, at most 65,536.
	BatchRows int
	// MaxBytes bounds the memory that the table in a file may take: values, ids, labels and domains. 0 = 1 GiB or 128
	// times the size of the file, whichever is more, but at most three quarters of the memory that the machine has
	// free. An archive that claims more is refused before it is unpacked.
	MaxBytes int64
	// NoCache reads the file itself and leaves no copy for the next time.
	NoCache bool
	// CacheDir is where copies are kept. "" = "frames" in $SIAMESE_LAB_DIR, or in "siamese-lab"
	// in the user's cache directory.
	CacheDir string
	// CacheBytes bounds the copies; the ones not used for longest go first. 0 = 10 GiB.
	CacheBytes int64
	// rolesOnly reads ids, labels and domains and leaves out all else. It is not exported,
	// and not part of a cached frame's key: callers that set it set NoCache too.
	rolesOnly bool
	// before is how many items of the table come before this file, by which items without an
	// id are numbered.
	before int64
	// Progress, when set, is called with the work done and the total, in rows or, for text, in
	// bytes of the file (total 0 = unknown). It may be called from any goroutine, never twice at a time.
	// An error it returns stops the reading and is returned.
	Progress func(done, total int64) error
}

// OnlyRoles returns options that read ids, labels and domains and leave out everything
// else. The frame then has no features. Set NoCache as well: such a frame must not be kept
// as that of the file.
func OnlyRoles(o Options) Options {
	o.rolesOnly = true
	return o
}

// After returns options for a file of a table of several files, of which so many items come first.
func After(o Options, items int64) Options {
	o.before = items
	return o
}

// Admit returns an error for a table of that many rows, which a header claims, when their
// values and texts exceed [Budget]; see [Account.Rows] for what counts.
func Admit(o *Options, file string, size, rows int64, p *Plan) error {
	return NewAccount(&Input{Name: file, Size: size}, o).Rows(p, rows)
}

// Teller returns the function that a reader calls with the number of rows done, never twice
// at a time. total is 0 where it is unknown. Its error, which stops the reading, is that of
// opt.Progress, as a [tableerr.Stopped].
func Teller(o *Options, total int) func(rows int) error {
	return func(rows int) error {
		if o.Progress == nil {
			return nil
		}
		if err := o.Progress(int64(rows), int64(total)); err != nil {
			return &tableerr.Stopped{Err: err}
		}
		return nil
	}
}

// RowsPerBatch is the number of items in a frame of width features: o.BatchRows, or as many
// as make 16 MiB, at least 1 and at most 65,536.
func RowsPerBatch(o *Options, width int) int {
	if o.BatchRows > 0 {
		return o.BatchRows
	}
	const bytes = 16 << 20
	return max(1, min(1<<16, bytes/4/max(1, width)))
}
