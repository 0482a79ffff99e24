package table

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// parquetColumns describes the leaves of a Parquet schema. The width of lists is not in it.
func parquetColumns(s *schema.Schema) []column {
	leaves := make(map[string]int) // per top-level field
	for j := range s.NumColumns() {
		leaves[s.Column(j).ColumnPath()[0]]++
	}
	columns := make([]column, s.NumColumns())
	for j := range columns {
		d := s.Column(j)
		path := d.ColumnPath()
		c := column{name: strings.Join(path, "."), width: 1}
		c.kind, c.text, c.typ = parquetKind(d)
		switch rep := d.MaxRepetitionLevel(); {
		case rep == 1 && leaves[path[0]] == 1:
			c.name, c.list, c.text = path[0], true, false
			c.typ = "lists of " + c.typ
			if c.kind != numbers {
				c.kind = other
			}
		case rep > 0:
			c.kind, c.text, c.typ = other, false, "nested lists"
		}
		columns[j] = c
	}
	return columns
}

// parquetKind tells what the values of a leaf are.
func parquetKind(d *schema.Column) (k kind, asText bool, typ string) {
	logical := d.LogicalType()
	none := logical == nil || !logical.IsValid() || logical.IsNone()
	typ = strings.ToLower(d.PhysicalType().String())
	if !none {
		typ = logical.String()
	}
	switch d.PhysicalType() {
	case parquet.Types.Boolean:
		return numbers, true, "truth values"
	case parquet.Types.Float, parquet.Types.Double:
		return numbers, false, "numbers (" + typ + ")"
	case parquet.Types.Int32, parquet.Types.Int64:
		if _, whole := logical.(schema.IntLogicalType); none || whole {
			return numbers, true, "whole numbers (" + typ + ")"
		}
	case parquet.Types.FixedLenByteArray:
		if _, half := logical.(schema.Float16LogicalType); half && d.TypeLength() == 2 {
			return numbers, false, "numbers (float16)"
		}
	case parquet.Types.ByteArray:
		switch logical.(type) {
		case schema.StringLogicalType, schema.EnumLogicalType:
			return text, true, "text"
		}
		if none {
			return text, true, "text (binary)"
		}
	}
	return other, false, fmt.Sprintf("values of type %s", typ)
}
