package table

import (
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/table/internal/arrowipc"
	"github.com/go-siamese/lab/data/table/internal/csv"
	"github.com/go-siamese/lab/data/table/internal/numpy"
	"github.com/go-siamese/lab/data/table/internal/parquet"
	"github.com/go-siamese/lab/data/table/internal/reading"
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
func Endings() []string {
	var all []string
	for _, f := range formats() {
		for ending := range f.Write {
			all = append(all, ending)
		}
	}
	slices.Sort(all)
	return all
}

// writerFor returns what writes files of that name, upper and lower case alike, nil = its end is no format.
func writerFor(name string) reading.Writer {
	for _, f := range formats() {
		for ending, write := range f.Write {
			if strings.HasSuffix(strings.ToLower(name), ending) {
				return write
			}
		}
	}
	return nil
}

// formatOf returns what the file is, recognised by its content.
func formatOf(in *reading.Input) reading.Format {
	begins := in.Head()
	all := formats()
	return all[slices.IndexFunc(all, func(f reading.Format) bool { return f.Is(begins) })] // text takes all
}
