package table

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/quote"
)

// SavePairs writes pairs of the items of frame to a file in the format that the end of path names: .csv, .tsv or
// .parquet, with the columns left, right (ids), label and, where there are weights, weight (an empty list is none).
// [OpenPairs] gives the same pairs back. The file appears, or replaces an older one, only when it is complete.
//
// Ids that a spreadsheet would run as formulas are written as they are: [formula.Count] counts those of frame, and with
// [formula.EscapeFrame] of frame in its place they are escaped. PairOptions.EscapedFormulas reads them back.
//
// Lists of different lengths, item numbers out of range and unknown endings are errors, found before anything is
// written.
func SavePairs(path string, frame *data.Frame, pairs Pairs) error {
	f, right, err := pairFrame(frame, pairs)
	if err != nil {
		return fmt.Errorf("table: %s: %w", quote.Text(path), err)
	}
	write, err := writerFor(path, columnWriters())
	if err != nil {
		return err
	}
	if err := atomicfile.Write(path, func(w io.Writer) error {
		return write(w, []string{"left", "right"}, [][]string{f.IDs, right}, f)
	}); err != nil {
		return fmt.Errorf("table: %w", err)
	}
	return nil
}

// pairFrame returns the pairs as a frame whose ids are the left items and whose features are label and weight,
// beside the ids of the right items. The ids of that frame need not be unique: it is for writing only.
func pairFrame(frame *data.Frame, pairs Pairs) (f *data.Frame, right []string, err error) {
	if err := frame.ValidateStructure(); err != nil {
		return nil, nil, err
	}
	n := len(pairs.Label)
	switch {
	case n == 0:
		return nil, nil, errors.New("there are no pairs to write")
	case len(pairs.Left) != n || len(pairs.Right) != n || len(pairs.Weight) > 0 && len(pairs.Weight) != n:
		return nil, nil, fmt.Errorf("%d left items, %d right items, %d labels, %d weights: want lists of one length",
			len(pairs.Left), len(pairs.Right), n, len(pairs.Weight))
	}
	f = &data.Frame{Columns: []string{"label"}}
	if len(pairs.Weight) > 0 {
		f.Columns = append(f.Columns, "weight")
	}
	f.Blocks = []data.Block{{Name: "pair", Start: 0, End: len(f.Columns)}}
	for k, label := range pairs.Label {
		l, r := int(pairs.Left[k]), int(pairs.Right[k])
		if l < 0 || l >= frame.N() || r < 0 || r >= frame.N() {
			return nil, nil, fmt.Errorf("pair %d is of items %d and %d, of %d", k, l, r, frame.N())
		}
		f.IDs, right = append(f.IDs, frame.IDs[l]), append(right, frame.IDs[r])
		if f.X = append(f.X, label); len(pairs.Weight) > 0 {
			f.X = append(f.X, pairs.Weight[k])
		}
	}
	return f, right, nil
}
