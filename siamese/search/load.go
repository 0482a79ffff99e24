package search

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"unicode/utf8"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/safetensors"
	"github.com/go-siamese/lab/siamese/internal/scan"
)

// FileError is a file that is no index, or a damaged one.
type FileError struct {
	Path string
	Err  error
}

// Error returns the path with what is wrong.
func (e *FileError) Error() string { return "index " + quote.Text(e.Path) + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *FileError) Unwrap() error { return e.Err }

// Is reports whether a file says that it is an index; it may be damaged all the same.
func Is(path string) bool {
	file, err := os.Open(path) //nolint:gosec // the caller's file
	if err != nil {
		return false
	}
	defer file.Close() //nolint:errcheck // only read
	stat, err := file.Stat()
	if err != nil || !stat.Mode().IsRegular() {
		return false
	}
	head := make([]byte, min(stat.Size(), 8+maxHeader))
	if _, err := file.ReadAt(head, 0); err != nil || len(head) < 8 {
		return false
	}
	n := binary.LittleEndian.Uint64(head)
	return n <= uint64(len(head)-8) && bytes.Contains(head[8:8+n], []byte(`"`+fileKey+`":`))
}

// ErrDamaged is in the error of [Load] for a file whose checksums do not match, or that ends too early.
var ErrDamaged = errors.New("the file is damaged: make the index again")

// Load reads an index from a file. Every number is read once and compared with its checksum. With Float32 all is in
// memory afterwards; with Float16 and Int8 the float32 numbers stay in the file, which is open until [Exact.Close] and
// must not be changed. Files that are no index, damaged or of a later version are a [FileError]. A graph in the file is
// left out: answers are those without it.
func Load(ctx context.Context, path string) (*Exact, error) {
	x, _, err := LoadGraph(ctx, path)
	return x, err
}

// LoadGraph is [Load] with the graph of another engine, nil where the file has none. That its numbers are those that
// were written is known then, not what they mean.
func LoadGraph(ctx context.Context, path string) (*Exact, *Graph, error) {
	file, err := openfile.Regular(path)
	if err != nil {
		return nil, nil, err
	}
	x, graph, err := load(ctx, file)
	if err != nil {
		return nil, nil, errors.Join(&FileError{path, err}, file.Close())
	}
	if x.file == nil {
		return x, graph, file.Close()
	}
	return x, graph, nil
}

func load(ctx context.Context, file *os.File) (*Exact, *Graph, error) {
	stat, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	info, header, start, err := readHeader(file, stat.Size())
	if err != nil {
		return nil, nil, err
	}
	x, err := New(info.Width, Config{Storage: info.Storage, Of: info.Of})
	if err != nil {
		return nil, nil, err
	}
	sum := sha256.New()
	read := func(name string) ([]byte, error) {
		at := header[name].Offsets
		part := make([]byte, at[1]-at[0])
		if _, err := file.ReadAt(part, start+at[0]); err != nil {
			return nil, fmt.Errorf("%s: %w: %w", name, ErrDamaged, err)
		}
		sum.Write(part)
		return part, nil
	}
	parts := make([][]byte, len(fileTensors))
	for i, t := range fileTensors {
		if parts[i], err = read(t.name); err != nil {
			return nil, nil, err
		}
	}
	graph, err := readGraph(info, read)
	if err != nil {
		return nil, nil, err
	}
	if hex.EncodeToString(sum.Sum(nil)) != info.SHA256 {
		return nil, nil, fmt.Errorf("the checksum does not match: %w", ErrDamaged)
	}
	if err := x.readItems(parts, info.Items); err != nil {
		return nil, nil, err
	}
	return x, graph, x.readRows(ctx, file, start+header["vectors"].Offsets[0], parts[3])
}

