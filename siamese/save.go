package siamese

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data"
)

// A model is one file in the safetensors format: an 8-byte little-endian length, a JSON header that names
// every tensor's type, shape and place, then the numbers. Nothing in it is code. What is not a tensor is JSON
// text under the header's "__metadata__", so any safetensors reader opens the file.
const (
	formatName    = "siamese-lab model"
	formatVersion = 1
	maxHeader     = 64 << 20 // bytes; the header holds the column names, so it can be long
	metadataKey   = "__metadata__"
	modelKey      = "model" // of the metadata
)

// modelInfo is the part of a model that is not numbers.
type modelInfo struct {
	Format    string   `json:"format"`
	Version   int      `json:"version"`
	Config    Config   `json:"config"`
	Scaling   string   `json:"scaling"`
	Columns   []string `json:"columns"`
	Threshold float64  `json:"threshold"`
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

// tensors returns everything numeric of the model, in the order of the file.
func (m *Model) tensors() []namedTensor {
	var out []namedTensor
	if m.Scaler.Kind != data.ScaleNone {
		out = append(out, namedTensor{"scaler.mean", []int{m.F()}, m.Scaler.Mean}, namedTensor{"scaler.inverse", []int{m.F()}, m.Scaler.Inverse})
	}
	for i, layer := range m.Layers {
		out = append(out,
			namedTensor{fmt.Sprintf("layers.%d.weights", i), []int{layer.In, layer.Out}, layer.Weights},
			namedTensor{fmt.Sprintf("layers.%d.biases", i), []int{layer.Out}, layer.Biases})
	}
	return out
}

// Save writes the model to path, atomically: a file that is there stays whole until the new one is complete.
func (m *Model) Save(path string) error {
	err := writeAtomic(path, m.encode)
	if err != nil {
		return fmt.Errorf("saving the model to %s: %w", path, err)
	}
	return nil
}

func (m *Model) encode(w io.Writer) error {
	info, err := json.Marshal(modelInfo{formatName, formatVersion, m.Config, m.Scaler.Kind, m.Scaler.Columns, m.Threshold})
	if err != nil {
		return err
	}
	header := map[string]any{metadataKey: map[string]string{modelKey: string(info)}}
	var offset int64
	for _, t := range m.tensors() {
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
	for _, t := range m.tensors() {
		if err := binary.Write(w, binary.LittleEndian, t.values); err != nil {
			return err
		}
	}
	return nil
}

// Load returns the model saved at path. A file that is truncated, damaged, of another kind or of a newer
// version is an error that says which; nothing is executed and no more memory is used than the file has bytes.
func Load(path string) (*Model, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("loading a model: %w", err)
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("loading a model: %w", err)
	}
	m, err := decode(file, stat.Size())
	if err != nil {
		return nil, fmt.Errorf("loading the model %s: %w", path, err)
	}
	return m, nil
}

// decode reads a model of size bytes.
func decode(r io.ReaderAt, size int64) (*Model, error) {
	header, start, err := readHeader(r, size)
	if err != nil {
		return nil, err
	}
	info, err := readInfo(header)
	if err != nil {
		return nil, err
	}
	read := func(name string, shape ...int) ([]float32, error) {
		return readTensor(r, header, name, start, size, shape)
	}
	m := &Model{Config: info.Config, Threshold: info.Threshold, Scaler: &data.Scaler{Kind: info.Scaling, Columns: info.Columns}}
	f := len(info.Columns)
	if info.Scaling != data.ScaleNone {
		if m.Scaler.Mean, err = read("scaler.mean", f); err != nil {
			return nil, err
		}
		if m.Scaler.Inverse, err = read("scaler.inverse", f); err != nil {
			return nil, err
		}
	}
	if err := m.Scaler.Validate(); err != nil {
		return nil, err
	}
	for i, width := range info.Config.Layers {
		layer := Layer{In: f, Out: width}
		if layer.Weights, err = read(fmt.Sprintf("layers.%d.weights", i), f, width); err != nil {
			return nil, err
		}
		if layer.Biases, err = read(fmt.Sprintf("layers.%d.biases", i), width); err != nil {
			return nil, err
		}
		m.Layers, f = append(m.Layers, layer), width
	}
	return m, nil
}

func readHeader(r io.ReaderAt, size int64) (header map[string]json.RawMessage, start int64, err error) {
	var prefix [8]byte
	if _, err := r.ReadAt(prefix[:], 0); err != nil {
		return nil, 0, fmt.Errorf("the file has %d bytes: it is not a model or was cut off", size)
	}
	length := binary.LittleEndian.Uint64(prefix[:])
	if length > maxHeader || int64(length) > size-8 {
		return nil, 0, fmt.Errorf("the header claims %d bytes in a file of %d: it is not a model or was cut off", length, size)
	}
	text := make([]byte, length)
	if _, err := r.ReadAt(text, 8); err != nil {
		return nil, 0, fmt.Errorf("reading the header: %w", err)
	}
	if err := json.Unmarshal(text, &header); err != nil {
		return nil, 0, fmt.Errorf("the header is not JSON: %w", err)
	}
	return header, 8 + int64(length), nil
}

func readInfo(header map[string]json.RawMessage) (info modelInfo, err error) {
	var metadata map[string]string
	if err := json.Unmarshal(header[metadataKey], &metadata); err != nil || metadata[modelKey] == "" {
		return info, fmt.Errorf("the header has no %s.%s: these tensors were not saved by this lab", metadataKey, modelKey)
	}
	if err := json.Unmarshal([]byte(metadata[modelKey]), &info); err != nil {
		return info, fmt.Errorf("the model's description is damaged: %w", err)
	}
	if info.Format != formatName {
		return info, fmt.Errorf("the format is %q, not %q", info.Format, formatName)
	}
	if info.Version != formatVersion {
		return info, fmt.Errorf("the format's version is %d and this lab reads %d: use the lab that wrote it", info.Version, formatVersion)
	}
	if math.IsNaN(info.Threshold) || len(info.Columns) == 0 {
		return info, fmt.Errorf("the model's description is damaged: %d columns, threshold %v", len(info.Columns), info.Threshold)
	}
	return info, info.Config.Validate()
}

func readTensor(r io.ReaderAt, header map[string]json.RawMessage, name string, start, size int64, shape []int) ([]float32, error) {
	raw, ok := header[name]
	if !ok {
		return nil, fmt.Errorf("tensor %s is missing", name)
	}
	var info tensorInfo
	if err := json.Unmarshal(raw, &info); err != nil {
		return nil, fmt.Errorf("tensor %s: %w", name, err)
	}
	want := int64(4)
	for _, n := range shape {
		want *= int64(n)
	}
	if info.DType != "F32" || fmt.Sprint(info.Shape) != fmt.Sprint(shape) {
		return nil, fmt.Errorf("tensor %s is %s %v, not F32 %v", name, info.DType, info.Shape, shape)
	}
	from, to := info.Offsets[0], info.Offsets[1]
	if from < 0 || to-from != want || to > size-start {
		return nil, fmt.Errorf("tensor %s lies at %d…%d of %d bytes and should have %d: the file was cut off", name, from, to, size-start, want)
	}
	values := make([]float32, want/4)
	if err := binary.Read(io.NewSectionReader(r, start+from, want), binary.LittleEndian, values); err != nil {
		return nil, fmt.Errorf("tensor %s: %w", name, err)
	}
	for i, v := range values {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, fmt.Errorf("tensor %s: number %d is %v: the file is damaged", name, i, v)
		}
	}
	return values, nil
}

// writeAtomic writes a file through a temporary one beside it, synced and then renamed.
func writeAtomic(path string, write func(io.Writer) error) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			file.Close()
			os.Remove(file.Name())
		}
	}()
	if err := write(file); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
