package export

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/siamese/study/found"
)

// Parquet writes the table of [CSV] with its types; what a run does not have is null, and texts are as they are.
func Parquet(path string, r *found.Result) error {
	all := columns(r)
	var nodes schema.FieldList
	for _, c := range all {
		switch c.kind {
		case whole:
			nodes = append(nodes, schema.NewInt64Node(c.name, parquet.Repetitions.Optional, -1))
		case real:
			nodes = append(nodes, schema.NewFloat64Node(c.name, parquet.Repetitions.Optional, -1))
		default:
			node, err := schema.NewPrimitiveNodeLogical(c.name, parquet.Repetitions.Optional, schema.StringLogicalType{},
				parquet.Types.ByteArray, 0, -1)
			if err != nil {
				return err
			}
			nodes = append(nodes, node)
		}
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, nodes, -1)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		out, err := file.NewParquetWriterWithError(keepOpen{w}, root,
			file.WithWriterProps(parquet.NewWriterProperties(parquet.WithCreatedBy("siamese-lab"))))
		if err != nil {
			return err
		}
		group, err := out.AppendRowGroupChecked()
		if err != nil {
			return errors.Join(err, out.Close())
		}
		for _, c := range all {
			if err := c.write(group); err != nil {
				return errors.Join(err, out.Close())
			}
		}
		return errors.Join(group.Close(), out.Close())
	})
}

// write writes the column as the next one of a group. Parquet lists the values that there are, and for every row
// whether it has one.
func (c *column) write(group file.SerialRowGroupWriter) error {
	next, err := group.NextColumn()
	if err != nil {
		return err
	}
	has := make([]int16, 0, len(c.numbers)+len(c.texts))
	var numbers []float64
	for _, v := range c.numbers {
		has = append(has, 0)
		if !math.IsNaN(v) {
			numbers, has[len(has)-1] = append(numbers, v), 1
		}
	}
	switch to := next.(type) {
	case *file.Int64ColumnChunkWriter:
		values := make([]int64, len(numbers))
		for i, v := range numbers {
			values[i] = int64(v)
		}
		_, err = to.WriteBatch(values, has, nil)
	case *file.Float64ColumnChunkWriter:
		_, err = to.WriteBatch(numbers, has, nil)
	case *file.ByteArrayColumnChunkWriter:
		var values []parquet.ByteArray
		for _, v := range c.texts {
			has = append(has, 0)
			if v != "" {
				values, has[len(has)-1] = append(values, parquet.ByteArray(v)), 1
			}
		}
		_, err = to.WriteBatch(values, has, nil)
	default:
		err = fmt.Errorf("a column of a search is written as %T", next)
	}
	return errors.Join(err, next.Close())
}

// keepOpen hides the Close of a writer, which its owner closes: arrow-go closes whatever has one.
type keepOpen struct{ io.Writer }
