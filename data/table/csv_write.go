package table

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/go-siamese/lab/data"
)

// WriteCSV writes the frame as comma-separated text: the columns "id", "label" and "domain"
// (the last two where the frame has them), then the features, with as many digits as give the
// same float32 back. NaN is an empty cell.
//
// [Open] with no options returns the same frame, bit for bit, under three conditions: the
// values are finite, some item has a label (or Labels is nil), and the blocks are what the
// column names suggest (see [data.BlockName]; else give Options.BlockOf).
//
// A frame whose lengths or names are wrong, and features with a name that reading would take
// for the id, label or domain or that holds a zero byte, are errors, found before anything is written.
func WriteCSV(w io.Writer, f *data.Frame) error { return writeText(w, f, ',') }

// WriteTSV is [WriteCSV] with tabs between the cells.
func WriteTSV(w io.Writer, f *data.Frame) error { return writeText(w, f, '\t') }

func writeText(w io.Writer, f *data.Frame, comma byte) error {
	if err := writable(f); err != nil {
		return err
	}
	for _, name := range f.Columns {
		if strings.IndexByte(name, 0) >= 0 {
			return fmt.Errorf("table: write CSV: the feature %q has a zero byte in its name, by which reading tells binary files; rename it", name)
		}
	}
	if _, err := w.Write(csvHeader(f, comma)); err != nil {
		return fmt.Errorf("table: write CSV: %w", err)
	}
	workers := runtime.GOMAXPROCS(0)
	// A worker formats about 64 KiB of text at a time.
	rows := max(1, (1<<16)/(12*f.F()))
	texts := make([][]byte, workers)
	for start := 0; start < f.N(); start += rows * workers {
		var group sync.WaitGroup
		for k := range texts {
			group.Go(func() {
				texts[k] = texts[k][:0]
				from := min(f.N(), start+k*rows)
				for i := from; i < min(f.N(), from+rows); i++ {
					texts[k] = appendCSV(texts[k], f, i, comma)
				}
			})
		}
		group.Wait()
		for _, text := range texts {
			if _, err := w.Write(text); err != nil {
				return fmt.Errorf("table: write CSV: %w", err)
			}
		}
	}
	return nil
}

// zipped returns what compresses with gzip what write writes.
func zipped(write writer) writer {
	return func(w io.Writer, f *data.Frame) error {
		out := gzip.NewWriter(w)
		return errors.Join(write(out, f), out.Close())
	}
}

// zstandard is zipped with zstd.
func zstandard(write writer) writer {
	return func(w io.Writer, f *data.Frame) error {
		out, err := zstd.NewWriter(w)
		if err != nil {
			return err
		}
		return errors.Join(write(out, f), out.Close())
	}
}

// csvHeader returns the line of column names.
func csvHeader(f *data.Frame, comma byte) []byte {
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

// appendCSV appends the line of item i.
func appendCSV(text []byte, f *data.Frame, i int, comma byte) []byte {
	text = appendCell(text, f.IDs[i])
	if f.Labels != nil {
		text = appendCell(append(text, comma), f.Labels[i])
	}
	if f.Domains != nil {
		text = appendCell(append(text, comma), f.Domains[i])
	}
	for _, v := range f.Row(i) {
		text = append(text, comma)
		if v == v { // NaN is an empty cell
			text = strconv.AppendFloat(text, float64(v), 'g', -1, 32)
		}
	}
	return append(text, '\n')
}

// appendCell quotes a text where reading it back would otherwise change it.
func appendCell(text []byte, cell string) []byte {
	if !strings.ContainsAny(cell, ",\"\r\n\t ;\ufeff") {
		return append(text, cell...)
	}
	text = append(text, '"')
	text = append(text, strings.ReplaceAll(cell, `"`, `""`)...)
	return append(text, '"')
}
