package arrowipc

import (
	"encoding/binary"
	"errors"

	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/go-siamese/lab/data/table/internal/columnar"
)

// keys looks through a list of keys and values, both strings.
func (c *check) keys(t flatbuffers.Table, list int) error {
	return c.tables(t, list, func(pair flatbuffers.Table) error {
		return errors.Join(c.text(pair, 0),
			c.text(pair, 1))
	})
}

// tables calls each with the elements of the list of tables in slot list. Every element is
// paid for, because many may refer to one table.
func (c *check) tables(t flatbuffers.Table, list int, each func(flatbuffers.Table) error) error {
	at, n, err := c.vector(t, list, 4)
	for ; n > 0 && err == nil; n, at = n-1, at+4 {
		// Beside the 4 bytes of its offset, so that a list of one table n times costs more
		// than its own bytes.
		if err = c.take(4); err == nil {
			err = each(flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(at)})
		}
	}
	return err
}

// text checks that the string in slot k lies within the metadata.
func (c *check) text(t flatbuffers.Table, k int) error {
	_, _, err := c.vector(t, k, 1)
	return err
}

// vector returns where the n elements of the vector in slot k begin, of size bytes each; n
// is 0 where there is none. All of them lie within the metadata.
func (c *check) vector(t flatbuffers.Table, k, size int) (at flatbuffers.UOffsetT, n int, err error) {
	o := flatbuffers.UOffsetT(t.Offset(slot(k)))
	if o == 0 {
		return 0, 0, nil
	}
	at, n = t.Vector(o), t.VectorLen(o)
	// As int64: n comes from the file and could overflow a smaller product.
	if int64(at)+int64(n)*int64(size) > int64(len(t.Bytes)) {
		return 0, 0, columnar.ErrClaims
	}
	return at, n, c.take(n * size)
}

// take counts n bytes that were visited. Some may be shared, but not without limit: without
// one, a few tables that refer to each other would take time without end.
func (c *check) take(n int) error {
	if c.left -= n; c.left < 0 {
		return columnar.ErrClaims
	}
	return nil
}

// shared is how often a byte of metadata may be referred to on average. Writers do share:
// equal keys, and types of columns.
const shared = 4

// newCheck returns a check of the metadata b.
func (v *views) newCheck(b []byte) *check {
	return &check{left: shared * len(b), views: v}
}

// slot returns the offset of field k in a table's vtable, whose first two entries are sizes.
func slot(k int) flatbuffers.VOffsetT { return flatbuffers.VOffsetT(4 + 2*k) }

// root returns the root table of a flatbuffer. It panics where b is too short, as all
// accessors of flatbuffers do.
func root(b []byte) flatbuffers.Table {
	return flatbuffers.Table{Bytes: b, Pos: flatbuffers.GetUOffsetT(b)}
}

// follow returns the table in slot k of t, false = the slot is empty.
func follow(t flatbuffers.Table, k int) (flatbuffers.Table, bool) {
	o := flatbuffers.UOffsetT(t.Offset(slot(k)))
	if o == 0 {
		return flatbuffers.Table{}, false
	}
	return flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(t.Pos + o)}, true
}

// schemaMessage returns the metadata of a message that holds the schema in a footer, which begins
// at that place: a message in front of the whole footer. The schema that stands at the beginning
// of a file is not used, as some writers (polars) leave none there that can be read.
func schemaMessage(footer []byte, schema flatbuffers.UOffsetT, version uint16) []byte {
	// The root, the table of places (its size, that of the message, and where in the message
	// its version, type and header are) and the message.
	const root, places, message, size = 0, 4, 16, 32
	b := make([]byte, size, size+len(footer))
	binary.LittleEndian.PutUint32(b[root:], message)
	for k, v := range []uint16{10, 12, 8, 10, 4} {
		binary.LittleEndian.PutUint16(b[places+2*k:], v)
	}
	binary.LittleEndian.PutUint32(b[message:], message-places)
	binary.LittleEndian.PutUint32(b[message+4:], size+uint32(schema)-(message+4))
	binary.LittleEndian.PutUint16(b[message+8:], version)
	b[message+10] = headerSchema
	return append(b, footer...)
}
