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
	Format  string `json:"format"`
	Version int    `json:"version"`
	K       int    `json:"k"`
	Model
}

// Tensors returns the numbers of a model as tensors, in the order of a file; prefix precedes their names.
func (m *Model) Tensors(prefix string) []safetensors.Tensor {
	k := m.K()
	return []safetensors.Tensor{{Name: prefix + "mean", Shape: []int{k}, Doubles: m.Mean},
		{Name: prefix + "axes", Shape: []int{k, k}, Doubles: m.Axes},
		{Name: prefix + "between", Shape: []int{k}, Doubles: m.Between}}
}

// ReadTensors takes the numbers of a model over rows of k numbers from a file of tensors. It does not say whether they
// are valid; see [Model.Validate].
func (m *Model) ReadTensors(file *safetensors.File, prefix string, k int) error {
	var errs [3]error
	m.Mean, errs[0] = file.Doubles(prefix+"mean", []int{k})
	m.Axes, errs[1] = file.Doubles(prefix+"axes", []int{k, k})
	m.Between, errs[2] = file.Doubles(prefix+"between", []int{k})
	return errors.Join(errs[:]...)
}

// Save writes the model to path atomically, as a file of tensors (safetensors). A model that is not valid is an error
// and not written.
func (m *Model) Save(path string) error {
	if err := m.Validate(); err != nil {
		return err
	}
	info, err := json.Marshal(modelInfo{Format: formatName, Version: formatVersion, K: m.K(), Model: *m})
	if err != nil {
		return fmt.Errorf("saving PLDA: %w", err)
	}
	err = atomicfile.Write(path, func(w io.Writer) error {
		return safetensors.Write(w, modelKey, string(info), m.Tensors(""))
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
	m := &info.Model
	if err := m.ReadTensors(file, "", info.K); err != nil {
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
