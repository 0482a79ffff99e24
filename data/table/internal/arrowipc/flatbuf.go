package arrowipc

import (
	"errors"

	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/go-siamese/lab/data/table/internal/columnar"
)

// keys looks through a list of keys and values.
func (c *check) keys(t flatbuffers.Table, list int) error {
	return c.tables(t, list, func(pair flatbuffers.Table) error {
		return errors.Join(c.text(pair, 0),
			c.text(pair, 1))
	})
}

// tables calls each with the elements of a list of tables.
func (c *check) tables(t flatbuffers.Table, list int, each func(flatbuffers.Table) error) error {
	at, n, err := c.vector(t, list, 4)
	for ; n > 0 && err == nil; n, at = n-1, at+4 {
		if err = c.take(4); err == nil {
			err = each(flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(at)})
		}
	}
	return err
}

// text checks the string in slot k.
func (c *check) text(t flatbuffers.Table, k int) error {
	_, _, err := c.vector(t, k, 1)
	return err
}

// vector returns where the n elements of a vector begin; n is 0 where there is none.
func (c *check) vector(t flatbuffers.Table, k, size int) (at flatbuffers.UOffsetT, n int, err error) {
	o := flatbuffers.UOffsetT(t.Offset(slot(k)))
	if o == 0 {
		return 0, 0, nil
	}
	at, n = t.Vector(o), t.VectorLen(o)
	if int64(at)+int64(n)*int64(size) > int64(len(t.Bytes)) {
		return 0, 0, columnar.ErrClaims
	}
	return at, n, c.take(n * size)
}

// take counts the bytes that were visited. Some may be shared, but not without limit.
func (c *check) take(n int) error {
	if c.left -= n; c.left < 0 {
		return columnar.ErrClaims
	}
	return nil
}

// shared is how often a byte of metadata may be referred to on average.
const shared = 4

func (v *views) newCheck(b []byte) *check {
	return &check{left: shared * len(b), views: v}
}

// slot returns the offset of field k in a table's vtable, whose first two entries are sizes.
func slot(k int) flatbuffers.VOffsetT { return flatbuffers.VOffsetT(4 + 2*k) }

// root returns the root table of a flatbuffer. It panics where b is too short.
func root(b []byte) flatbuffers.Table {
	return flatbuffers.Table{Bytes: b, Pos: flatbuffers.GetUOffsetT(b)}
}

// follow returns the table in slot k of t.
func follow(t flatbuffers.Table, k int) (flatbuffers.Table, bool) {
	o := flatbuffers.UOffsetT(t.Offset(slot(k)))
	if o == 0 {
		return flatbuffers.Table{}, false
	}
	return flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(t.Pos + o)}, true
}
