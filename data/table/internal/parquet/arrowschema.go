package parquet

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/go-siamese/lab/data/table/internal/arrowipc"
	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// arrowSchemaKey is where writers of Arrow tables keep the Arrow schema: a message of a stream
// in base64.
const arrowSchemaKey = "ARROW:schema"

// arrowFields returns the columns whose Arrow type is not to be seen in the Parquet schema: whole
// numbers that stand for durations, and extension types, such as pandas' periods. text is nil or
// the entry of the metadata; one that is damaged says nothing.
func arrowFields(text *string) map[string]reading.Column {
	if text == nil {
		return nil
	}
	message, err := base64.StdEncoding.DecodeString(*text)
	if err != nil || len(message) < 8 {
		return nil
	}
	from := 4
	if binary.LittleEndian.Uint32(message) == 0xffffffff {
		from = 8
	}
	length := int(binary.LittleEndian.Uint32(message[from-4:]))
	if length > len(message)-from || arrowipc.CheckSchema(message[from:from+length]) != nil {
		return nil
	}
	r, err := ipc.NewReader(bytes.NewReader(message))
	if err != nil {
		return nil
	}
	defer r.Release()
	fields := make(map[string]reading.Column)
	for _, f := range r.Schema().Fields() {
		if c := columnar.ColumnOf(f); f.Type.ID() == arrow.DURATION || columnar.IsExtension(f) {
			fields[f.Name] = c
		}
	}
	return fields
}
