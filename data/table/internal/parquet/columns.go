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
func columnsOf(s *schema.Schema) []reading.Column {
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
		columns[j] = c
	}
	return columns
}

// parquetKind returns what the values of a leaf are, whether they may be ids or labels, and
// their type for messages. Types whose numbers mean something else, such as dates,
// durations and decimals, are Other: reading the number itself would be wrong in silence.
func parquetKind(d *schema.Column) (k reading.Kind, asText bool, typ string) {
	logical := d.LogicalType()
	none := logical == nil || !logical.IsValid() || logical.IsNone()
	typ = strings.ToLower(d.PhysicalType().String())
	if !none {
		typ = logical.String()
	}
	switch d.PhysicalType() {
	case parquet.Types.Boolean:
		return reading.Numbers, true, "truth values"
	case parquet.Types.Float, parquet.Types.Double:
		return reading.Numbers, false, "numbers (" + typ + ")"
	// Without a logical type, or with one that says how wide and whether signed.
	case parquet.Types.Int32, parquet.Types.Int64:
		if _, whole := logical.(schema.IntLogicalType); none || whole {
			return reading.Numbers, true, "whole numbers (" + typ + ")"
		}
	case parquet.Types.FixedLenByteArray:
		if _, half := logical.(schema.Float16LogicalType); half && d.TypeLength() == 2 {
			return reading.Numbers, false, "numbers (float16)"
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
