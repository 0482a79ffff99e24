// Package safetensors reads and writes files of named float32, int32 and float64 tensors with a description.
//
// [Write] writes one. [Read] opens one and reads the header; the tensors are then read by name and expected shape
// ([File.Floats], [File.Integers], [File.Doubles]), so that a caller says what the file must hold. [File.Done] and [File.Verify] end
// the reading: nothing is left over, and the checksum is right. What the description means is the callers' business.
//
// Other types, and tensors larger than memory, are not supported.
package safetensors

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/bits"
	"slices"
)

// Models and training states are files in the safetensors format: an 8-byte little-endian length, a JSON header with
// every tensor's name, type, shape and offsets, then the numbers. It holds no code. All else is JSON text under the
// header's "__metadata__", so that any safetensors reader can open the file.
//
// Files may come from anyone, so that nothing in a header is trusted: sizes are compared with the file's before memory
// is allocated, and tensors must fill the file without gaps or overlaps.
const (
	MaxHeader   = 64 << 20 // bytes; large, because the header holds the column names
	MetadataKey = "__metadata__"
	SumKey      = "sha256" // of the metadata, see checksum; optional, for files edited by hand
)

// Tensor is a named tensor of float32 (Values), of int32 (Ints not nil) or of float64 (Doubles not nil). The numbers are
// row by row, as many as the product of Shape.
type Tensor struct {
	Name    string // not [MetadataKey], and another one for each tensor of a file
	Shape   []int
	Values  []float32
	Ints    []int32
	Doubles []float64
}

// is returns the format's name of the tensor's type, and the number of bytes of its numbers.
func (t Tensor) is() (dtype string, size int64) {
	switch {
	case t.Ints != nil:
		return "I32", 4 * int64(len(t.Ints))
	case t.Doubles != nil:
		return "F64", 8 * int64(len(t.Doubles))
	}
	return "F32", 4 * int64(len(t.Values))
}

// TensorInfo is a tensor's entry in the header.
type TensorInfo struct {
	DType   string   `json:"dtype"` // "F32", "I32" or "F64" in the files of this lab
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"` // first byte and the one after the last, counted from the end of the header
}

// Write writes tensors, in this order, and their description info, stored under key of the metadata. key is the kind of
// file: [Read] refuses others. Shapes are not compared with the numbers of values. The same arguments give the same
// bytes. On an error part of the file may be written: use package atomicfile.
func Write(w io.Writer, key, info string, list []Tensor) error {
	// json sorts the keys of a map, so that the header is the same for the same tensors.
	header := map[string]any{MetadataKey: map[string]string{key: info, SumKey: checksum(info, list)}}
	var offset int64
	// Tensors follow each other without gaps, which is what readLayout checks.
	for _, t := range list {
		dtype, size := t.is()
		header[t.Name] = TensorInfo{DType: dtype, Shape: t.Shape, Offsets: [2]int64{offset, offset + size}}
		offset += size
	}
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	for len(text)%8 != 0 {
		text = append(text, ' ') // the format aligns the numbers to 8 bytes
	}
	if len(text) > MaxHeader {
		return fmt.Errorf("the header would have %d bytes: names are too long", len(text))
	}
	if err := binary.Write(w, binary.LittleEndian, uint64(len(text))); err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	for _, t := range list {
		if err := t.write(w); err != nil {
			return err
		}
	}
	return nil
}

