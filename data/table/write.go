package table

import (
	"fmt"
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/table/internal/writing"
)

// CheckSave returns why [Save] could not write a file of that name, or nil: the ending is not known, or
// [atomicfile.Check] has a reason. "" stands for no file and gives nil. It is for the time before the work.
func CheckSave(path string) error {
	if path == "" {
		return nil
	}
	if _, err := writerFor(path, frameWriters()); err != nil {
		return err
	}
	if err := atomicfile.Check(path); err != nil {
		return fmt.Errorf("table: %w", err)
	}
	return nil
}

// Save writes the frame to a file in the format that the end of path names: .parquet, .arrow
// or .feather (Arrow file), .arrows (Arrow stream), .npz, .npy (the features alone), .csv or
// .tsv, these two also with .gz or .zst. The file appears, or replaces an older one, only when
// it is complete.
//
// [Open] gives the same frame back, bit for bit, ids, labels, domains and names included, where
// the format has room for them (all but .npy). Blocks come back from all formats but text,
// where they are what the column names suggest (see [data.BlockName]). Frames with NaN are
// written; reading them takes Options.AllowMissing. Labels and domains that are words for missing, such as NA, take
// Options.Missing, and features that count the rows Options.Keep.
//
// A frame whose lengths or names are wrong, features with a name that reading would take for
// the id, label or domain, and unknown endings are errors, found before anything is written.
func Save(path string, f *data.Frame) error {
	write, err := writerFor(path, frameWriters())
	if err != nil {
		return err
	}
	if err := writing.Check(f); err != nil {
		return err
	}
	if err := atomicfile.Write(path, func(w io.Writer) error { return write(w, f) }); err != nil {
		return fmt.Errorf("table: %w", err)
	}
	return nil
}
