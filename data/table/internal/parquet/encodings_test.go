package parquet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data/table/internal/reading"
)

// floats are columns a (float32) and b (float64) as they should be read, null as NaN, row by row.
func floats(rows, distinct int, nulls bool) []float32 {
	rng := rand.New(rand.NewPCG(uint64(rows), uint64(distinct)))
	want := make([]float32, 2*rows)
	absent := [2]bool{}
	for i := range want {
		if nulls && rng.IntN(20) == 0 { // runs of nulls
			absent[i%2] = !absent[i%2]
		}
		want[i] = float32(math.Sqrt(float64(rng.IntN(distinct))))
		if absent[i%2] || nulls && rng.IntN(9) == 0 {
			want[i] = nan
		}
	}
	return want
}

// writeFloatColumns writes them in row groups of up to 2,100 rows.
func writeFloatColumns(x []float32, nulls bool, options []parquet.WriterProperty) ([]byte, error) {
	var out bytes.Buffer
	repetition := parquet.Repetitions.Required
	if nulls {
		repetition = parquet.Repetitions.Optional
	}
	fields := schema.FieldList{schema.NewFloat32Node("a", repetition, -1), schema.NewFloat64Node("b", repetition, -1)}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		return nil, err
	}
	w := file.NewParquetWriter(&out, root, file.WithWriterProps(parquet.NewWriterProperties(options...)))
	for ; len(x) > 0; x = x[min(len(x), 2*2_100):] {
		group, err := w.AppendRowGroupChecked()
		if err != nil {
			return nil, err
		}
		for k := range 2 {
			column, next := group.NextColumn()
			var a []float32
			var b []float64
			var def []int16
			for i := k; i < min(len(x), 2*2_100); i += 2 {
				if nulls && x[i] != x[i] {
					def = append(def, 0)
					continue
				}
				def, a, b = append(def, 1), append(a, x[i]), append(b, float64(x[i]))
			}
			if !nulls {
				def = nil
			}
			switch c := column.(type) {
			case *file.Float32ColumnChunkWriter:
				_, err = c.WriteBatch(a, def, nil)
			case *file.Float64ColumnChunkWriter:
				_, err = c.WriteBatch(b, def, nil)
			}
			if err = errors.Join(err, next, column.Close()); err != nil {
				return nil, err
			}
		}
		if err := group.Close(); err != nil {
			return nil, err
		}
	}
	err = w.Close()
	return out.Bytes(), err
}

// Columns of floats come as they were written, in every way that writers of today do it.
func TestParquetPages(t *testing.T) {
	codecs := []compress.Compression{compress.Codecs.Uncompressed, compress.Codecs.Snappy, compress.Codecs.Zstd,
		compress.Codecs.Gzip, compress.Codecs.Brotli, compress.Codecs.Lz4Raw}
	encodings := []parquet.Encoding{parquet.Encodings.Plain, parquet.Encodings.ByteStreamSplit,
		parquet.Encodings.RLEDict}
	k := 0
	for _, rows := range []int{1, 9, 5_000} {
		for _, encoding := range encodings {
			for _, version := range []parquet.DataPageVersion{parquet.DataPageV1, parquet.DataPageV2} {
				for _, nulls := range []bool{false, true} {
					for _, distinct := range []int{1, 3, 40, 1 << 20} { // codes of 0 to 13 bits
						codec := codecs[k%len(codecs)]
						k++
						name := fmt.Sprintf("%d rows of %d values, %s, version %d, nulls %v, %s", rows, distinct,
							encoding, version+1, nulls, codec)
						want := floats(rows, distinct, nulls)
						options := []parquet.WriterProperty{parquet.WithCompression(codec),
							parquet.WithDataPageVersion(version),
							parquet.WithDataPageSize(3_000), parquet.WithBatchSize(100),
							parquet.WithDictionaryDefault(encoding == parquet.Encodings.RLEDict),
							parquet.WithDictionaryPageSizeLimit(2_500)}
						if encoding != parquet.Encodings.RLEDict {
							options = append(options, parquet.WithEncoding(encoding))
						}
						content, err := writeFloatColumns(want, nulls, options)
						if err != nil {
							t.Fatalf("%s: %v", name, err)
						}
						comparePages(t, name, content, want)
					}
				}
			}
		}
	}
}

func comparePages(t *testing.T, name string, content []byte, want []float32) {
	t.Helper()
	in := &reading.Input{Name: name, Size: int64(len(content)), ReaderAt: bytes.NewReader(content)}
	opt := &reading.Options{AllowMissing: true}
	got, _, err := read(context.Background(), in, opt)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if d := cmp.Diff(want, got.X, cmpopts.EquateNaNs()); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}
