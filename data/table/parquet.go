package table

import (
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/parquet"
)

// ParquetWriter writes a Parquet file a frame of some items at a time, for tables longer than the memory.
type ParquetWriter = parquet.Writer

// NewParquetWriter begins a Parquet file with the columns and blocks of like, and with labels and domains where like
// has (non-nil) Labels and Domains; its items do not matter and may be none. The file is complete when Close has
// returned nil; w is not closed. Names that reading would take for the id, label or domain are errors.
func NewParquetWriter(w io.Writer, like *data.Frame) (*ParquetWriter, error) {
	return parquet.NewWriter(w, like)
}

// NewParquetWriterAs is [NewParquetWriter] with numbers of a type, as in [SaveAs].
func NewParquetWriterAs(w io.Writer, like *data.Frame, as Number) (*ParquetWriter, error) {
	if err := as.Check(&data.Frame{}); err != nil {
		return nil, err
	}
	return parquet.NewWriterAs(w, like, as)
}
