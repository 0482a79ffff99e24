package siamese

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/go-siamese/lab/data"
)

// Load returns the model saved at path. A file that is truncated, damaged, of another kind or of a newer
// version is an error that says which. Nothing in the file is executed, and what it claims is held against
// its size before memory is taken.
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
	text, sum, info, err := readInfo(header)
	if err != nil {
		return nil, err
	}
	layout, err := readLayout(header, size-start)
	if err != nil {
		return nil, err
	}
	m := newLoaded(info)
	m.Layers = make([]Layer, len(info.Config.Layers))
	in := info.Width
	for i, width := range info.Config.Layers {
		m.Layers[i], in = Layer{In: in, Out: width}, width
	}
	values := map[string][]float32{}
	for _, t := range m.tensors() {
		if values[t.name], err = readTensor(r, layout, t.name, start, t.shape); err != nil {
			return nil, err
		}
		delete(layout, t.name)
	}
	if more := slices.Sorted(maps.Keys(layout)); len(more) > 0 {
		return nil, fmt.Errorf("tensor %s is not part of the model that the header describes", more[0])
	}
	for _, a := range m.arrays() {
		*a.Values = values[a.Name]
	}
	for i := range m.Layers {
		m.Layers[i].Weights, m.Layers[i].Biases = values[weightsName(i)], values[biasesName(i)]
	}
	if err := m.savable(); err != nil {
		return nil, err
	}
	if sum != "" && sum != checksum(text, m.tensors()) {
		return nil, errors.New("the checksum does not match: the file was damaged after it was saved")
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

// readInfo returns the model's description, as text and read, and its checksum ("" = none).
func readInfo(header map[string]json.RawMessage) (text, sum string, info modelInfo, err error) {
	var metadata map[string]string
	if err := json.Unmarshal(header[metadataKey], &metadata); err != nil || metadata[modelKey] == "" {
		return "", "", info, fmt.Errorf("the header has no %s.%s: these tensors were not saved by this lab", metadataKey, modelKey)
	}
	text, sum = metadata[modelKey], metadata[sumKey]
	if err := json.Unmarshal([]byte(text), &info); err != nil {
		return "", "", info, fmt.Errorf("the model's description is damaged: %w", err)
	}
	if info.Format != formatName {
		return "", "", info, fmt.Errorf("the format is %q, not %q", info.Format, formatName)
	}
	if info.Version == 1 {
		return "", "", info, fmt.Errorf("the format's version is 1, from before preprocessing was part of the configuration, and this lab reads %d: train the model again, or use the lab that wrote it", formatVersion)
	}
	if info.Version != formatVersion {
		return "", "", info, fmt.Errorf("the format's version is %d and this lab reads %d: use the lab that wrote it", info.Version, formatVersion)
	}
	if len(info.Columns) == 0 {
		return "", "", info, errors.New("the model's description is damaged: it has no columns")
	}
	if n := len(info.Columns); info.Width < 1 || info.Width > n {
		return "", "", info, fmt.Errorf("the model's description is damaged: %d preprocessed features of %d columns", info.Width, n)
	}
	return text, sum, info, info.Config.Validate()
}

// newLoaded returns the model of a description, without its numbers.
func newLoaded(info modelInfo) *Model {
	t := &data.Transform{Spec: info.Config.Preprocess, Columns: info.Columns, Blocks: info.Blocks, Domains: info.Domains, VarianceKept: info.VarianceKept}
	if t.Spec.Components != 0 || t.Spec.Variance != 0 {
		t.Variance = make([]float32, info.Width) // says how many components the tensors are of
	}
	m := &Model{Config: info.Config, Threshold: info.Threshold, Transform: t, Standard: t}
	if !t.Spec.IsStandard() {
		m.Standard = &data.Transform{Spec: t.Spec.Standard(), Columns: info.Columns, Blocks: info.Blocks, Domains: info.Domains}
	}
	return m
}

// readLayout returns where every tensor lies in the size bytes behind the header. Together they must fill
// these bytes, without gap or overlap.
func readLayout(header map[string]json.RawMessage, size int64) (map[string]tensorInfo, error) {
	layout := make(map[string]tensorInfo, len(header))
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if name == metadataKey {
			continue
		}
		var info tensorInfo
		if err := json.Unmarshal(header[name], &info); err != nil {
			return nil, fmt.Errorf("tensor %s: %w", name, err)
		}
		layout[name] = info
	}
	names := slices.SortedFunc(maps.Keys(layout), func(a, b string) int {
		x, y := layout[a].Offsets, layout[b].Offsets
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]), cmp.Compare(a, b))
	})
	var at int64
	for _, name := range names {
		from, to := layout[name].Offsets[0], layout[name].Offsets[1]
		if from != at || to < from {
			return nil, fmt.Errorf("tensor %s lies at bytes %d to %d where one should begin at %d: tensors overlap or leave a gap", name, from, to, at)
		}
		if to > size {
			return nil, fmt.Errorf("tensor %s ends at byte %d of %d: the file was cut off", name, to, size)
		}
		at = to
	}
	if at != size {
		return nil, fmt.Errorf("%d bytes follow the last tensor: the file is damaged", size-at)
	}
	return layout, nil
}

func readTensor(r io.ReaderAt, layout map[string]tensorInfo, name string, start int64, shape []int) ([]float32, error) {
	info, ok := layout[name]
	if !ok {
		return nil, fmt.Errorf("tensor %s is missing", name)
	}
	if info.DType != "F32" || !slices.Equal(info.Shape, shape) {
		return nil, fmt.Errorf("tensor %s is %s %v, not F32 %v", name, info.DType, info.Shape, shape)
	}
	want := int64(4) // no overflow: a shape has a header's worth of columns and widths of Config.Validate
	for _, n := range shape {
		want *= int64(n)
	}
	if has := info.Offsets[1] - info.Offsets[0]; has != want {
		return nil, fmt.Errorf("tensor %s has %d bytes, not the %d of its shape %v", name, has, want, shape)
	}
	values := make([]float32, want/4)
	if err := binary.Read(io.NewSectionReader(r, start+info.Offsets[0], want), binary.LittleEndian, values); err != nil {
		return nil, fmt.Errorf("tensor %s: %w", name, err)
	}
	return values, nil
}
