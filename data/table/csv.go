package table

import (
	"context"
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/csv"
)

// ReadCSV returns the frame that r holds as comma-separated values (RFC 4180, 2005) with a header line, plain,
// gzip or zstd (recognised by content), and an explanation as [Open] returns it. Use Open for files; r may
// be anything that is read once, such as a pipe. name stands for the file in errors. The cache is not used, and
// opt.MaxBytes of 0 sets no bound but the free memory.
//
// Accepted: UTF-8 with or without a byte order mark, UTF-16 with one, LF and CRLF, quoted cells with commas and line
// ends inside, spaces around unquoted cells (dropped), blank lines (skipped), cells that are separated by tabs,
// semicolons, bars or blanks, a line sep=; and comments (#) above the header, and a header that is the last such
// comment, as numpy.savetxt writes it. A first line that holds numbers where a header has names is read as an item; the
// columns are then called c1, c2, …, and the notes of the explanation say so. Numbers are decimal, with or without
// exponent, and are rounded to the nearest float32: integers beyond 2^24 and decimals beyond some 7 digits lose their
// last digits. Integers past 2^53, which are ids rather than measurements, are refused.
//
// Everything else is an error of type [*Error] that names file, line, column and text:
// rows longer or shorter than the header, cells that are not finite numbers, numbers beyond
// the range of float32, repeated columns and ids, unknown columns in opt, other encodings
// and formats. The first one in the file is returned.
//
// Rows are parsed in parallel. Beyond the frame it needs a few megabytes, or some rows where
// they are longer than that; where the size of the input is unknown (gzip, zstd, a pipe) the frame
// grows by copying, which takes up to its size again for a moment. A single row may not
// exceed 64 MiB.
func ReadCSV(ctx context.Context, r io.Reader, name string, opt Options) (*data.Frame, *Explanation, error) {
	if err := notNegative(&opt); err != nil {
		return nil, nil, err
	}
	return csv.Read(ctx, r, name, opt)
}

// WriteCSV writes the frame as comma-separated text: the columns "id", "label" and "domain"
// (the last two where the frame has them), then the features, with as many digits as give the
// same float32 back. NaN is an empty cell.
//
// [Open] with no options returns the same frame, bit for bit, under these conditions: the
// values are finite and no feature counts the rows, some item has a label (or Labels is nil), no label or domain is a
// word for missing, and the blocks are what the column names suggest (see [data.BlockName]; else give Options.BlockOf).
//
// Texts that a spreadsheet would run as formulas are written as they are: see [formula.Count] and [formula.EscapeFrame].
//
// A frame whose lengths or names are wrong, and features with a name that reading would take
// for the id, label or domain or that holds a zero byte, are errors, found before anything is written.
func WriteCSV(w io.Writer, f *data.Frame) error { return csv.Write(w, f) }
