package arrowipc

import (
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// messages hands the messages of a file or stream to arrow-go, one at a time, unpacked. It
// is [ipc.MessageReader].
type messages struct {
	in    *reading.Input
	mem   memory.Allocator
	parts []part // those still to come
	last  *ipc.Message
	views views
	// Of all batches; nil = no batch was asked for yet.
	schema *arrow.Schema
}

// Message returns the next message, valid until the following call; io.EOF at the end. The
// metadata is checked again: the file may have changed since.
func (m *messages) Message() (*ipc.Message, error) {
	m.Release()
	if len(m.parts) == 0 {
		return nil, io.EOF
	}
	p := m.parts[0]
	m.parts = m.parts[1:]
	meta := p.schema
	if meta == nil {
		meta = make([]byte, p.metadata)
		if err := m.fill(meta, p.offset); err != nil {
			return nil, fmt.Errorf("the metadata of a part: %w", err)
		}
	}
	if now, err := m.views.checkMessage(meta); err != nil || now != p.message {
		return nil, fmt.Errorf("the file changed while it was read: %w", err)
	}
	body := memory.NewResizableBuffer(m.mem)
	defer func() { body.Release() }() // the one that it is then
	body.Resize(int(p.body))
	if err := m.fill(body.Bytes(), p.offset+p.metadata); err != nil {
		return nil, fmt.Errorf("the values of a part: %w", err)
	}
	if unpacked, err := m.unpack(meta, body.Bytes()); err != nil {
		return nil, err
	} else if unpacked != nil {
		body.Release()
		body = unpacked
	}
	if m.schema != nil {
		if err := checkNulls(m.schema, meta, body.Bytes()); err != nil {
			return nil, err
		}
	}
	m.last = ipc.NewMessage(memory.NewBufferBytes(meta), body)
	return m.last, nil
}

// fill reads len(b) bytes.
func (m *messages) fill(b []byte, at int64) error {
	if n, err := m.in.ReadAt(b, at); n < len(b) {
		return tableerr.Unexpected(err)
	}
	return nil
}

// Release lets go of the last message.
func (m *messages) Release() {
	if m.last != nil {
		m.last.Release()
		m.last = nil
	}
}

// Retain does nothing: there is one user.
func (m *messages) Retain() {}

var _ ipc.MessageReader = (*messages)(nil)
