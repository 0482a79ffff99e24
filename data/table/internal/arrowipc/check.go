package arrowipc

import (
	"encoding/binary"
	"errors"
	"fmt"

	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// check walks the metadata of one message or footer, and of a schema notes in views what
// later messages have to agree with.
//
// The metadata of Arrow is flatbuffers, whose Go decoder trusts every length: a file of 100
// bytes may claim four billion columns, or nest columns so that they unfold to more than
// any memory. check walks the parts that arrow-go unfolds (Message.fbs, Schema.fbs,
// File.fbs of Arrow 1.0) and refuses what takes more bytes than the metadata has. Offsets
// beyond the metadata make flatbuffers panic, which columnar.GuardMetadata turns into an
// error.
type check struct {
	left  int // bytes that what is still to come may take
	views *views
}

// views is how many columns of a schema hold text as views, and which dictionaries do. A
// batch says for each of them how many buffers it has, and arrow-go reads on where the list
// ends too early.
type views struct {
	columns      int
	dictionaries map[int64]bool // those whose values are views
}

// marker begins a message of a stream, and of a file since Arrow 0.15.
const marker = 0xffffffff

// maxDepth bounds columns within columns; arrow-go stops at 64 too, but after reading them.
const maxDepth = 64

// Slots of the tables, in the order of the schemas.
const (
	// A name is the table, or a part of one, and then the field. The numbers are places of
	// fields in the .fbs files, or values of the unions MessageHeader and Type.
	messageHeaderType, messageHeader, messageKeys = 1, 2, 4
	schemaFields, schemaKeys                      = 1, 2
	fieldName, fieldTypeOf, fieldType             = 0, 2, 3
	fieldDictionary, fieldChildren, fieldKeys     = 4, 5, 6
	footerSchema, footerDictionaries              = 1, 2
	footerBatches, footerKeys                     = 3, 4
	batchNodes, batchBuffers, batchCounts         = 1, 2, 4
	dictionaryID, dictionaryBatch                 = 0, 1
	headerSchema, headerDictionary, headerBatch   = 1, 2, 3
	typeUnion, unionIDs                           = 14, 1
	typeBinaryView, typeTextView                  = 23, 24
)

// checkMessage checks the metadata of one message, without its length, and remembers what
// the schema says. The schema comes first in every stream. Messages of other types have
// nothing that arrow-go unfolds.
func (v *views) checkMessage(b []byte) (err error) {
	defer columnar.GuardMetadata(&err)
	c := v.newCheck(b)
	t := root(b)
	if err := c.keys(t, messageKeys); err != nil {
		return err
	}
	header, ok := follow(t, messageHeader)
	if !ok {
		return nil
	}
	switch t.GetByteSlot(slot(messageHeaderType), 0) {
	case headerSchema:
		return c.schema(header)
	case headerBatch:
		return c.batch(header, v.columns)
	// A dictionary is a batch of one column.
	case headerDictionary:
		// The column of a dictionary is one of views, or not.
		views := 0
		if v.dictionaries[header.GetInt64Slot(slot(dictionaryID), 0)] {
			views = 1
		}
		if header, ok = follow(header, dictionaryBatch); ok {
			return c.batch(header, views)
		}
	}
	return nil
}

// block is the place of a message, according to a footer: where it begins in the file, and
// the bytes of its metadata, with the length before it, and of its body.
type block struct {
	offset, body int64
	metadata     int32
}

// checkFooter checks the footer of a file and returns the messages it lists: the
// dictionaries, then the batches. Their places are not checked here.
func (v *views) checkFooter(b []byte) (blocks []block, err error) {
	defer columnar.GuardMetadata(&err)
	c := v.newCheck(b)
	t := root(b)
	if err := c.keys(t, footerKeys); err != nil {
		return nil, err
	}
	schema, ok := follow(t, footerSchema)
	if !ok {
		return nil, errors.New("there is no schema")
	}
	if err := c.schema(schema); err != nil {
		return nil, err
	}
	// Both are lists of Block: offset (8 bytes), length of metadata (4, and 4 unused), of
	// body (8).
	for _, list := range []int{footerDictionaries, footerBatches} {
		at, n, err := c.vector(t, list, 24)
		if err != nil {
			return nil, err
		}
		for ; n > 0; n, at = n-1, at+24 {
			blocks = append(blocks, block{offset: t.GetInt64(at), metadata: t.GetInt32(at + 8),
				body: t.GetInt64(at + 16)})
		}
	}
	return blocks, nil
}

// checkFile checks the footer of a file and all messages it lists. It reads the metadata,
// which is small, and no values. Together the messages may not be longer than the file, so
// no two of many claim the same large body.
func checkFile(in *reading.Input) error {
	// The file ends in the length of the footer and the magic word, which it also begins
	// with.
	const end = int64(4 + len("ARROW1"))
	if in.Size < 2*end {
		return errors.New("the file is too small")
	}
	var tail [end]byte
	if _, err := in.ReadAt(tail[:], in.Size-end); err != nil {
		return err
	}
	size := int64(binary.LittleEndian.Uint32(tail[:]))
	switch {
	case string(tail[4:]) != "ARROW1":
		return errors.New("the end of the file is missing")
	case size > in.Size-2*end:
		return fmt.Errorf("the footer claims %d bytes, more than the file has", size)
	}
	footer := make([]byte, size)
	if _, err := in.ReadAt(footer, in.Size-end-size); err != nil {
		return err
	}
	var views views
	blocks, err := views.checkFooter(footer)
	if err != nil {
		return err
	}
	// What the messages may still take together.
	left := in.Size
	for k, b := range blocks {
		if b.offset < 0 || b.metadata < 8 || b.body < 0 || int64(b.metadata) > left ||
			b.body > left-int64(b.metadata) ||
			b.offset > in.Size-int64(b.metadata) {
			return fmt.Errorf("part %d lies outside the file, or the parts overlap", k+1)
		}
		left -= int64(b.metadata) + b.body
		// Not more than the file has, by the test above.
		text := make([]byte, b.metadata)
		if _, err := in.ReadAt(text, b.offset); err != nil {
			return err
		}
		// The length, with a marker before it since Arrow 0.15.
		prefix := 4
		if binary.LittleEndian.Uint32(text) == marker {
			prefix = 8
		}
		if err := views.checkMessage(text[prefix:]); err != nil {
			return fmt.Errorf("part %d: %w", k+1, err)
		}
	}
	return nil
}

// schema looks through the columns and begins c.views anew.
func (c *check) schema(t flatbuffers.Table) error {
	*c.views = views{dictionaries: make(map[int64]bool)}
	if err := c.keys(t, schemaKeys); err != nil {
		return err
	}
	return c.tables(t, schemaFields, func(field flatbuffers.Table) error { return c.field(field, 1) })
}

// field checks a column and those within it, and counts those that are views; depth counts
// from 1.
func (c *check) field(t flatbuffers.Table, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("columns are nested more than %d deep", maxDepth)
	}
	if err := errors.Join(c.text(t, fieldName), c.keys(t, fieldKeys)); err != nil {
		return err
	}
	kind, typed := follow(t, fieldType)
	switch t.GetByteSlot(slot(fieldTypeOf), 0) {
	// The ids of a union's types are a list of its own.
	case typeUnion:
		if !typed {
			break
		}
		if _, _, err := c.vector(kind, unionIDs, 4); err != nil {
			return err
		}
	case typeBinaryView, typeTextView:
		if d, ok := follow(t, fieldDictionary); ok {
			c.views.dictionaries[d.GetInt64Slot(slot(dictionaryID), 0)] = true
		} else {
			c.views.columns++
		}
	}
	return c.tables(t, fieldChildren, func(child flatbuffers.Table) error { return c.field(child, depth+1) })
}

// batch looks at the lists of columns and buffers of a record batch with so many text
// views. No view may claim more buffers than the batch has.
func (c *check) batch(t flatbuffers.Table, views int) error {
	if _, _, err := c.vector(t, batchNodes, 16); err != nil {
		return err
	}
	_, buffers, err := c.vector(t, batchBuffers, 16)
	if err != nil {
		return err
	}
	at, n, err := c.vector(t, batchCounts, 8)
	if err == nil && n < views {
		return fmt.Errorf("the buffers of %d columns of text are not counted", views-n)
	}
	for ; n > 0 && err == nil; n, at = n-1, at+8 {
		if count := t.GetInt64(at); count < 0 || count > int64(buffers) {
			return columnar.ErrClaims
		}
	}
	return err
}
