// Package reading holds what all readers of tables share.
//
// A reader is a [Format]. It describes the columns of its file as [Column], lets [NewPlan] give them roles and blocks,
// checks the size with [Admit], fills a [Matrix] and [Texts], and ends with [Plan.Finish] and [Explain], or with
// [Plan.Part] for every part of a scan.
package reading

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/writing"
)

// Format is a kind of file. A new one is a package of its own with a variable of this type, and a line in the
// list of package table (format.go).
type Format struct {
	Name   string // as table.Formats lists it, "" = it is known only to be refused
	Text   bool   // cells of text: it has separators, and perhaps no header
	Arrays bool   // named arrays, of which one may be the features
	// Is recognises files of the format by their beginning.
	Is func(Head) bool
	// Open reads a whole file.
	Open func(context.Context, *Input, *Options) (*data.Frame, *Explanation, error)
	// Scan reads a file a frame of at most RowsPerBatch items at a time.
	Scan func(context.Context, *Input, *Options, Yielder) error
	// Write holds the writer for every end of a file's name, in lower case; nil = the format is not written.
	Write map[string]Writer
	// WriteAs is Write with numbers of a type that holds all of the frame's. It may hold fewer endings.
	WriteAs map[string]func(io.Writer, *data.Frame, writing.Number) error
	// WriteColumns is Write for tables that are no frames, such as pairs of ids. It may hold fewer endings.
	WriteColumns map[string]ColumnsWriter
}

// Writer writes a frame in some format. Its errors are those of the frame and of w.
type Writer = func(io.Writer, *data.Frame) error

// ColumnsWriter writes columns of text under names of their own, one value an item of the frame, and then the features
// of the frame. Ids, labels and domains of the frame are left out. Text is quoted where reading would take it for
// something else.
type ColumnsWriter = func(w io.Writer, names []string, columns [][]string, f *data.Frame) error

// Head is the beginning of a file, 8 bytes or all of a shorter one.
type Head string

// Head returns the first 8 bytes of the file, or fewer where it is shorter or cannot be
// read.
func (in *Input) Head() Head {
	start := make([]byte, 8)
	n, _ := in.ReadAt(start, 0) // a short or broken file shows when it is read
	return Head(start[:n])
}

// Begins returns a test for files that begin with one of the words, of at most 8 bytes.
func Begins(words ...string) func(Head) bool {
	return func(h Head) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(string(h), w) })
	}
}

// Yielder takes frames in order, and keeps them. Its error ends the scan and is returned by
// it.
type Yielder func(*data.Frame) error
