package table

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table/internal/arrowipc"
	"github.com/go-siamese/lab/data/table/internal/csv"
	"github.com/go-siamese/lab/data/table/internal/numpy"
	"github.com/go-siamese/lab/data/table/internal/parquet"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// formats returns the formats, in the order in which they are tried: those that a file's first bytes tell come before
// text, which takes whatever is left. It is the only list of them; a new reader is added here.
func formats() []reading.Format {
	return []reading.Format{parquet.Format, arrowipc.File, arrowipc.Stream, arrowipc.Feather1, numpy.NPY, numpy.NPZ,
		csv.Format}
}

// Formats returns the names of the formats that [Open] reads, for people, in no order to rely on.
func Formats() []string {
	var names []string
	for _, f := range formats() {
		if f.Name != "" {
			names = append(names, f.Name)
		}
	}
	return names
}

// Endings returns the ends of file names that [Save] knows, such as ".parquet", sorted.
func Endings() []string { return slices.Sorted(maps.Keys(frameWriters())) }

// frameWriters returns the writers of frames of all formats, by the end of a file's name.
func frameWriters() map[string]reading.Writer {
	all := map[string]reading.Writer{}
	for _, f := range formats() {
		maps.Copy(all, f.Write)
	}
	return all
}

// typedWriters returns the writers of frames with numbers of other types, by the end of a file's name.
func typedWriters() map[string]func(io.Writer, *data.Frame, Number) error {
	all := map[string]func(io.Writer, *data.Frame, Number) error{}
	for _, f := range formats() {
		maps.Copy(all, f.WriteAs)
	}
	return all
}

// columnWriters returns the writers of columns, such as those of pairs, of all formats, by the end of a file's name.
// They are fewer than those of frames: an array of NumPy has no columns of text.
func columnWriters() map[string]reading.ColumnsWriter {
	all := map[string]reading.ColumnsWriter{}
	for _, f := range formats() {
		maps.Copy(all, f.WriteColumns)
	}
	return all
}

// writerFor returns the one of some writers whose ending the name has, in either case, or an error that lists the
// endings. No ending is the end of another one.
func writerFor[W any](name string, writers map[string]W) (write W, err error) {
	for ending, write := range writers {
		if strings.HasSuffix(strings.ToLower(name), ending) {
			return write, nil
		}
	}
	return write, fmt.Errorf("table: %s: the end of the name is not a known format; use one of %s", quote.Text(name),
		tableerr.Joined(slices.Sorted(maps.Keys(writers))))
}

// formatOf returns what the file is, recognised by its content.
func formatOf(in *reading.Input) reading.Format {
	begins := in.Head()
	all := formats()
	return all[slices.IndexFunc(all, func(f reading.Format) bool { return f.Is(begins) })] // text takes all
}
