package table

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
)

// Save writes the frame to a file in the format that the end of path names: .parquet, .arrow
// or .feather (Arrow file), .arrows (Arrow stream), .npz, .npy (the features alone), .csv or
// .tsv, these two also with .gz or .zst. The file appears, or replaces an older one, only when
// it is complete.
//
// [Open] gives the same frame back, bit for bit, ids, labels, domains and names included, where
// the format has room for them (all but .npy). Blocks come back from all formats but text,
// where they are what the column names suggest (see [data.BlockName]). Frames with NaN are
// written; reading them takes Options.AllowMissing.
//
// A frame whose lengths or names are wrong, features with a name that reading would take for
// the id, label or domain, and unknown endings are errors, found before anything is written.
func Save(path string, f *data.Frame) error {
	write := writerFor(path)
	if write == nil {
		return fmt.Errorf("table: %s: the end of the name is no format; use one of %s", path, joined(Endings()))
	}
	if err := writable(f); err != nil {
		return err
	}
	if err := atomicfile.Write(path, func(w io.Writer) error { return write(w, f) }); err != nil {
		return fmt.Errorf("table: %w", err)
	}
	return nil
}

// writable refuses frames that would not be the same when read.
func writable(f *data.Frame) error {
	if err := f.ValidateStructure(); err != nil {
		return err
	}
	return writableColumns(f)
}

// writableColumns refuses names that would not be features when read.
func writableColumns(f *data.Frame) error {
	if f.F() == 0 {
		return errors.New("table: write: there are no features")
	}
	for _, name := range f.Columns {
		alone, err := data.Schema{}.Assign([]string{name})
		if err != nil || alone.Roles[0] != data.RoleFeature {
			return fmt.Errorf("table: write: a feature is called %q, which reading would take for the id, label or domain; rename it", name)
		}
	}
	return nil
}

// roleColumns names the columns of f that are no features.
func roleColumns(f *data.Frame) []string {
	names := []string{"id"}
	if f.Labels != nil {
		names = append(names, "label")
	}
	if f.Domains != nil {
		names = append(names, "domain")
	}
	return names
}

// roleValues returns the values of roleColumns.
func roleValues(f *data.Frame) [][]string {
	values := [][]string{f.IDs}
	if f.Labels != nil {
		values = append(values, f.Labels)
	}
	if f.Domains != nil {
		values = append(values, f.Domains)
	}
	return values
}

// columnValues copies rows [from, from+len(dst)) of a feature.
func columnValues(dst []float32, f *data.Frame, j, from int) {
	at := from*f.F() + j
	for i := range dst {
		dst[i] = f.X[at]
		at += f.F()
	}
}
