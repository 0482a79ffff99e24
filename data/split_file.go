package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// splitManifest is the file format of a split: JSON, so that it can be read and compared.
type splitManifest struct {
	Format     string   `json:"format"`
	Frame      string   `json:"frame"` // its content hash
	Items      int      `json:"items"`
	Seed       uint64   `json:"seed"`
	HeldOut    []string `json:"held_out,omitempty"`
	ValHeldOut []string `json:"val_held_out,omitempty"`
	Train      []int    `json:"train"`
	Val        []int    `json:"val"`
	Test       []int    `json:"test"`
}

const splitFormat = "siamese-lab split 1"

// Save writes the split to a JSON file together with the content hash of the frame it is for
// (see [Frame.Hash]), so that it can be loaded for the same data only. The file appears, or
// replaces an older one, only when it is complete. A split that does not pass [Split.Check]
// is not written.
func (s *Split) Save(path string, f *Frame) error {
	if err := s.Check(f); err != nil {
		return err
	}
	text, err := json.Marshal(splitManifest{
		Format: splitFormat, Frame: f.Hash(), Items: f.N(), Seed: s.Seed,
		HeldOut: s.HeldOut, ValHeldOut: s.ValHeldOut, Train: s.Train, Val: s.Val, Test: s.Test,
	})
	if err != nil {
		return fmt.Errorf("data: write split: %w", err)
	}
	return writeFile(path, func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

// LoadSplit returns the split in the file at path, for the frame it was made for. Another
// frame, a file that is no split, and a split that does not pass [Split.Check] are errors.
func LoadSplit(path string, f *Frame) (*Split, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("data: open split: %w", err)
	}
	defer file.Close()
	return ReadSplit(file, path, f)
}

// ReadSplit is [LoadSplit] from a reader; name stands for the file in errors. It reads no more
// than a split of that many items can need.
func ReadSplit(r io.Reader, name string, f *Frame) (*Split, error) {
	if f == nil {
		return nil, errors.New("data: read split: the frame is nil")
	}
	limit := int64(1<<20) + 24*int64(f.N())
	for _, label := range f.Labels {
		limit += int64(6 * len(label)) // a held-out class is named once; JSON may write \u0000
	}
	decoder := json.NewDecoder(io.LimitReader(r, limit))
	decoder.DisallowUnknownFields()
	var m splitManifest
	if err := decoder.Decode(&m); err != nil {
		return nil, fmt.Errorf("data: %s: not a split manifest, or a damaged one (at byte %d): %w; draw the split again", name, decoder.InputOffset(), err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("data: %s: there is more behind the split manifest (from byte %d); draw the split again", name, decoder.InputOffset())
	}
	if m.Format != splitFormat {
		return nil, fmt.Errorf("data: %s: the format is %q, want %q; draw the split again", name, m.Format, splitFormat)
	}
	if have := f.Hash(); m.Frame != have {
		return nil, fmt.Errorf("data: %s: the split was made for another frame: %s with %d items, this one is %s with %d items; load the data it was made for, or draw the split again",
			name, m.Frame, m.Items, have, f.N())
	}
	s := &Split{Train: m.Train, Val: m.Val, Test: m.Test, HeldOut: m.HeldOut, ValHeldOut: m.ValHeldOut, Seed: m.Seed}
	if err := s.Check(f); err != nil {
		return nil, fmt.Errorf("data: %s: %w", name, err)
	}
	return s, nil
}
