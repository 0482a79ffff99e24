package arrowipc

import (
	"errors"
	"fmt"

	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/go-siamese/lab/data/table/internal/columnar"
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
	filled       []bool         // which arrays of the batches so far hold a value, as they come in a batch
}

// message is what the metadata of one message says.
type message struct {
	kind       byte
	body       int64 // bytes
	rows       int64 // of a batch
	dictionary int64 // its id, of a dictionary
	delta      bool  // a dictionary that goes on where one before it ended
}

// marker begins a message of a stream, and of a file since Arrow 0.15.
const marker = 0xffffffff

// maxDepth bounds columns within columns; arrow-go stops at 64 too, but after reading them.
const maxDepth = 64

// Slots of the tables, in the order of the schemas.
const (
	// A name is the table, or a part of one, and then the field. The numbers are places of
	// fields in the .fbs files, or values of the unions MessageHeader and Type.
	messageVersion, messageHeaderType              = 0, 1
	messageHeader                                  = 2
	messageBody, messageKeys                       = 3, 4
	schemaFields, schemaKeys                       = 1, 2
	fieldName, fieldTypeOf, fieldType              = 0, 2, 3
	fieldDictionary, fieldChildren, fieldKeys      = 4, 5, 6
	footerVersion, footerSchema                    = 0, 1
	footerDictionaries                             = 2
	footerBatches, footerKeys                      = 3, 4
	batchRows, batchNodes, batchBuffers            = 0, 1, 2
	batchCompression, batchCounts                  = 3, 4
	compressionCodec, codecLZ4, codecZstd          = 0, 0, 1
	dictionaryID, dictionaryBatch, dictionaryDelta = 0, 1, 2
	headerSchema, headerDictionary, headerBatch    = 1, 2, 3
	typeUnion, unionIDs                            = 14, 1
	typeBinaryView, typeTextView                   = 23, 24
)

// checkMessage checks the metadata of one message, without its length, and remembers what
// the schema says. The schema comes first in every stream. Messages of other types have
// nothing that arrow-go unfolds.
func (v *views) checkMessage(b []byte) (m message, err error) {
	defer columnar.GuardMetadata(&err)
	c := v.newCheck(b)
	t := root(b)
	m.kind = t.GetByteSlot(slot(messageHeaderType), 0)
	m.body = t.GetInt64Slot(slot(messageBody), 0)
	if err := c.keys(t, messageKeys); err != nil {
		return m, err
	}
	header, ok := follow(t, messageHeader)
	if !ok {
		return m, nil
	}
	switch m.kind {
	case headerSchema:
		return m, c.schema(header)
	case headerBatch:
		m.rows = header.GetInt64Slot(slot(batchRows), 0)
		if err := c.batch(header, v.columns, m.body); err != nil {
			return m, err
		}
		return m, c.fill(header)
	// A dictionary is a batch of one column.
	case headerDictionary:
		m.dictionary = header.GetInt64Slot(slot(dictionaryID), 0)
		m.delta = header.GetBoolSlot(slot(dictionaryDelta), false)
		// The column of a dictionary is one of views, or not.
		views := 0
		if v.dictionaries[m.dictionary] {
			views = 1
		}
		if header, ok = follow(header, dictionaryBatch); ok {
			return m, c.batch(header, views, m.body)
		}
	}
	return m, nil
}

// CheckSchema checks the metadata of a message that holds a schema, as Parquet files keep it.
func CheckSchema(b []byte) error {
	var v views
	m, err := v.checkMessage(b)
	if err == nil && m.kind != headerSchema {
		err = errors.New("it is no schema")
	}
	return err
}

// block is the place of a message, according to a footer: where it begins in the file, and
// the bytes of its metadata, with the length before it, and of its body.
type block struct {
	offset, body int64
	metadata     int32
}

// checkFooter checks the footer of a file and returns its schema, as the metadata of a message,
// and the messages it lists: the dictionaries, then the batches. Their places are not checked
// here.
func (v *views) checkFooter(b []byte) (message []byte, blocks []block, err error) {
	defer columnar.GuardMetadata(&err)
	c := v.newCheck(b)
	t := root(b)
	if err := c.keys(t, footerKeys); err != nil {
		return nil, nil, err
	}
	schema, ok := follow(t, footerSchema)
	if !ok {
		return nil, nil, errors.New("there is no schema")
	}
	if err := c.schema(schema); err != nil {
		return nil, nil, err
	}
	// Both are lists of Block: offset (8 bytes), length of metadata (4, and 4 unused), of
	// body (8).
	for _, list := range []int{footerDictionaries, footerBatches} {
		at, n, err := c.vector(t, list, 24)
		if err != nil {
			return nil, nil, err
		}
		for ; n > 0; n, at = n-1, at+24 {
			blocks = append(blocks, block{offset: t.GetInt64(at), metadata: t.GetInt32(at + 8),
				body: t.GetInt64(at + 16)})
		}
	}
	return schemaMessage(b, schema.Pos, uint16(t.GetInt16Slot(slot(footerVersion), 0))), blocks, nil
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
// views and a body of that many bytes. No view may claim more buffers than the batch has.
//
// Buffers lie in the body one after the other, each padded to a multiple of 8 to 64 bytes,
// whoever wrote them. One that lies elsewhere would be read as values of its neighbours.
func (c *check) batch(t flatbuffers.Table, views int, body int64) error {
	if _, _, err := c.vector(t, batchNodes, 16); err != nil {
		return err
	}
	at, buffers, err := c.vector(t, batchBuffers, 16)
	if err != nil {
		return err
	}
	end := int64(0)
	for k := range buffers {
		from, length := t.GetInt64(at), t.GetInt64(at+8)
		at += 16
		if length == 0 {
			continue
		}
		if from < 0 || length < 0 || length > body || from > body-length || !isPadded(from, end) {
			return fmt.Errorf("buffer %d lies at %d to %d of %d bytes, and the one before it ends at %d", k+1, from,
				from+length, body, end)
		}
		end = from + length
	}
	if body != end && !isPadded(body, end) {
		return fmt.Errorf("the buffers of a batch end at %d of %d bytes", end, body)
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

// isPadded reports whether something that ends at that place, padded, ends at to.
func isPadded(to, end int64) bool {
	for _, step := range []int64{8, 16, 32, 64} {
		if to == (end+step-1)/step*step {
			return true
		}
	}
	return false
}

// fill notes in c.views which arrays of a batch hold a value that is not null.
func (c *check) fill(t flatbuffers.Table) error {
	at, n, err := c.vector(t, batchNodes, 16)
	if err != nil {
		return err
	}
	if more := n - len(c.views.filled); more > 0 {
		c.views.filled = append(c.views.filled, make([]bool, more)...)
	}
	for k := range n {
		rows, nulls := t.GetInt64(at), t.GetInt64(at+8)
		at += 16
		if rows < 0 || nulls < -1 || nulls > rows {
			return fmt.Errorf("an array claims %d nulls among %d values", nulls, rows)
		}
		if nulls < rows {
			c.views.filled[k] = true
		}
	}
	return nil
}
