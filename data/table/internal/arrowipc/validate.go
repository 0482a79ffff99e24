package arrowipc

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
)

// empty returns which columns hold nothing but nulls in all batches.
func (s *source) empty() []bool {
	fields := s.schema.Fields()
	empty := make([]bool, len(fields))
	node := 0
	for j, f := range fields {
		empty[j] = s.rows > 0 && node < len(s.filled) && !s.filled[node]
		node += nodes(f.Type)
	}
	return empty
}

// nodes is how many arrays a column of that type is made of: itself and those within it.
func nodes(t arrow.DataType) int {
	if ext, ok := t.(arrow.ExtensionType); ok {
		return nodes(ext.StorageType())
	}
	n := 1
	if nested, ok := t.(arrow.NestedType); ok {
		for _, f := range nested.Fields() {
			n += nodes(f.Type)
		}
	}
	return n
}

// validate refuses an array whose buffers are shorter than its values, or of a length that no
// values have, and one with another number of nulls than it claims. arrow-go would read what
// lies behind the buffer, or take nulls for values.
func validate(a arrow.Array) error {
	if err := array.Validate(a); err != nil {
		return err
	}
	return validateData(a.Data())
}

// validateData is validate for the data of an array and of those within it.
func validateData(d arrow.ArrayData) error {
	buffers, layout := d.Buffers(), d.DataType().Layout()
	for k, spec := range layout.Buffers {
		if spec.Kind != arrow.KindFixedWidth || k >= len(buffers) || buffers[k] == nil {
			continue
		}
		if n := buffers[k].Len(); n%spec.ByteWidth != 0 && n%8 != 0 {
			return fmt.Errorf("a buffer of %d bytes for %d values of type %s", n, d.Len(), d.DataType())
		}
	}
	if len(layout.Buffers) > 0 && layout.Buffers[0].Kind == arrow.KindBitmap && d.NullN() > 0 && len(buffers) > 0 &&
		buffers[0] != nil && buffers[0].Len() > 0 {
		if nulls := d.Len() - bitutil.CountSetBits(buffers[0].Bytes(), d.Offset(), d.Len()); nulls != d.NullN() {
			return fmt.Errorf("an array claims %d nulls and has %d", d.NullN(), nulls)
		}
	}
	for _, child := range d.Children() {
		if err := validateData(child); err != nil {
			return err
		}
	}
	return nil
}
