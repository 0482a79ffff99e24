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
	return save(path, f, func(w io.Writer) error { return write(w, f) })
}

// save writes a file that can be read back.
func save(path string, f *data.Frame, write func(io.Writer) error) error {
	if err := writing.Check(f); err != nil {
		return err
	}
	if err := atomicfile.Write(path, write); err != nil {
		return fmt.Errorf("table: %w", err)
	}
	return nil
}

// Number is the type of the features in a file.
type Number = writing.Number

// The types that [SaveAs] knows: Float16 is IEEE 754 half precision, Int8 whole numbers from -128 to 127.
const (
	Float32 = writing.Float32
	Float16 = writing.Float16
	Int8    = writing.Int8
)

// SaveAs is [Save] with numbers of a type that takes less room, for .parquet, .npz and .npy. Nothing is lost: a number
// that the type does not have is an error with its row and column.
func SaveAs(path string, f *data.Frame, as Number) error {
	if as == Float32 {
		return Save(path, f)
	}
	write, err := writerFor(path, typedWriters())
	if err != nil {
		return fmt.Errorf("%w for numbers of type %s", err, string(as))
	}
	if err := as.Check(f); err != nil {
		return err
	}
	return save(path, f, func(w io.Writer) error { return write(w, f, as) })
}
