package siamese

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/go-siamese/lab/data"
)

// A model is one file in the safetensors format: an 8-byte little-endian length, a JSON header that names
// every tensor's type, shape and place, then the numbers. Nothing in it is code. What is not a tensor is JSON
// text under the header's "__metadata__", so any safetensors reader opens the file.
const (
	formatName    = "siamese-lab model"
	formatVersion = 2
	maxHeader     = 64 << 20 // bytes; the header holds the column names, so it can be long
	metadataKey   = "__metadata__"
	modelKey      = "model"  // of the metadata: modelInfo as JSON
	sumKey        = "sha256" // of the metadata: see checksum; a file changed on purpose may leave it out
)

// modelInfo is the part of a model that is not numbers.
type modelInfo struct {
	Format       string       `json:"format"`
	Version      int          `json:"version"`
	Config       Config       `json:"config"`
	Columns      []string     `json:"columns"`
	Blocks       []data.Block `json:"blocks"`
	Domains      []string     `json:"domains"`
	Width        int          `json:"width"` // of the preprocessed features
	VarianceKept float64      `json:"variance_kept"`
	Threshold    float64      `json:"threshold"`
}

// tensorInfo is a tensor's entry in the header.
type tensorInfo struct {
	DType   string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// namedTensor is a tensor on its way to or from a file.
type namedTensor struct {
	name   string
	shape  []int
	values []float32
}

// Prefixes of the transforms' tensors in a file.
const (
	transformPrefix = "preprocess."
	standardPrefix  = "standard." // only where the model has two transforms
)

func weightsName(layer int) string { return fmt.Sprintf("layers.%d.weights", layer) }
func biasesName(layer int) string  { return fmt.Sprintf("layers.%d.biases", layer) }

// tensors returns everything numeric of the model, in the order of the file.
func (m *Model) tensors() []namedTensor {
	var out []namedTensor
	for _, a := range m.arrays() {
		out = append(out, namedTensor{a.Name, a.Shape, *a.Values})
	}
	for i, layer := range m.Layers {
		out = append(out,
			namedTensor{weightsName(i), []int{layer.In, layer.Out}, layer.Weights},
			namedTensor{biasesName(i), []int{layer.Out}, layer.Biases})
	}
	return out
}

// arrays returns the arrays of the model's transforms under their names in the file.
func (m *Model) arrays() []data.Array {
	out := m.Transform.Arrays()
	for i := range out {
		out[i].Name = transformPrefix + out[i].Name
	}
	if m.Standard == m.Transform {
		return out
	}
	for _, a := range m.Standard.Arrays() {
		a.Name = standardPrefix + a.Name
		out = append(out, a)
	}
	return out
}

func blockNames(blocks []data.Block) []string {
	names := make([]string, len(blocks))
	for k, b := range blocks {
		names[k] = b.Name
	}
	return names
}

// Save writes the model to path, atomically: a file that is there stays whole until the new one is complete.
// A model that could not be loaded again, for instance with a weight that is NaN, is an error and not written.
func (m *Model) Save(path string) error {
	err := writeAtomic(path, m.encode)
	if err != nil {
		return fmt.Errorf("saving the model to %s: %w", path, err)
	}
	return nil
}

func (m *Model) encode(w io.Writer) error {
	if err := m.savable(); err != nil {
		return err
	}
	t := m.Transform
	info, err := json.Marshal(modelInfo{
		Format: formatName, Version: formatVersion, Config: m.Config, Columns: t.Columns, Blocks: t.Blocks, Domains: t.Domains,
		Width: t.Width(), VarianceKept: t.VarianceKept, Threshold: m.Threshold,
	})
	if err != nil {
		return err
	}
	tensors := m.tensors()
	header := map[string]any{metadataKey: map[string]string{modelKey: string(info), sumKey: checksum(string(info), tensors)}}
	var offset int64
	for _, t := range tensors {
		size := int64(4 * len(t.values))
		header[t.name] = tensorInfo{DType: "F32", Shape: t.shape, Offsets: [2]int64{offset, offset + size}}
		offset += size
	}
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	for len(text)%8 != 0 {
		text = append(text, ' ') // the numbers start on a multiple of 8, as the format wants
	}
	if len(text) > maxHeader {
		return fmt.Errorf("the header would have %d bytes: column names are too long", len(text))
	}
	if err := binary.Write(w, binary.LittleEndian, uint64(len(text))); err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	for _, t := range tensors {
		if err := binary.Write(w, binary.LittleEndian, t.values); err != nil {
			return err
		}
	}
	return nil
}

// savable returns why the model could not be loaded again if it were saved, or nil.
func (m *Model) savable() error {
	if err := errors.Join(m.check(), m.Config.Validate()); err != nil {
		return err
	}
	widths := make([]int, len(m.Layers))
	for i, layer := range m.Layers {
		widths[i] = layer.Out
	}
	if !slices.Equal(widths, m.Config.Layers) {
		return fmt.Errorf("the layers are %v wide and the configuration says %v", widths, m.Config.Layers)
	}
	if t := m.Threshold; math.IsNaN(t) || math.IsInf(t, 0) {
		return fmt.Errorf("the threshold is %v", t)
	}
	if !m.Transform.Spec.Equal(m.Config.Preprocess) || !m.Standard.Spec.Equal(m.Config.Preprocess.Standard()) ||
		(m.Standard == m.Transform) != m.Config.Preprocess.IsStandard() {
		return errors.New("the preprocessing is not that of the configuration")
	}
	for _, list := range []struct {
		what  string
		names []string
	}{{"column", m.Transform.Columns}, {"block", blockNames(m.Transform.Blocks)}, {"domain", m.Transform.Domains}} {
		for _, name := range list.names {
			if !utf8.ValidString(name) {
				return fmt.Errorf("%s %q is not UTF-8: rename it before training", list.what, name)
			}
		}
	}
	for _, t := range m.tensors() {
		if i := firstNotFinite(t.values); i >= 0 {
			return fmt.Errorf("tensor %s: number %d is %v", t.name, i, t.values[i])
		}
	}
	return nil
}

// checksum returns the SHA-256 of the model's description and numbers, in hexadecimal digits.
func checksum(info string, tensors []namedTensor) string {
	sum := sha256.New()
	_, _ = io.WriteString(sum, info) // a hash never fails
	for _, t := range tensors {
		_ = binary.Write(sum, binary.LittleEndian, t.values)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// firstNotFinite returns the place of the first NaN or infinity, or -1.
func firstNotFinite(values []float32) int {
	return slices.IndexFunc(values, func(v float32) bool { return v-v != 0 })
}
