package parquet

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/go-siamese/lab/data/table/internal/reading"
)

// columnsOf describes the leaves of a Parquet schema, in the order in which a row group
// stores them. A leaf inside groups is called by its path, "a.b". A repeated leaf that is
// alone in its field is a list, whatever the groups between them are called, which differs
// between writers; others are nested and no feature. The width of lists is not in the
// schema: see [source.listWidth].
func columnsOf(s *schema.Schema, arrowSchema *string) []reading.Column {
	// What the file says of Arrow types that Parquet has none for.
	known := arrowFields(arrowSchema)
	// A list has one leaf in its top-level field, a list of structures or a map has more.
	leaves := make(map[string]int) // per top-level field
	for j := range s.NumColumns() {
		leaves[s.Column(j).ColumnPath()[0]]++
	}
	columns := make([]reading.Column, s.NumColumns())
	for j := range columns {
		d := s.Column(j)
		path := d.ColumnPath()
		c := reading.Column{Name: strings.Join(path, "."), Width: 1}
		c.Kind, c.Text, c.Type = parquetKind(d)
		switch rep := d.MaxRepetitionLevel(); {
		case rep == 1 && leaves[path[0]] == 1:
			c.Name, c.List, c.Text = path[0], true, false
			c.Type = "lists of " + c.Type
			if c.Kind != reading.Numbers {
				c.Kind = reading.Other
			}
		// More than one level of lists, or several leaves: no row of numbers.
		case rep > 0:
			c.Kind, c.Text, c.Type = reading.Other, false, "nested lists"
		}
		if as, ok := known[path[0]]; ok && c.Kind == reading.Numbers && as.Kind != reading.Numbers {
			c.Kind, c.Text, c.Type = as.Kind, as.Text, as.Type
		}
		columns[j] = c
	}
	return columns
}

// parquetKind returns what the values of a leaf are, whether they may be ids or labels, and
// their type for messages. Types whose numbers mean something else, such as days and
// instants, are Other: reading the number itself would be wrong in silence.
func parquetKind(d *schema.Column) (k reading.Kind, asText bool, typ string) {
	logical := d.LogicalType()
	none := logical == nil || !logical.IsValid() || logical.IsNone()
	typ = strings.ToLower(d.PhysicalType().String())
	if !none {
		typ = logical.String()
	}
	if t, ok := logical.(schema.DecimalLogicalType); ok && t.Precision() <= 76 && t.Scale() >= 0 &&
		t.Scale() <= t.Precision() && d.TypeLength() <= maxDecimal {
		return reading.Numbers, true, "decimal numbers"
	}
	if _, ok := logical.(schema.NullLogicalType); ok {
		return reading.Other, true, "nulls"
	}
	switch d.PhysicalType() {
	case parquet.Types.Boolean:
		return reading.Numbers, true, "truth values"
	case parquet.Types.Float, parquet.Types.Double:
		return reading.Numbers, true, "numbers (" + typ + ")"
	case parquet.Types.Int32, parquet.Types.Int64:
		switch logical.(type) {
		// One that says how wide and whether signed.
		case schema.IntLogicalType:
			return reading.Numbers, true, "whole numbers (" + typ + ")"
		case schema.DateLogicalType:
			return reading.Other, true, "days"
		case schema.TimestampLogicalType:
			return reading.Other, true, "instants"
		}
		if none {
			return reading.Numbers, true, "whole numbers (" + typ + ")"
		}
	// The old type of instants, which is used for nothing else.
	case parquet.Types.Int96:
		return reading.Other, true, "instants"
	case parquet.Types.FixedLenByteArray:
		switch logical.(type) {
		case schema.Float16LogicalType:
			if d.TypeLength() == 2 {
				return reading.Numbers, true, "numbers (float16)"
			}
		case schema.UUIDLogicalType:
			if d.TypeLength() == 16 {
				return reading.Text, true, "UUIDs"
			}
		}
	// Old writers do not say that bytes are text; whether they are UTF-8 is checked as they
	// are read.
	case parquet.Types.ByteArray:
		switch logical.(type) {
		case schema.StringLogicalType, schema.EnumLogicalType:
			return reading.Text, true, "text"
		}
		if none {
			return reading.Text, true, "text (binary)"
		}
	}
	return reading.Other, false, fmt.Sprintf("values of type %s", typ)
}
