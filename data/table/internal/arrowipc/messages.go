package arrowipc

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// messages hands the messages of a stream to arrow-go after checking their metadata. It is
// [ipc.MessageReader]. arrow-go's own reader would make room for whatever length a message
// claims; this one compares it with what is left of the stream. last is the message that
// was handed out, views is what the schema said. It is for one goroutine.
type messages struct {
	in    io.Reader
	left  int64 // bytes of the stream
	mem   memory.Allocator
	last  *ipc.Message
	views views
}

// Message returns the next message, valid until the following call; io.EOF at the end,
// which is a length of 0 or the end of the input.
func (m *messages) Message() (*ipc.Message, error) {
	m.Release()
	length, err := m.length()
	if err != nil {
		return nil, err
	}
	// A length of 0 is how a stream says that it ends.
	if length == 0 {
		return nil, io.EOF
	}
	// At most what is left of the input.
	meta := make([]byte, length)
	if err := m.fill(meta); err != nil {
		return nil, fmt.Errorf("the metadata of a part: %w", err)
	}
	if err := m.views.checkMessage(meta); err != nil {
		return nil, err
	}
	// A claim: it is compared with what is left before room is made.
	size, err := bodySize(meta)
	if err != nil {
		return nil, err
	}
	if size < 0 || size > m.left {
		return nil, fmt.Errorf("a part claims %d bytes, %d are left: %w", size, m.left, io.ErrUnexpectedEOF)
	}
	body := memory.NewResizableBuffer(m.mem)
	// The message holds on to the body until its own release.
	defer body.Release()
	body.Resize(int(size))
	if err := m.fill(body.Bytes()); err != nil {
		return nil, fmt.Errorf("the values of a part: %w", err)
	}
	// Its metadata was checked above: arrow-go trusts it.
	m.last = ipc.NewMessage(memory.NewBufferBytes(meta), body)
	return m.last, nil
}

// length reads the length of the next metadata, 0 at the end. Since Arrow 0.15 a marker
// comes before it, so that the metadata is aligned to 8 bytes.
func (m *messages) length() (int64, error) {
	var word [4]byte
	// A stream may end without a length of 0: writers that are not closed leave it so.
	if m.left == 0 {
		return 0, nil // a stream may end without saying so
	}
	err := m.fill(word[:])
	// Older streams begin with the length at once.
	if err == nil && binary.LittleEndian.Uint32(word[:]) == marker {
		err = m.fill(word[:])
	}
	if err != nil {
		return 0, fmt.Errorf("the length of a part: %w", err)
	}
	length := int64(binary.LittleEndian.Uint32(word[:]))
	if length > m.left {
		return 0, fmt.Errorf("the metadata of a part claims %d bytes, %d are left: %w", length, m.left,
			io.ErrUnexpectedEOF)
	}
	return length, nil
}

// fill reads len(b) bytes and counts them. Fewer are [io.ErrUnexpectedEOF].
func (m *messages) fill(b []byte) error {
	n, err := io.ReadFull(m.in, b)
	m.left -= int64(n)
	if err != nil {
		return tableerr.Unexpected(err)
	}
	return nil
}

// bodySize returns how many bytes of values follow the metadata of a message, as it claims:
// it may be negative.
func bodySize(meta []byte) (size int64, err error) {
	defer columnar.GuardMetadata(&err)
	const messageBody = 3
	t := root(meta)
	return t.GetInt64Slot(slot(messageBody), 0), nil
}

// Release lets go of the last message: its body may be given to the next one.
func (m *messages) Release() {
	if m.last != nil {
		m.last.Release()
		m.last = nil
	}
}

// Retain does nothing: there is one user, which calls Release once.
func (m *messages) Retain() {}

var _ ipc.MessageReader = (*messages)(nil)
