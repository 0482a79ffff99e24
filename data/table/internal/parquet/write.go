package parquet

import (
	"errors"
	"fmt"
	"io"
	"unsafe"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/blockmeta"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
	"github.com/go-siamese/lab/data/table/internal/writing"
)

// groupBytes is about how many bytes of values a row group has. It is what a [Writer] holds
// in memory, and what a reader that takes whole groups needs.
const groupBytes = 128 << 20

// Write writes the frame as Parquet: the columns "id", "label" and "domain" (the last two
// where the frame has them) as text, then the features as float32. Values are split by
// bytes and compressed with zstd, text goes through a dictionary; pandas and polars read
// both. The blocks lie in the metadata of the file.
//
// Errors are those of [writing.Check], found before anything is written, and of w, which is
// not closed. NaN is written as the value NaN, not as null.
func Write(w io.Writer, f *data.Frame) error {
	if err := writing.Check(f); err != nil {
		return err
	}
	return writeColumns(w, writing.RoleColumns(f), writing.RoleValues(f), f, writing.Float32)
}

// writeAs is [Write] with numbers of a type that holds them. Int8 is 32 bits wide in the pages, as the format has it,
// and compressed.
func writeAs(w io.Writer, f *data.Frame, as writing.Number) error {
	if err := writing.Check(f); err != nil {
		return err
	}
	return writeColumns(w, writing.RoleColumns(f), writing.RoleValues(f), f, as)
}

// WriteColumns writes columns of text, of which columns[k] holds f.N() values and names[k]
// is the name, and then the features of f. The roles of f are not written. It is for tables
// whose text columns have other names, such as pairs; the caller has checked f.
func WriteColumns(w io.Writer, names []string, columns [][]string, f *data.Frame) error {
	return writeColumns(w, names, columns, f, writing.Float32)
}

func writeColumns(w io.Writer, names []string, columns [][]string, f *data.Frame, as writing.Number) (err error) {
	defer tableerr.Guard("write Parquet", &err)
	out, err := begin(w, names, f, as)
	if err != nil {
		return err
	}
	rows := groupRows(f)
	for from := 0; from < f.N() && err == nil; from += rows {
		err = writeGroup(out, columns, f, from, min(rows, f.N()-from), as)
	}
	return errors.Join(err, out.Close())
}

// groupRows is how many items of f a row group has, one at least. It depends on the width
// only, so that [Writer] divides its items as [Write] does.
func groupRows(f *data.Frame) int { return max(1, groupBytes/4/f.F()) }

// begin begins a file with columns of text and then the features of f, of which only names
// and blocks count.
func begin(w io.Writer, names []string, f *data.Frame, as writing.Number) (*file.Writer, error) {
	blocks, err := blockmeta.Text(f)
	if err != nil {
		return nil, err
	}
	var fields schema.FieldList
	// Floats of similar size share their high bytes: split by bytes they compress better,
	// at little cost. A dictionary would only grow with values that are all different.
	// Statistics would take a place in the footer for each of thousands of columns, for
	// filters that nobody applies to features.
	properties := []parquet.WriterProperty{
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1),
		parquet.WithDictionaryDefault(false),
		parquet.WithEncoding(encodingOf(as)), parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithStats(false), parquet.WithCreatedBy("siamese-lab"),
	}
	for _, name := range names {
		node, err := schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Required, schema.StringLogicalType{},
			parquet.Types.ByteArray, 0, -1)
		if err != nil {
			return nil, err
		}
		fields = append(fields, node)
		path := parquet.ColumnPath{name}
		properties = append(properties, parquet.WithEncodingPath(path, parquet.Encodings.Plain),
			parquet.WithDictionaryPath(path, true))
	}
	// Required: a null would need levels, and NaN says the same.
	for _, name := range f.Columns {
		node, err := featureNode(name, as)
		if err != nil {
			return nil, err
		}
		fields = append(fields, node)
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		return nil, err
	}
	keys := metadata.NewKeyValueMetadata()
	if err := keys.Append(blockmeta.Key, blocks); err != nil {
		return nil, err
	}
	if f.Settings != "" {
		if err := keys.Append(blockmeta.SettingsKey, string(f.Settings)); err != nil {
			return nil, err
		}
	}
	return file.NewParquetWriterWithError(keepOpen{w}, root,
		file.WithWriterProps(parquet.NewWriterProperties(properties...)), file.WithWriteMetadata(keys))
}

// writeGroup writes the items [from, from+n) as a row group: columns of text, then the
// features of f. The columns have to be in the order of begin.
func writeGroup(out *file.Writer, text [][]string, f *data.Frame, from, n int, as writing.Number) error {
	group, err := out.AppendRowGroupChecked()
	if err != nil {
		return err
	}
	texts := make([]parquet.ByteArray, n)
	for _, all := range text {
		for i := range texts {
			texts[i] = bytesOfText(all[from+i])
		}
		next, err := group.NextColumn()
		if err != nil {
			return err
		}
		column, ok := next.(*file.ByteArrayColumnChunkWriter)
		if !ok {
			return fmt.Errorf("table: write Parquet: a column of text is written as %T", next)
		}
		if _, err := column.WriteBatch(texts, nil, nil); err != nil {
			return errors.Join(err, column.Close())
		}
		if err := column.Close(); err != nil {
			return err
		}
	}
	values := make([]float32, n)
	for j := range f.F() {
		writing.ColumnValues(values, f, j, from)
		next, err := group.NextColumn()
		if err != nil {
			return err
		}
		if err := errors.Join(writeFeature(next, values, as), next.Close()); err != nil {
			return err
		}
	}
	return group.Close()
}

// bytesOfText returns the memory of s, which the encoder only reads: a copy of every text
// would be thrown away at once.
func bytesOfText(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// keepOpen hides the Close of a writer, which its owner closes: arrow-go closes whatever
// has one.
type keepOpen struct{ io.Writer }
