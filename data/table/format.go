package table

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
)

// format is a kind of file. A new one is a file of its own with a variable of this type, and a
// line in formats.
type format struct {
	name string // as [Formats] lists it, "" = it is known only to be refused
	// is tells files of the format by their beginning.
	is func(head) bool
	// open reads a whole file.
	open func(context.Context, *input, *Options) (*data.Frame, *Explanation, error)
	// scan reads a file a frame of at most Options.batchRows items at a time.
	scan func(context.Context, *input, *Options, yielder) error
	// write has what [Save] does for every end of a file's name, in lower case; nil = it does not
	// write the format.
	write map[string]writer
}

// writer writes a frame in some format.
type writer = func(io.Writer, *data.Frame) error

// formats are told apart in this order. Text has no beginning of its own: it comes last.
func formats() []format {
	return []format{parquetFormat, arrowFormat, arrowStreamFormat, featherFormat, npyFormat, npzFormat, textFormat}
}

// Formats returns the names of the formats that [Open] reads, for people.
func Formats() []string {
	var names []string
	for _, f := range formats() {
		if f.name != "" {
			names = append(names, f.name)
		}
	}
	return names
}

// Endings returns the ends of file names that [Save] knows, such as ".parquet", sorted.
func Endings() []string {
	var all []string
	for _, f := range formats() {
		for ending := range f.write {
			all = append(all, ending)
		}
	}
	slices.Sort(all)
	return all
}

// writerFor returns what writes files of that name, nil = its end is no format.
func writerFor(name string) writer {
	for _, f := range formats() {
		for ending, write := range f.write {
			if strings.HasSuffix(strings.ToLower(name), ending) {
				return write
			}
		}
	}
	return nil
}

// head is the beginning of a file.
type head string

func (in *input) head() head {
	start := make([]byte, 8)
	n, _ := in.ReadAt(start, 0) // a short or broken file shows when it is read
	return head(start[:n])
}

// formatOf returns what the file is, recognised by its content.
func formatOf(in *input) format {
	begins := in.head()
	all := formats()
	return all[slices.IndexFunc(all, func(f format) bool { return f.is(begins) })] // text takes all
}

// begins returns a test for files that begin with one of the words.
func begins(words ...string) func(head) bool {
	return func(h head) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(string(h), w) })
	}
}
