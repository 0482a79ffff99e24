package reading

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
)

// Format is a kind of file. A new one is a file of its own with a variable of this type, and a
// line in formats.
type Format struct {
	Name string // as [table.Formats] lists it, "" = it is known only to be refused
	// is tells files of the format by their beginning.
	Is func(Head) bool
	// open reads a whole file.
	Open func(context.Context, *Input, *Options) (*data.Frame, *Explanation, error)
	// scan reads a file a frame of at most Options.batchRows items at a time.
	Scan func(context.Context, *Input, *Options, Yielder) error
	// write has what [table.Save] does for every end of a file's name, in lower case; nil = it does not
	// write the format.
	Write map[string]Writer
}

// Writer writes a frame in some format.
type Writer = func(io.Writer, *data.Frame) error

// Head is the beginning of a file.
type Head string

func (in *Input) Head() Head {
	start := make([]byte, 8)
	n, _ := in.ReadAt(start, 0) // a short or broken file shows when it is read
	return Head(start[:n])
}

// Begins returns a test for files that begin with one of the words.
func Begins(words ...string) func(Head) bool {
	return func(h Head) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(string(h), w) })
	}
}

// Yielder takes frames in order.
type Yielder func(*data.Frame) error
