package data

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// WriteCSV writes the frame as comma-separated text: the columns "id", "label" and "domain"
// (the last two where the frame has them), then the features, with as many digits as give the
// same float32 back. NaN is an empty cell.
//
// [ReadCSV] with no options returns the same frame, bit for bit, under three conditions: the
// values are finite, some item has a label (or Labels is nil), and the blocks are what the
// column names suggest (see [BlockName]; else give CSVOptions.BlockOf).
//
// A frame whose lengths or names are wrong, and features with a name that reading would take
// for the id, label or domain, are errors, found before anything is written.
func WriteCSV(w io.Writer, f *Frame) error {
	if f == nil {
		return errors.New("data: write CSV: the frame is nil")
	}
	if err := errors.Join(f.structure()...); err != nil {
		return fmt.Errorf("data: write CSV: %w", err)
	}
	for _, name := range f.Columns {
		if inferredRole(name) != roleFeature {
			return fmt.Errorf("data: write CSV: a feature is called %q, which reading would take for the id, label or domain; rename it", name)
		}
	}
	if _, err := w.Write(f.csvHeader()); err != nil {
		return fmt.Errorf("data: write CSV: %w", err)
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
					texts[k] = f.appendCSV(texts[k], i)
				}
			})
		}
		group.Wait()
		for _, text := range texts {
			if _, err := w.Write(text); err != nil {
				return fmt.Errorf("data: write CSV: %w", err)
			}
		}
	}
	return nil
}

// SaveCSV writes the frame to a file, with gzip when path ends in ".gz". The file appears, or
// replaces an older one, only when it is complete. See [WriteCSV].
func SaveCSV(path string, f *Frame) error {
	return writeFile(path, func(w io.Writer) error {
		if !strings.HasSuffix(path, ".gz") {
			return WriteCSV(w, f)
		}
		packed := gzip.NewWriter(w)
		if err := WriteCSV(packed, f); err != nil {
			return err
		}
		return packed.Close()
	})
}

func (f *Frame) csvHeader() []byte {
	text := []byte("id")
	if f.Labels != nil {
		text = append(text, ",label"...)
	}
	if f.Domains != nil {
		text = append(text, ",domain"...)
	}
	for _, name := range f.Columns {
		text = appendCell(append(text, ','), name)
	}
	return append(text, '\n')
}

func (f *Frame) appendCSV(text []byte, i int) []byte {
	text = appendCell(text, f.IDs[i])
	if f.Labels != nil {
		text = appendCell(append(text, ','), f.Labels[i])
	}
	if f.Domains != nil {
		text = appendCell(append(text, ','), f.Domains[i])
	}
	for _, v := range f.Row(i) {
		text = append(text, ',')
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