// readGraph returns the graph of a file, nil = none.
func readGraph(info fileInfo, read func(name string) ([]byte, error)) (*Graph, error) {
	if info.Version != withGraph {
		return nil, nil
	}
	b, err := read("links")
	if err != nil {
		return nil, err
	}
	g := &Graph{Engine: info.Engine, Settings: info.Settings, Links: make([]uint32, len(b)/4)}
	for i := range g.Links {
		g.Links[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	g.Levels, err = read("levels")
	return g, err
}

// readHeader returns what a file says of itself, where every tensor lies within it as it must, and where they begin.
func readHeader(r io.ReaderAt, size int64) (fileInfo, map[string]safetensors.TensorInfo, int64, error) {
	var info fileInfo
	fail := func(err error) (fileInfo, map[string]safetensors.TensorInfo, int64, error) { return info, nil, 0, err }
	raw, start, err := safetensors.Header(r, size, maxHeader)
	if err != nil {
		return fail(fmt.Errorf("it is no index, or it ends too early: %w", err))
	}
	meta := make(map[string]string)
	if json.Unmarshal(raw[safetensors.MetadataKey], &meta) != nil || json.Unmarshal([]byte(meta[fileKey]), &info) != nil {
		return fail(errors.New("it is no index: siamese index build --out=FILE MODEL DATA makes one"))
	}
	if info.Version < fileVersion || info.Version > withGraph {
		return fail(fmt.Errorf("it is of version %d, and this program reads versions up to %d: use the program that made it",
			info.Version, withGraph))
	}
	if info.Width < 1 || info.Items < 0 || info.Items > math.MaxInt32 || info.Width > scan.MaxCodes {
		return fail(fmt.Errorf("it claims %d items of %d numbers: %w", info.Items, info.Width, ErrDamaged))
	}
	header := make(map[string]safetensors.TensorInfo)
	end := int64(0)
	var names []string
	for _, t := range fileTensors {
		names = append(names, t.name)
	}
	names = append(names, "vectors")
	if info.Version == withGraph {
		names = append(names, "links", "levels")
	}
	for i, name := range names {
		var t safetensors.TensorInfo
		if err := json.Unmarshal(raw[name], &t); err != nil {
			return fail(fmt.Errorf("tensor %s: %w", name, ErrDamaged))
		}
		bytes, dtype, shape := int64(info.Items)*int64(4*info.Width), "F32", []int{info.Items, info.Width}
		anyShape := len(t.Shape) == 1 && t.Shape[0] >= 0 && int64(t.Shape[0]) <= size
		switch {
		case i == 0 && anyShape:
			bytes, dtype, shape = int64(t.Shape[0]), "U8", t.Shape
		case name == "links" && anyShape:
			bytes, dtype, shape = 4*int64(t.Shape[0]), "U32", t.Shape
		case name == "levels":
			bytes, dtype, shape = int64(info.Items), "U8", []int{info.Items}
		case i < len(fileTensors):
			bytes, dtype, shape = 4*int64(info.Items), fileTensors[i].dtype, []int{info.Items}
		}
		if t.DType != dtype || !slices.Equal(t.Shape, shape) || t.Offsets != [2]int64{end, end + bytes} || bytes < 0 ||
			bytes > size {
			return fail(fmt.Errorf("tensor %s is not where it has to be: %w", name, ErrDamaged))
		}
		header[name], end = t, end+bytes
	}
	if len(raw) != len(names)+1 || start+end != size {
		return fail(fmt.Errorf("it has %d bytes instead of %d: %w", size, start+end, ErrDamaged))
	}
	return info, header, start, nil
}

// readItems takes ids, labels and domains over.
func (x *Exact) readItems(parts [][]byte, n int) error {
	var t fileTexts
	d := json.NewDecoder(bytes.NewReader(parts[0]))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return fmt.Errorf("items: %w: %w", ErrDamaged, err)
	}
	if len(t.IDs) != n {
		return fmt.Errorf("there are %d ids of %d items: %w", len(t.IDs), n, ErrDamaged)
	}
	for i, id := range t.IDs {
		label, domain := binary.LittleEndian.Uint32(parts[1][4*i:]), binary.LittleEndian.Uint32(parts[2][4*i:])
		if label >= uint32(len(t.Labels)) || domain >= uint32(len(t.Domains)) { //nolint:gosec // shorter than the file
			return fmt.Errorf("item %d has no label or domain: %w", i, ErrDamaged)
		}
		if _, there := x.byID[id]; there || id == "" || !utf8.ValidString(id) {
			return fmt.Errorf("item %d: the id %s is not unique: %w", i, quote.Quoted(id), ErrDamaged)
		}
		x.put(id, t.Labels[label], t.Domains[domain])
	}
	return nil
}

// readRows reads the vectors once, from at on, and compares them with their sums.
func (x *Exact) readRows(ctx context.Context, file *os.File, at int64, sums []byte) error {
	const some = 256
	size := 4 * x.width
	b, row := make([]byte, some*size), make([]float32, x.width)
	if x.storage != Float32 {
		x.file, x.start, x.inFile = file, at, x.n()
	}
	x.reserve(x.n())
	for from := 0; from < x.n(); from += some {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		to := min(x.n(), from+some)
		if _, err := file.ReadAt(b[:(to-from)*size], at+int64(from)*int64(size)); err != nil {
			return err
		}
		for i := from; i < to; i++ {
			one := b[(i-from)*size:][:size]
			sum := binary.LittleEndian.Uint32(sums[4*i:])
			if rowSum(one) != sum {
				return fmt.Errorf("row %d: the checksum does not match: %w", i, ErrDamaged)
			}
			decode(row, one)
			if err := unit(row); err != nil {
				return fmt.Errorf("row %d: %w", i, err)
			}
			x.sums = append(x.sums, sum)
			if x.reduce(row); x.storage == Float32 {
				x.values = append(x.values, row...)
			}
		}
	}
	return nil
}

// reserve makes room for n rows at once: growing by and by takes twice the memory for a while.
func (x *Exact) reserve(n int) {
	x.sums = make([]uint32, 0, n)
	if x.scratch == nil && x.file == nil {
		x.values = make([]float32, 0, n*x.width)
	}
	switch x.storage {
	case Float16:
		x.halves = make([]uint16, 0, n*x.width)
	case Int8:
		x.codes = scan.NewCodeTile(n, x.width)
		x.codes.Codes, x.codes.Sums, x.codes.Scales = x.codes.Codes[:0], x.codes.Sums[:0], x.codes.Scales[:0]
	}
}
