package columnar

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/go-siamese/lab/data/table/internal/reading"
)

// extensionKey is where the metadata of a field names an extension type.
const extensionKey = "ARROW:extension:name"

// extension returns the name of a field's extension type, "" = none, and the type in which its
// values are stored.
func extension(f arrow.Field) (name string, storage arrow.DataType) {
	if t, ok := f.Type.(arrow.ExtensionType); ok {
		return t.ExtensionName(), t.StorageType()
	}
	name, _ = f.Metadata.GetValue(extensionKey)
	return name, f.Type
}

// ColumnOf describes a field of an Arrow schema. The width of lists of free length is not in
// it. Numbers of an extension type that is not known, such as pandas' periods, are not known to
// be a measurement.
func ColumnOf(f arrow.Field) reading.Column {
	name, storage := extension(f)
	c := reading.Column{Name: f.Name, Width: 1, Type: storage.String()}
	c.Kind, c.Text = kindOf(storage)
	var items arrow.DataType
	switch t := storage.(type) {
	case *arrow.FixedSizeListType:
		items, c.Width = t.Elem(), int(t.Len())
	case arrow.VarLenListLikeType:
		if t.ID() != arrow.MAP {
			items, c.Width = t.Elem(), 0
		}
	}
	if items != nil {
		c.List, c.Text = true, false
		if c.Kind, _ = kindOf(items); c.Kind != reading.Numbers {
			c.Kind = reading.Other
		}
	}
	switch {
	case name == "":
	case name == "arrow.uuid" && IsUUID(storage):
		c.Kind, c.Text, c.Type = reading.Text, true, "UUIDs"
	case name == "arrow.bool8" || name == "arrow.fixed_shape_tensor" || c.Kind == reading.Text:
	default:
		c.Kind, c.Text, c.Type = reading.Other, false, "values of the type "+name
	}
	return c
}

// IsExtension reports whether a field has an extension type.
func IsExtension(f arrow.Field) bool {
	name, _ := extension(f)
	return name != ""
}

// IsUUID reports whether values of a type have the 16 bytes of a UUID.
func IsUUID(t arrow.DataType) bool {
	fixed, ok := t.(*arrow.FixedSizeBinaryType)
	return ok && fixed.ByteWidth == 16
}

// kindOf returns what the values of a type are, and whether they may be ids or labels.
func kindOf(t arrow.DataType) (k reading.Kind, asText bool) {
	switch t.ID() {
	case arrow.FLOAT16, arrow.FLOAT32, arrow.FLOAT64,
		arrow.BOOL, arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.UINT8, arrow.UINT16, arrow.UINT32,
		arrow.UINT64, arrow.DECIMAL32, arrow.DECIMAL64, arrow.DECIMAL128, arrow.DECIMAL256:
		return reading.Numbers, true
	case arrow.STRING, arrow.LARGE_STRING, arrow.STRING_VIEW, arrow.BINARY, arrow.LARGE_BINARY, arrow.BINARY_VIEW:
		return reading.Text, true
	// Days and instants are no measurement to compute with, but they may name items. Nulls may
	// be ids and labels that are missing.
	case arrow.DATE32, arrow.DATE64, arrow.TIMESTAMP, arrow.NULL:
		return reading.Other, true
	case arrow.RUN_END_ENCODED:
		return kindOf(t.(*arrow.RunEndEncodedType).Encoded())
	case arrow.DICTIONARY:
		// What a dictionary holds is text, or may serve as text.
		if k, asText := kindOf(t.(*arrow.DictionaryType).ValueType); asText {
			return max(k, reading.Text), true
		}
	}
	return reading.Other, false
}
