package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// The footer of a Parquet file is a Thrift structure in compact protocol. Its Go decoder
// makes room for as many elements as a list claims, up to 100 million, and arrow-go follows
// columns in columns to any depth: thriftWalk walks the bytes first. Its methods panic
// beyond their end, which columnar.GuardMetadata turns into an error; that keeps them free
// of a check for every byte.
//
// b is the whole footer, at the place of the next byte. The walk takes O(len(b)) and no
// memory but for the depth of the schema.
type thriftWalk struct {
	b  []byte
	at int
}

// Types of the compact protocol (Thrift, doc/specs/thrift-compact-protocol.md).
const (
	// The numbers after the types are fields of FileMetaData and SchemaElement
	// (parquet.thrift). arrow-go allows any depth, which a goroutine's stack does not; no
	// real table comes near 64.
	thriftTrue, thriftFalse, thriftByte    = 1, 2, 3
	thriftI16, thriftI32, thriftI64        = 4, 5, 6
	thriftDouble, thriftBinary, thriftList = 7, 8, 9
	thriftSet, thriftMap, thriftStruct     = 10, 11, 12
	footerSchemaField, elementChildren     = 2, 5
	maxDepth, maxThriftDepth               = 64, 64
	tailSize                               = 4 + len("PAR1") // of the file: the length of the footer, the magic
)

// checkFile reads and checks the footer of a file. A footer that is encrypted has a magic
// word of its own.
func checkFile(in *reading.Input) (*facts, error) {
	// As an int64, like the size of the file.
	const tailSize = int64(tailSize)
	if in.Size < 2*tailSize {
		return nil, errors.New("the file is too small")
	}
	var tail [tailSize]byte
	if _, err := in.ReadAt(tail[:], in.Size-tailSize); err != nil {
		return nil, err
	}
	if string(tail[4:]) == "PARE" {
		return nil, encryptedFooter(in)
	}
	size := int64(binary.LittleEndian.Uint32(tail[:]))
	switch {
	case string(tail[4:]) != "PAR1":
		return nil, errors.New("the end of the file is missing")
	case size > in.Size-tailSize-4:
		return nil, fmt.Errorf("the footer claims %d bytes, more than the file has", size)
	}
	footer := make([]byte, size)
	if _, err := in.ReadAt(footer, in.Size-tailSize-size); err != nil {
		return nil, err
	}
	return checkFooter(footer)
}

// checkFooter checks a footer: that all lists and texts lie within it, and that the schema
// is a tree of bounded depth. That the values make sense is for arrow-go and
// [source.check].
func checkFooter(b []byte) (f *facts, err error) {
	defer columnar.GuardMetadata(&err)
	f = &facts{}
	c := &thriftWalk{b: b}
	err = c.structure(0, func(id int, kind byte) (bool, error) {
		switch {
		case kind != thriftList:
		case id == footerSchemaField:
			return true, c.schema()
		case id == footerGroups:
			return true, c.rowGroups(f)
		}
		return false, nil
	})
	return f, err
}

// schema looks through the list of columns, in which every group is followed by its
// children, depth first. A group's number of children must be that of those that follow, or
// arrow-go would read behind the list.
func (c *thriftWalk) schema() error {
	n, kind, err := c.list()
	if err != nil || kind != thriftStruct {
		return err
	}
	// A stack: the last entry is of the innermost group.
	var open []int // children that groups still have to come
	for k := range n {
		// SchemaElement.num_children, 0 where it is not there, as in leaves.
		children := 0
		err := c.structure(1, func(id int, kind byte) (bool, error) {
			if id != elementChildren || kind != thriftI32 {
				return false, nil
			}
			children = int(c.signed())
			return true, nil
		})
		if err != nil {
			return err
		}
		// Groups that have all their children are complete. A leaf is a group without any.
		for len(open) > 0 && open[len(open)-1] == 0 {
			open = open[:len(open)-1]
		}
		switch {
		// The root, element 0, is the only one outside every group.
		case k > 0 && len(open) == 0:
			return errors.New("columns stand behind the end of the schema")
		case children < 0 || children > n-k-1:
			return fmt.Errorf("a group claims %d columns, %d follow it", children, n-k-1)
		case len(open) > maxDepth:
			return fmt.Errorf("columns are nested more than %d deep", maxDepth)
		}
		if len(open) > 0 {
			open[len(open)-1]--
		}
		open = append(open, children)
	}
	return nil
}

// structure walks the fields of a structure to its end. field is called with the number and
// type of every field and reports whether it has read the value; others are skipped. nil =
// all are skipped.
func (c *thriftWalk) structure(depth int, field func(id int, kind byte) (bool, error)) error {
	for id := 0; ; {
		head := c.b[c.at]
		c.at++
		if head == 0 {
			return nil
		}
		// A field's number is stored as a difference of up to 15, or else in full.
		id += int(head >> 4)
		if head>>4 == 0 {
			id = int(c.signed())
		}
		kind := head & 15
		if field != nil {
			done, err := field(id, kind)
			if err != nil {
				return err
			}
			if done {
				continue
			}
		}
		if kind == thriftTrue || kind == thriftFalse {
			continue // the value is in the type
		}
		if err := c.skip(kind, depth+1); err != nil {
			return err
		}
	}
}

// skip skips a value of that type, whatever is in it; truth values have a byte of their own
// in lists only. depth bounds the recursion.
func (c *thriftWalk) skip(kind byte, depth int) error {
	if depth > maxThriftDepth {
		return errors.New("the metadata is nested too deeply")
	}
	switch kind {
	case thriftTrue, thriftFalse, thriftByte:
		c.at++
	case thriftI16, thriftI32, thriftI64:
		c.varint()
	case thriftDouble:
		c.at += 8
	case thriftBinary:
		n := c.varint()
		if n > uint64(len(c.b)-c.at) {
			return columnar.ErrClaims
		}
		c.at += int(n)
	case thriftList, thriftSet:
		n, kind, err := c.list()
		for ; n > 0 && err == nil; n-- {
			err = c.skip(kind, depth+1)
		}
		return err
	case thriftStruct:
		return c.structure(depth, nil)
	// No structure of Parquet has one (parquet.thrift).
	case thriftMap:
		return errors.New("the metadata holds a map, which Parquet does not use")
	default:
		return fmt.Errorf("the metadata holds a value of the unknown type %d", kind)
	}
	return nil
}

// list reads the head of a list: how many elements it has, of which type. An element takes
// a byte at least, so the rest of the bytes bounds their number.
func (c *thriftWalk) list() (n int, kind byte, err error) {
	head := c.b[c.at]
	c.at++
	size := uint64(head >> 4)
	if size == 15 {
		size = c.varint()
	}
	if size > uint64(len(c.b)-c.at) { // an element has one byte at least
		return 0, 0, columnar.ErrClaims
	}
	return int(size), head & 15, nil
}

// varint reads an unsigned number (LEB128) and panics where it is cut off or longer than 64
// bits.
func (c *thriftWalk) varint() uint64 {
	v, n := binary.Uvarint(c.b[c.at:])
	if n <= 0 {
		panic("a number is cut off")
	}
	c.at += n
	return v
}

// signed reads a signed number (zigzag: 0, -1, 1, -2, … are stored as 0, 1, 2, 3, …).
func (c *thriftWalk) signed() int64 {
	v := c.varint()
	return int64(v>>1) ^ -int64(v&1)
}
