// Package wire carries messages between a cell's program and the session's worker over a Unix socket.
//
// A frame is a head of 12 bytes, the message as JSON, then each buffer behind its length; numbers are little-endian:
//
//	"SIA1"  length of the JSON (uint32)  number of buffers (uint16)  number of open files (uint16)
//
// Open files travel beside the first bytes of their frame (SCM_RIGHTS), so that large data are mapped and not copied.
// The package imports little: it is linked into every cell.
package wire

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/go-siamese/lab/data/provenance"
)

// Bounds of one frame. What is larger travels as an open file.
const (
	mostJSON    = 64 << 20
	mostBuffers = 1 << 10
	mostBuffer  = 64 << 20
	mostFiles   = 8
)

// Kinds of messages. A call is answered by any number of events and then by one result or problem.
const (
	Hello   = "hello"   // first both ways
	Call    = "call"    // Op and Body say what is wanted
	Event   = "event"   // how far a call is
	Result  = "result"  // of a call
	Problem = "problem" // a call failed; Body is the problem, and may come with a result
	Cancel  = "cancel"  // a call should end: it is still answered
	Pause   = "pause"   // a call should wait
	Resume  = "resume"  // and go on
)

// Message is one frame.
type Message struct {
	Kind    string          `json:"kind"`
	Call    uint64          `json:"call,omitempty"` // number of the call that it is about
	Op      string          `json:"op,omitempty"`
	Body    json.RawMessage `json:"body,omitempty"`
	Buffers [][]byte        `json:"-"`
	Files   []*os.File      `json:"-"` // the receiver closes them
	// Told is what the answer's computation read, drew from and so on, for the cell to tell on.
	Told []provenance.Event `json:"told,omitempty"`
}

// magic begins a frame; another number is another protocol.
var magic = [4]byte{'S', 'I', 'A', '1'}

const headSize = 12

// encode returns the frame without its open files.
func encode(m Message) ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("message %s: %w", m.Kind, err)
	}
	if len(text) > mostJSON || len(m.Buffers) > mostBuffers || len(m.Files) > mostFiles {
		return nil, fmt.Errorf("message %s: %d bytes, %d buffers and %d files are more than a frame holds", m.Kind,
			len(text), len(m.Buffers), len(m.Files))
	}
	size := headSize + len(text)
	for _, b := range m.Buffers {
		if len(b) > mostBuffer {
			return nil, fmt.Errorf("message %s: a buffer of %d bytes is more than a frame holds", m.Kind, len(b))
		}
		size += 4 + len(b)
	}
	out := make([]byte, 0, size)
	out = append(out, magic[:]...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(text)))
	out = binary.LittleEndian.AppendUint16(out, uint16(len(m.Buffers)))
	out = binary.LittleEndian.AppendUint16(out, uint16(len(m.Files)))
	out = append(out, text...)
	for _, b := range m.Buffers {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(b)))
		out = append(out, b...)
	}
	return out, nil
}

// errProtocol is the error of a peer that speaks another protocol.
var errProtocol = errors.New("the session's socket speaks another protocol: restart the kernel")

// decode reads one frame. take gives the open files that came with it. At the end of r the error is [io.EOF].
func decode(r io.Reader, take func(n int) ([]*os.File, error)) (Message, error) {
	var head [headSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return Message{}, err
	}
	if [4]byte(head[:4]) != magic {
		return Message{}, errProtocol
	}
	size := binary.LittleEndian.Uint32(head[4:])
	buffers, files := binary.LittleEndian.Uint16(head[8:]), binary.LittleEndian.Uint16(head[10:])
	if size > mostJSON || buffers > mostBuffers || files > mostFiles {
		return Message{}, fmt.Errorf("a frame of %d bytes, %d buffers and %d files is too large", size, buffers, files)
	}
	text, err := read(r, int(size))
	if err != nil {
		return Message{}, err
	}
	var m Message
	if err := json.Unmarshal(text, &m); err != nil {
		return Message{}, fmt.Errorf("a frame's message: %w", err)
	}
	for range buffers {
		if _, err := io.ReadFull(r, head[:4]); err != nil {
			return Message{}, unexpected(err)
		}
		n := binary.LittleEndian.Uint32(head[:])
		if n > mostBuffer {
			return Message{}, fmt.Errorf("a buffer of %d bytes is too large", n)
		}
		b, err := read(r, int(n))
		if err != nil {
			return Message{}, err
		}
		m.Buffers = append(m.Buffers, b)
	}
	m.Files, err = take(int(files))
	return m, err
}

// read returns the next n bytes. It allocates as they come: a frame may claim more than it has.
func read(r io.Reader, n int) ([]byte, error) {
	const step = 1 << 20
	out := make([]byte, 0, min(n, step))
	for len(out) < n {
		more := min(n-len(out), max(step, len(out)))
		start := len(out)
		out = append(out, make([]byte, more)...)
		if _, err := io.ReadFull(r, out[start:]); err != nil {
			return nil, unexpected(err)
		}
	}
	return out, nil
}

// unexpected returns err; an end within a frame is not a proper end.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
