package plda

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/safetensors"
)

// A model is one file of tensors of float64; the rest is JSON in the file's metadata.
const (
	formatName    = "siamese-lab plda"
	formatVersion = 1
	modelKey      = "plda"  // of the metadata: modelInfo as JSON
	mostWide      = 1 << 20 // K of a file, so that K² numbers are counted without overflow
)

// modelInfo describes a model: everything but its tensors.
type modelInfo struct {
	Format    string  `json:"format"`
	Version   int     `json:"version"`
	K         int     `json:"k"`
	Items     int     `json:"items"`
	Classes   int     `json:"classes"`
	Shrinkage float64 `json:"shrinkage"`
	Isotropic float64 `json:"isotropic"`
	Rounds    int     `json:"rounds"`
	Tried     []Tried `json:"tried,omitempty"`
}

// tensors returns the tensors of the model, in the order of the file.
func (m *Model) tensors() []safetensors.Tensor {
	k := m.K()
	return []safetensors.Tensor{{Name: "mean", Shape: []int{k}, Doubles: m.Mean},
		{Name: "axes", Shape: []int{k, k}, Doubles: m.Axes}, {Name: "between", Shape: []int{k}, Doubles: m.Between}}
}

// Save writes the model to path atomically, as a file of tensors (safetensors). A model that is not valid is an error
// and not written.
func (m *Model) Save(path string) error {
	if err := m.Validate(); err != nil {
		return err
	}
	info, err := json.Marshal(modelInfo{Format: formatName, Version: formatVersion, K: m.K(), Items: m.Items,
		Classes: m.Classes, Shrinkage: m.Shrinkage, Isotropic: m.Isotropic, Rounds: m.Rounds, Tried: m.Tried})
	if err != nil {
		return fmt.Errorf("saving PLDA: %w", err)
	}
	err = atomicfile.Write(path, func(w io.Writer) error {
		return safetensors.Write(w, modelKey, string(info), m.tensors())
	})
	if err != nil {
		return fmt.Errorf("saving PLDA: %w", err)
	}
	return nil
}

// Load returns the model saved at path, to the bit. A file that is truncated, damaged, of another kind or of another
// version is an error that says so. Nothing in the file is executed, and claimed sizes are checked against the file's
// size before memory is allocated.
func Load(path string) (*Model, error) {
	file, err := openfile.Regular(path)
	if err != nil {
		return nil, fmt.Errorf("loading PLDA: %w", err)
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("loading PLDA: %w", err)
	}
	m, err := decode(file, stat.Size())
	if err != nil {
		return nil, fmt.Errorf("loading PLDA from %s: %w", quote.Text(path), err)
	}
	return m, nil
}

// decode reads a model of size bytes.
func decode(r io.ReaderAt, size int64) (*Model, error) {
	file, err := safetensors.Read(r, size, modelKey)
	if err != nil {
		return nil, err
	}
	var info modelInfo
	if err := json.Unmarshal([]byte(file.Info), &info); err != nil {
		return nil, fmt.Errorf("the model's description is damaged: %w", err)
	}
	if info.Format != formatName || info.Version != formatVersion {
		return nil, fmt.Errorf("the format is %q, version %d, and this lab reads %q, version %d", info.Format,
			info.Version, formatName, formatVersion)
	}
	if info.K < 1 || info.K > mostWide {
		return nil, fmt.Errorf("the model's description is damaged: rows of %d numbers", info.K)
	}
	m := &Model{Items: info.Items, Classes: info.Classes, Shrinkage: info.Shrinkage, Isotropic: info.Isotropic,
		Rounds: info.Rounds, Tried: info.Tried}
	var errs [3]error
	m.Mean, errs[0] = file.Doubles("mean", []int{info.K})
	m.Axes, errs[1] = file.Doubles("axes", []int{info.K, info.K})
	m.Between, errs[2] = file.Doubles("between", []int{info.K})
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	if err := file.Done(); err != nil {
		return nil, err
	}
	// The checksum comes last: what Validate finds says more than "damaged".
	if err := m.Validate(); err != nil {
		return nil, err
	}
	if err := file.Verify(); err != nil {
		return nil, err
	}
	return m, nil
}