// checksum returns the SHA-256 of the description and the numbers, in hexadecimal: of what follows the header in the
// file, so that [File.Verify] can compute it without knowing the tensors.
func checksum(info string, list []Tensor) string {
	sum := sha256.New()
	_, _ = io.WriteString(sum, info) // a hash never fails
	for _, t := range list {
		_ = t.write(sum)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// File is an open file of tensors with a valid header. Tensors are read on demand, from the reader that [Read] was
// given, which must stay open. It is not safe for concurrent use.
type File struct {
	kind    string                // key of the description
	Info    string                // the description
	sum     string                // checksum, "" = none
	numbers *io.SectionReader     // everything after the header
	layout  map[string]TensorInfo // by name; offsets are from the start of numbers
	read    map[string]bool       // tensors that were read, for Done
}

// Read opens a file of size bytes whose description is under key of the metadata. Claims of the header are checked
// against the size before memory is allocated. Call Done and Verify after reading the tensors. A file that is
// truncated, no safetensors file or of another kind is an error that says which.
func Read(r io.ReaderAt, size int64, key string) (*File, error) {
	header, start, err := Header(r, size, MaxHeader)
	if err != nil {
		return nil, err
	}
	var metadata map[string]string
	// A file of another program, or one that another key describes, has no description for the caller.
	if err := json.Unmarshal(header[MetadataKey], &metadata); err != nil || metadata[key] == "" {
		return nil, fmt.Errorf("the header has no %s.%s: these tensors were not saved by this lab as a %s", MetadataKey,
			key, key)
	}
	layout, err := readLayout(header, size-start)
	if err != nil {
		return nil, err
	}
	return &File{
		kind: key, Info: metadata[key], sum: metadata[SumKey], numbers: io.NewSectionReader(r, start, size-start),
		layout: layout, read: map[string]bool{},
	}, nil
}

// Header returns the entries of the header of a file of size bytes, not yet parsed, and the offset of the numbers
// behind it. A header of more than most bytes, a file that is truncated, and one whose length was written big-endian,
// which the format does not have, are errors that say so.
func Header(r io.ReaderAt, size, most int64) (header map[string]json.RawMessage, start int64, err error) {
	var prefix [8]byte
	// A file that is too short for the prefix is reported as such: ReadAt would say only "EOF".
	if _, err := r.ReadAt(prefix[:], 0); err != nil {
		return nil, 0, fmt.Errorf("the file has %d bytes: %w", size, ErrTruncated)
	}
	length := binary.LittleEndian.Uint64(prefix[:])
	if length > uint64(most) || int64(length) > size-8 { // the first keeps the conversion from overflowing
		if turned := bits.ReverseBytes64(length); turned > 0 && turned <= uint64(most) && int64(turned) <= size-8 {
			return nil, 0, fmt.Errorf("%w: its length of %d bytes is big-endian, and safetensors is little-endian on every "+
				"machine: use another program to write it", ErrTruncated, turned)
		}
		return nil, 0, fmt.Errorf("the header claims %d bytes in a file of %d: %w", length, size, ErrTruncated)
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

// readLayout returns the entries of all tensors. Together they must fill the size bytes after the header, without gaps
// or overlaps: a file that was cut short or has something appended is found before any tensor is read.
func readLayout(header map[string]json.RawMessage, size int64) (map[string]TensorInfo, error) {
	layout := make(map[string]TensorInfo, len(header))
	for _, name := range slices.Sorted(maps.Keys(header)) { // sorted: of several faults always the same is reported
		if name == MetadataKey {
			continue
		}
		var info TensorInfo
		if err := json.Unmarshal(header[name], &info); err != nil {
			return nil, &TensorError{name, err}
		}
		layout[name] = info
	}
	// In order of offsets every tensor must begin where the one before ends. Empty ones come first at their place.
	names := slices.SortedFunc(maps.Keys(layout), func(a, b string) int {
		x, y := layout[a].Offsets, layout[b].Offsets
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]), cmp.Compare(a, b))
	})
	var at int64
	for _, name := range names {
		from, to := layout[name].Offsets[0], layout[name].Offsets[1]
		if from != at || to < from {
			return nil, tensorErrorf(name, "it is at bytes %d to %d where one should begin at %d: "+
				"tensors overlap or leave a gap", from, to, at)
		}
		if to > size {
			return nil, tensorErrorf(name, "it ends at byte %d of %d: %w", to, size, ErrTruncated)
		}
		at = to
	}
	// What belongs to no tensor is damage, or hides something: neither is a model.
	if at != size {
		return nil, fmt.Errorf("%d bytes follow the last tensor: the file is damaged", size-at)
	}
	return layout, nil
}

// Has reports whether there is a tensor called name, for tensors that a file may leave out. It does not count as
// reading.
func (f *File) Has(name string) bool {
	_, ok := f.layout[name]
	return ok
}

// Floats returns a float32 tensor, which must have this shape. A missing tensor, another type or another shape is an
// error with the tensor's name. NaN and infinities are returned as they are in the file.
func (f *File) Floats(name string, shape []int) ([]float32, error) {
	return readNumbers[float32](f, name, "F32", shape)
}

// Integers returns an int32 tensor, which must have this shape, as Floats.
func (f *File) Integers(name string, shape []int) ([]int32, error) {
	return readNumbers[int32](f, name, "I32", shape)
}

// Doubles returns a float64 tensor, which must have this shape, as Floats.
func (f *File) Doubles(name string, shape []int) ([]float64, error) {
	return readNumbers[float64](f, name, "F64", shape)
}

// readNumbers returns a tensor of the given type. It allocates only after section has found that the file is as large.
func readNumbers[T number](f *File, name, dtype string, shape []int) ([]T, error) {
	section, n, err := f.section(name, dtype, shape, int64(binary.Size(T(0))))
	if err != nil {
		return nil, err
	}
	values := make([]T, n)
	if err := readAll(section, values); err != nil {
		return nil, &TensorError{name, err}
	}
	return values, nil
}

// section returns a reader of the n numbers of a tensor, of some bytes each, and marks it as read. shape must come from
// checked settings: its product must not overflow.
func (f *File) section(name, dtype string, shape []int, each int64) (r io.Reader, n int64, err error) {
	info, ok := f.layout[name]
	if !ok {
		return nil, 0, tensorErrorf(name, "it is missing")
	}
	// Both are from the file: the shape that the caller wants is the one that counts.
	if info.DType != dtype || !slices.Equal(info.Shape, shape) {
		return nil, 0, tensorErrorf(name, "it is %s %v, not %s %v", info.DType, info.Shape, dtype, shape)
	}
	n = 1 // no overflow: a shape has a header's worth of columns and widths of Config.Validate
	for _, dim := range shape {
		n *= int64(dim)
	}
	if has := info.Offsets[1] - info.Offsets[0]; has != each*n {
		return nil, 0, tensorErrorf(name, "it has %d bytes, not the %d of its shape %v", has, 4*n, shape)
	}
	f.read[name] = true
	return io.NewSectionReader(f.numbers, info.Offsets[0], each*n), n, nil
}

// Done returns an error if a tensor was not read: the description and the tensors do not belong together.
func (f *File) Done() error {
	for _, name := range slices.Sorted(maps.Keys(f.layout)) {
		if !f.read[name] {
			return tensorErrorf(name, "it is not part of the %s that the header describes", f.kind)
		}
	}
	return nil
}

// Verify checks the checksum, if the file has one, in one more pass over the numbers. Call it last, so that faults in
// an edited file are reported by name. It finds accidents, not forgery: who edits a file can leave the checksum out.
func (f *File) Verify() error {
	if f.sum == "" {
		return nil
	}
	sum := sha256.New()
	_, _ = io.WriteString(sum, f.Info) // a hash never fails
	if _, err := io.Copy(sum, io.NewSectionReader(f.numbers, 0, f.numbers.Size())); err != nil {
		return fmt.Errorf("reading the numbers: %w", err)
	}
	if f.sum != hex.EncodeToString(sum.Sum(nil)) {
		return ErrChecksum
	}
	return nil
}
