package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/go-siamese/lab/data"
)

// growth returns by how many bytes the heap grows, at most, while f runs. Garbage is collected
// often for that time.
func growth(f func()) int64 {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	return heapPeak(f)
}

// sharedIDs is a Parquet file of n ids that share a beginning of that many bytes.
func sharedIDs(t *testing.T, n, width int) []byte {
	t.Helper()
	id, err := schema.NewPrimitiveNodeLogical("id", parquet.Repetitions.Required, schema.StringLogicalType{},
		parquet.Types.ByteArray, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, schema.FieldList{id,
		schema.NewFloat32Node("f", parquet.Repetitions.Required, -1)}, -1)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := file.NewParquetWriter(&out, root, file.WithWriterProps(parquet.NewWriterProperties(
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithDictionaryDefault(false), parquet.WithStats(false),
		parquet.WithEncodingPath(parquet.ColumnPath{"id"}, parquet.Encodings.DeltaByteArray))))
	group, err := w.AppendRowGroupChecked()
	if err != nil {
		t.Fatal(err)
	}
	next, err := group.NextColumn()
	if err != nil {
		t.Fatal(err)
	}
	texts := next.(*file.ByteArrayColumnChunkWriter)
	beginning := strings.Repeat("p", width)
	for i := range n {
		if _, err := texts.WriteBatch([]parquet.ByteArray{[]byte(fmt.Sprint(beginning, i))}, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := texts.Close(); err != nil {
		t.Fatal(err)
	}
	if next, err = group.NextColumn(); err != nil {
		t.Fatal(err)
	}
	numbers := next.(*file.Float32ColumnChunkWriter)
	_, err = numbers.WriteBatch(make([]float32, n), nil, nil)
	if err := errors.Join(err, numbers.Close(), group.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// packedArrow is an Arrow stream whose buffers are packed with zstd.
func packedArrow(t *testing.T, fields []arrow.Field, build func(b *array.RecordBuilder)) []byte {
	t.Helper()
	var out bytes.Buffer
	s := arrow.NewSchema(fields, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, s)
	build(b)
	w := ipc.NewWriter(&out, ipc.WithSchema(s), ipc.WithZstd())
	if err := errors.Join(w.Write(b.NewRecordBatch()), w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestMemoryBound: small files that unfold to much take no more than MaxBytes, and are refused by
// that name.
func TestMemoryBound(t *testing.T) {
	const limit, slack = 32 << 20, 24 << 20
	id := arrow.Field{Name: "id", Type: arrow.BinaryTypes.String}
	long := strings.Repeat("p", 20_000)
	coded := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	files := map[string][]byte{
		"parquet, ids that share a beginning": sharedIDs(t, 8_000, 20_000),
		"arrow, long ids": packedArrow(t, []arrow.Field{id, {Name: "f", Type: arrow.PrimitiveTypes.Int8}},
			func(b *array.RecordBuilder) {
				for i := range 6_000 {
					b.Field(0).(*array.StringBuilder).Append(fmt.Sprint(long, i))
					b.Field(1).(*array.Int8Builder).Append(1)
				}
			}),
		"arrow, a long dictionary": packedArrow(t, []arrow.Field{{Name: "label", Type: coded},
			{Name: "f", Type: arrow.PrimitiveTypes.Int8}}, func(b *array.RecordBuilder) {
			for i := range 6_000 {
				if err := b.Field(0).(*array.BinaryDictionaryBuilder).AppendString(fmt.Sprint(long, i)); err != nil {
					t.Fatal(err)
				}
				b.Field(1).(*array.Int8Builder).Append(1)
			}
		}),
		"arrow, rows that are numbered": packedArrow(t, []arrow.Field{{Name: "f", Type: arrow.PrimitiveTypes.Int8}},
			func(b *array.RecordBuilder) {
				b.Field(0).(*array.Int8Builder).AppendValues(make([]int8, 4_000_000), nil)
			}),
		"npz, wide ids": npz(t, "x.npy", npy(header("|u1", "False", "(2000, 1)"), make([]byte, 2000)...), "ids.npy",
			npy(header("<U20000", "False", "(2000,)"), make([]byte, 2000*80_000)...)),
	}
	for name, content := range files {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "t.bin")
			if err := os.WriteFile(path, content, 0o644); err != nil {
				t.Fatal(err)
			}
			var err error
			grown := growth(func() { _, _, err = Open(t.Context(), path, Options{MaxBytes: limit, NoCache: true}) })
			var fault *Error
			if !errors.As(err, &fault) || !slices.Contains(fault.Fix.Options(), "MaxBytes") ||
				strings.Contains(err.Error(), "damaged") {
				t.Errorf("got %v", err)
			}
			if grown > limit+slack {
				t.Errorf("a file of %d bytes takes %d MiB, with a limit of %d", len(content), grown>>20, limit>>20)
			}
			grown = growth(func() {
				for _, err := range Scan(t.Context(), path, Options{MaxBytes: limit, BatchRows: 1 << 30}) {
					if err != nil && !strings.Contains(err.Error(), path) {
						t.Error(err)
					}
				}
			})
			if grown > limit+slack {
				t.Errorf("scanning takes %d MiB, with a limit of %d", grown>>20, limit>>20)
			}
		})
	}
}

// TestZstdWindow: a packed buffer may claim a window of 512 MiB; what it needs is as much as it
// unpacks to.
func TestZstdWindow(t *testing.T) {
	const n = 64
	rng := rand.New(rand.NewPCG(1, 2))
	content := packedArrow(t, []arrow.Field{{Name: "f", Type: arrow.PrimitiveTypes.Float32}},
		func(b *array.RecordBuilder) {
			for range n {
				b.Field(0).(*array.Float32Builder).Append(rng.Float32())
			}
		})
	// The frame, of values that cannot be packed, becomes one with that window, whose only block is
	// 4n zeros (RFC 8878), and a frame to be skipped as long as the rest.
	at := bytes.Index(content, []byte{0x28, 0xb5, 0x2f, 0xfd})
	if at < 0 {
		t.Fatal("nothing is packed")
	}
	frame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, 19 << 3}
	block := binary.LittleEndian.AppendUint32(nil, 4*n<<3|3) // the last one, repeats the byte that follows
	frame = append(frame, block...)                          // that byte is the fourth, 0
	frame = append(frame, 0x50, 0x2a, 0x4d, 0x18)
	length := binary.LittleEndian.Uint64(content[at-8:])
	if length != 4*n {
		t.Fatalf("the buffer unpacks to %d bytes", length)
	}
	// The packed buffer ends where the next part begins, padded with zeros to 8 bytes: its length is in
	// the batch, behind its place.
	size := 0
	for k := 0; k+16 <= at; k++ {
		if got := int(binary.LittleEndian.Uint64(content[k+8:])); got > 4*n && got < 4*n+64 &&
			binary.LittleEndian.Uint64(content[k:]) == 0 {
			size = got - 8
		}
	}
	if size == 0 {
		t.Fatal("the length of the buffer is not found")
	}
	frame = binary.LittleEndian.AppendUint32(frame, uint32(size-len(frame)-4))
	copy(content[at:], frame)
	var f *data.Frame
	var err error
	path := filepath.Join(t.TempDir(), "t.arrows")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	grown := growth(func() { f, _, err = Open(t.Context(), path, Options{NoCache: true}) })
	if err != nil || f.N() != n || slices.ContainsFunc(f.X, func(v float32) bool { return v != 0 }) {
		t.Fatalf("got %v %v", f, err)
	}
	if grown > 16<<20 {
		t.Errorf("takes %d MiB", grown>>20)
	}
}
