package arrowipc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// readBytes reads an Arrow file or stream.
func readBytes(t *testing.T, content []byte) (f *data.Frame, err error) {
	t.Helper()
	in := &reading.Input{Name: "t", Size: int64(len(content)), ReaderAt: bytes.NewReader(content)}
	opt := &reading.Options{AllowMissing: true, MaxBytes: 64 << 20}
	defer tableerr.Guard("t", &err)
	if File.Is(in.Head()) {
		f, _, err = File.Open(t.Context(), in, opt)
	} else {
		f, _, err = Stream.Open(t.Context(), in, opt)
	}
	return f, err
}

// partsOf returns the messages of a file or stream.
func partsOf(t *testing.T, content []byte) []part {
	t.Helper()
	in := &reading.Input{Name: "t", Size: int64(len(content)), ReaderAt: bytes.NewReader(content)}
	var v views
	find := v.streamParts
	if File.Is(in.Head()) {
		find = v.fileParts
	}
	parts, err := find(in)
	if err != nil {
		t.Fatal(err)
	}
	return parts
}

// numbersOf returns where the pairs of numbers lie that a batch or dictionary says of its arrays
// (length, nulls) and of its buffers (place, length).
func numbersOf(content []byte, p part, list int) []int64 {
	meta := content[p.offset : p.offset+p.metadata]
	batch, _ := follow(root(meta), messageHeader)
	if p.kind == headerDictionary {
		batch, _ = follow(batch, dictionaryBatch)
	}
	o := flatbuffers.UOffsetT(batch.Offset(slot(list)))
	if o == 0 {
		return nil
	}
	var all []int64
	for k := range 2 * batch.VectorLen(o) {
		all = append(all, p.offset+int64(batch.Vector(o))+int64(8*k))
	}
	return all
}

// missing is a stream with nulls in two columns.
func missing(t *testing.T) []byte {
	t.Helper()
	s := arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.BinaryTypes.String},
		{Name: "f", Type: arrow.PrimitiveTypes.Float32, Nullable: true},
		{Name: "label", Type: arrow.PrimitiveTypes.Int64, Nullable: true}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, s)
	for i := range 70 {
		b.Field(0).(*array.StringBuilder).Append(fmt.Sprint("item ", i))
		b.Field(1).(*array.Float32Builder).AppendValues([]float32{float32(i)}, []bool{i%3 > 0})
		b.Field(2).(*array.Int64Builder).AppendValues([]int64{int64(i)}, []bool{i%5 > 0})
	}
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(s))
	if err := errors.Join(w.Write(b.NewRecordBatch()), w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// lying returns files by several writers.
func lying(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{"missing": missing(t)}
	fixtures := filepath.Join("..", "..", "testdata")
	for _, name := range []string{"fixtures/pandas-category.feather", "fixtures/polars-uncompressed.arrow",
		"fixtures/polars-zstd.arrow", "fixtures/pandas-lz4.feather", "fixtures/polars-nulls.arrow",
		"fixtures/pyarrow-list.feather", "fixtures/pyarrow.arrows", "types/views.arrow", "types/views-lz4.arrows"} {
		content, err := os.ReadFile(filepath.Join(fixtures, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = content
	}
	return files
}

// TestLies: a batch with a number that is off is refused or, where nothing depends on it, read as
// the same frame; never as another one.
func TestLies(t *testing.T) {
	for name, content := range lying(t) {
		want, err := readBytes(t, content)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		lies, refused := 0, 0
		for _, p := range partsOf(t, content) {
			if p.kind == headerSchema {
				continue
			}
			for _, at := range slices.Concat(numbersOf(content, p, batchNodes), numbersOf(content, p, batchBuffers)) {
				true1 := int64(binary.LittleEndian.Uint64(content[at:]))
				for _, lie := range []int64{true1 - 64, true1 - 8, true1 - 1, true1 + 1, true1 + 8, true1 + 64, 0, -1} {
					if lie == true1 {
						continue
					}
					binary.LittleEndian.PutUint64(content[at:], uint64(lie))
					got, err := readBytes(t, content)
					if lies++; err != nil {
						refused++
					} else if got.Hash() != want.Hash() {
						t.Errorf("%s: %d in place of %d at byte %d: another frame", name, lie, true1, at)
					}
				}
				binary.LittleEndian.PutUint64(content[at:], uint64(true1))
			}
		}
		if lies == 0 || refused*2 < lies {
			t.Errorf("%s: only %d of %d lies are refused", name, refused, lies)
		}
	}
}

// TestPackedLies: the length before a packed buffer has to be that of what it unpacks to.
func TestPackedLies(t *testing.T) {
	for _, name := range []string{"fixtures/polars-zstd.arrow", "fixtures/pandas-lz4.feather"} {
		content, err := os.ReadFile(filepath.Join("..", "..", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		lies := 0
		for _, p := range partsOf(t, content) {
			if p.kind == headerSchema {
				continue
			}
			places := numbersOf(content, p, batchBuffers)
			for k := 0; k < len(places); k += 2 {
				from := p.offset + p.metadata + int64(binary.LittleEndian.Uint64(content[places[k]:]))
				length := binary.LittleEndian.Uint64(content[places[k+1]:])
				size := binary.LittleEndian.Uint64(content[from:])
				if length == 0 || size == notPacked {
					continue
				}
				for _, lie := range []uint64{size - 1, size + 1, size + 8, 1 << 39, 1 << 62} {
					binary.LittleEndian.PutUint64(content[from:], lie)
					if f, err := readBytes(t, content); err == nil {
						t.Errorf("%s: %d bytes instead of %d are read as %v", name, lie, size, f)
					}
					lies++
				}
				binary.LittleEndian.PutUint64(content[from:], size)
			}
		}
		if lies == 0 {
			t.Errorf("%s: nothing is packed", name)
		}
	}
}

// TestEnds: a stream has one end, at the end of the file.
func TestEnds(t *testing.T) {
	stream := missing(t)
	parts := partsOf(t, stream)
	last := parts[len(parts)-1]
	for _, test := range []struct {
		name    string
		content []byte
		bytes   int
	}{
		{"a second stream", append(bytes.Clone(stream), stream...), len(stream)},
		{"zeros behind the end", append(bytes.Clone(stream), 0, 0, 0), 3},
		{"no end mark", stream[:last.offset+last.metadata+last.body], 0},
		{"no batch and no end mark", stream[:parts[0].offset+parts[0].metadata], 0},
	} {
		_, err := readBytes(t, test.content)
		var fault *tableerr.Error
		if !errors.As(err, &fault) || len(fault.Fix) == 0 || fault.Err != nil ||
			test.bytes > 0 && !bytes.Contains([]byte(fault.Problem), fmt.Append(nil, test.bytes, " bytes")) {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
	file, err := os.ReadFile(filepath.Join("..", "..", "testdata", "fixtures", "pandas-int8.feather"))
	if err != nil {
		t.Fatal(err)
	}
	if f, err := readBytes(t, append(file, 0)); err == nil {
		t.Errorf("a byte behind a file: %v", f)
	}
}
