package csv

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/writing"
)

// Write writes the frame as comma-separated text. The door, table.WriteCSV, says how.
// Errors are those of the frame, found before anything is written, and of w, after which
// the text is cut off.
func Write(w io.Writer, f *data.Frame) error { return writeText(w, f, ',') }

// WriteTSV is [Write] with tabs between the cells.
func WriteTSV(w io.Writer, f *data.Frame) error { return writeText(w, f, '\t') }

// writeText is [Write] for any separator that appendCell knows. Rows are formatted in parallel
// and written in order, so the text does not depend on the number of cores. It keeps about 64
// KiB of text for every core.
func writeText(w io.Writer, f *data.Frame, comma byte) error {
	if err := writing.Check(f); err != nil {
		return err
	}
	for _, name := range f.Columns {
		// Only in a feature's name: the header is where reading looks for zero bytes.
		if strings.IndexByte(name, 0) >= 0 {
			return fmt.Errorf("table: write CSV: the feature %q has a zero byte in its name, which would make "+
				"the file look binary; rename it", name)
		}
	}
	if _, err := w.Write(header(f, comma)); err != nil {
		return fmt.Errorf("table: write CSV: %w", err)
	}
	workers := runtime.GOMAXPROCS(0)
	// A worker formats about 64 KiB of text at a time: about 12 bytes a value. Small pieces
	// stay in the core's cache and make the write that follows a short pause for the others.
	rows := max(1, (1<<16)/(12*f.F()))
	texts := make([][]byte, workers)
	for start := 0; start < f.N(); start += rows * workers {
		parallel.For(len(texts), func(k int) {
			texts[k] = texts[k][:0]
			from := min(f.N(), start+k*rows)
			for i := from; i < min(f.N(), from+rows); i++ {
				texts[k] = appendRow(texts[k], f, i, comma)
			}
		})
		// In order, while nothing is being formatted: w need not be safe for several
		// goroutines.
		for _, text := range texts {
			if _, err := w.Write(text); err != nil {
				return fmt.Errorf("table: write CSV: %w", err)
			}
		}
	}
	return nil
}

// zipped returns what compresses with gzip what write writes. It closes the compressor, which
// ends the stream with its checksum, but not w.
func zipped(write reading.Writer) reading.Writer {
	return func(w io.Writer, f *data.Frame) error {
		out := gzip.NewWriter(w)
		return errors.Join(write(out, f), out.Close())
	}
}

// zstandard is zipped with zstd.
func zstandard(write reading.Writer) reading.Writer {
	return func(w io.Writer, f *data.Frame) error {
		out, err := zstd.NewWriter(w)
		if err != nil {
			return err
		}
		return errors.Join(write(out, f), out.Close())
	}
}

// header returns the line of column names, in the order of appendRow: "id", then "label" and
// "domain" where f has them, then the features.
func header(f *data.Frame, comma byte) []byte {
	text := []byte("id")
	if f.Labels != nil {
		text = append(append(text, comma), "label"...)
	}
	if f.Domains != nil {
		text = append(append(text, comma), "domain"...)
	}
	for _, name := range f.Columns {
		text = appendCell(append(text, comma), name)
	}
	return append(text, '\n')
}

// appendRow appends the line of item i. Values get the fewest digits that give the same float32
// back.
func appendRow(text []byte, f *data.Frame, i int, comma byte) []byte {
	text = appendCell(text, f.IDs[i])
	if f.Labels != nil {
		text = appendCell(append(text, comma), f.Labels[i])
	}
	if f.Domains != nil {
		text = appendCell(append(text, comma), f.Domains[i])
	}
	for _, v := range f.Row(i) {
		text = append(text, comma)
		// NaN has no other spelling that every tool reads as missing.
		if v == v { // not NaN
			text = strconv.AppendFloat(text, float64(v), 'g', -1, 32)
		}
	}
	return append(text, '\n')
}

// appendCell quotes a text where reading it back would otherwise change it: separators of any
// dialect, so that inferring one from the header cannot go wrong, line ends, quotes, spaces,
// which an unquoted cell loses, and a byte order mark, which the first cell would.
func appendCell(text []byte, cell string) []byte {
	if !strings.ContainsAny(cell, ",\"\r\n\t ;\ufeff") {
		return append(text, cell...)
	}
	text = append(text, '"')
	text = append(text, strings.ReplaceAll(cell, `"`, `""`)...)
	return append(text, '"')
}
