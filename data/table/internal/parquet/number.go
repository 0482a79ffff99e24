package parquet

import (
	"fmt"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/go-siamese/lab/data/table/internal/writing"
)

// featureNode returns the column of a feature whose numbers are of a type.
func featureNode(name string, as writing.Number) (schema.Node, error) {
	switch as {
	case writing.Float16:
		return schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Required, schema.Float16LogicalType{},
			parquet.Types.FixedLenByteArray, 2, -1)
	case writing.Int8:
		return schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Required, schema.NewIntLogicalType(8, true),
			parquet.Types.Int32, 0, -1)
	}
	return schema.NewFloat32Node(name, parquet.Repetitions.Required, -1), nil
}

// encodingOf returns the encoding of features. Splitting by bytes is for float32 alone in older readers.
func encodingOf(as writing.Number) parquet.Encoding {
	if as == writing.Float32 {
		return parquet.Encodings.ByteStreamSplit
	}
	return parquet.Encodings.Plain
}

// writeFeature writes the values of a feature of a row group.
func writeFeature(to file.ColumnChunkWriter, values []float32, as writing.Number) (err error) {
	switch column := to.(type) {
	case *file.Float32ColumnChunkWriter:
		_, err = column.WriteBatch(values, nil, nil)
	case *file.Int32ColumnChunkWriter:
		wide := make([]int32, len(values))
		for i, v := range values {
			wide[i] = int32(v)
		}
		_, err = column.WriteBatch(wide, nil, nil)
	case *file.FixedLenByteArrayColumnChunkWriter:
		bytes := as.Append(nil, values)
		pairs := make([]parquet.FixedLenByteArray, len(values))
		for i := range pairs {
			pairs[i] = bytes[2*i : 2*i+2]
		}
		_, err = column.WriteBatch(pairs, nil, nil)
	default:
		err = fmt.Errorf("table: write Parquet: a feature is written as %T", to)
	}
	return err
}
