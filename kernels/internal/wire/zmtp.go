package wire

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Bounds of what a peer may send: a message with the buffers of a widget, in not too many frames.
const (
	maxMessage = 1 << 30
	maxFrames  = 4096
	maxCommand = 64 << 10
	atOnce     = 1 << 20 // a frame that is given its memory before its bytes are there
)

// handshake is how long a peer has for its greeting.
const handshake = 10 * time.Second

// Flags of a frame.
const (
	flagMore    = 1
	flagLong    = 2
	flagCommand = 4
)

// Kinds of sockets.
const (
	router = "ROUTER"
	dealer = "DEALER"
	pub    = "PUB"
	sub    = "SUB"
	rep    = "REP"
	req    = "REQ"
)

// partners says which kinds a kind talks to.
var partners = map[string][]string{
	router: {dealer, req, router},
	pub:    {sub, "XSUB"},
	rep:    {req, dealer},
	dealer: {router, rep, dealer},
	sub:    {pub, "XPUB"},
	req:    {rep, router},
}

// errPeer is the error of a peer that does not speak the protocol.
var errPeer = errors.New("the peer does not speak ZMTP 3")

// zmtp is one connection after its handshake. One goroutine may read and one write.
type zmtp struct {
	conn     net.Conn
	r        *bufio.Reader
	w        *bufio.Writer
	identity string // what the peer calls itself; often ""
}

// greet exchanges greetings on a new connection. kind is our kind of socket, identity what we call ourselves.
func greet(conn net.Conn, kind, identity string) (*zmtp, error) {
	z := &zmtp{conn: conn, r: bufio.NewReaderSize(conn, 32<<10), w: bufio.NewWriterSize(conn, 32<<10)}
	if err := conn.SetDeadline(time.Now().Add(handshake)); err != nil {
		return nil, err
	}
	// Signature, version 3.0, the mechanism NULL, and neither end is its server.
	greeting := [64]byte{0: 0xff, 8: 1, 9: 0x7f, 10: 3, 12: 'N', 13: 'U', 14: 'L', 15: 'L'}
	_, _ = z.w.Write(greeting[:]) // an error stays with the writer
	body := append([]byte{5}, "READY"...)
	body = property(body, "Socket-Type", kind)
	if identity != "" {
		body = property(body, "Identity", identity)
	}
	z.frame(flagCommand, body)
	if err := z.w.Flush(); err != nil {
		return nil, err
	}
	var theirs [64]byte
	if _, err := io.ReadFull(z.r, theirs[:]); err != nil {
		return nil, fmt.Errorf("%w: its greeting: %w", errPeer, err)
	}
	if theirs[0] != 0xff || theirs[9]&1 != 1 || theirs[10] < 3 || string(theirs[12:17]) != "NULL\x00" {
		return nil, fmt.Errorf("%w: its greeting", errPeer)
	}
	if err := z.ready(kind); err != nil {
		return nil, err
	}
	return z, conn.SetDeadline(time.Time{})
}

// property appends a property of a READY command.
func property(b []byte, name, value string) []byte {
	b = append(append(b, byte(len(name))), name...)
	return append(binary.BigEndian.AppendUint32(b, uint32(len(value))), value...)
}

// ready reads the peer's READY command.
func (z *zmtp) ready(kind string) error {
	flags, body, err := z.readFrame(maxCommand)
	if err != nil {
		return fmt.Errorf("%w: its READY: %w", errPeer, err)
	}
	if flags&flagCommand == 0 || len(body) < 6 || string(body[:6]) != "\x05READY" {
		return fmt.Errorf("%w: it sent no READY", errPeer)
	}
	theirs := ""
	for rest := body[6:]; len(rest) > 0; {
		n := int(rest[0])
		if len(rest) < 1+n+4 {
			return fmt.Errorf("%w: its READY is cut", errPeer)
		}
		name, size := string(rest[1:1+n]), int64(binary.BigEndian.Uint32(rest[1+n:]))
		rest = rest[1+n+4:]
		if int64(len(rest)) < size {
			return fmt.Errorf("%w: its READY is cut", errPeer)
		}
		switch name {
		case "Socket-Type":
			theirs = string(rest[:size])
		case "Identity":
			z.identity = string(rest[:size])
		}
		rest = rest[size:]
	}
	for _, p := range partners[kind] {
		if p == theirs {
			return nil
		}
	}
	return fmt.Errorf("%w: its socket %q does not fit %s", errPeer, theirs, kind)
}

// readFrame reads one frame of at most limit bytes.
func (z *zmtp) readFrame(limit int) (flags byte, body []byte, err error) {
	if flags, err = z.r.ReadByte(); err != nil {
		return 0, nil, err
	}
	var size uint64
	if flags&flagLong != 0 {
		var b [8]byte
		_, err = io.ReadFull(z.r, b[:])
		size = binary.BigEndian.Uint64(b[:])
	} else {
		var b byte
		b, err = z.r.ReadByte()
		size = uint64(b)
	}
	if err == nil && (size > uint64(limit) || flags&^(flagMore|flagLong|flagCommand) != 0) {
		return 0, nil, fmt.Errorf("%w: a frame of %d bytes with flags %#x", errPeer, size, flags)
	}
	switch {
	case err != nil:
	case size <= atOnce:
		body = make([]byte, size)
		_, err = io.ReadFull(z.r, body)
	default: // the memory comes with the bytes, not with the claim
		var b bytes.Buffer
		_, err = io.CopyN(&b, z.r, int64(size))
		body = b.Bytes()
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return flags, body, err
}

// read reads the next message. Commands are passed over, but for a ping, which onPing answers with its context.
func (z *zmtp) read(onPing func(context []byte)) ([][]byte, error) {
	var frames [][]byte
	for left := maxMessage; ; {
		flags, body, err := z.readFrame(left)
		if err != nil {
			return nil, err
		}
		if flags&flagCommand != 0 {
			if len(frames) > 0 {
				return nil, fmt.Errorf("%w: a command within a message", errPeer)
			}
			if len(body) >= 7 && string(body[:5]) == "\x04PING" {
				onPing(body[7:])
			}
			continue
		}
		frames = append(frames, body)
		left -= len(body)
		if flags&flagMore == 0 {
			return frames, nil
		}
		if len(frames) == maxFrames {
			return nil, fmt.Errorf("%w: a message of more than %d frames", errPeer, maxFrames)
		}
	}
}

// frame writes a frame into the buffer; an error stays there until it is flushed.
func (z *zmtp) frame(flags byte, body []byte) {
	if len(body) > 255 {
		var head [9]byte
		head[0] = flags | flagLong
		binary.BigEndian.PutUint64(head[1:], uint64(len(body)))
		_, _ = z.w.Write(head[:])
	} else {
		_, _ = z.w.Write([]byte{flags, byte(len(body))})
	}
	_, _ = z.w.Write(body)
}

// write writes a message into the buffer; an error stays there until it is flushed.
func (z *zmtp) write(frames [][]byte) {
	for i, f := range frames {
		var flags byte
		if i < len(frames)-1 {
			flags = flagMore
		}
		z.frame(flags, f)
	}
}
