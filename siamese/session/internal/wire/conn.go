//go:build unix

package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// Conn is one end of a connection. Send may be called by several goroutines at once, Receive by one.
type Conn struct {
	conn    *net.UnixConn
	sending sync.Mutex
	r       *bufio.Reader
	files   []*os.File // received, and not yet taken by a message
}

// NewConn returns the end of a connection.
func NewConn(conn *net.UnixConn) *Conn {
	c := &Conn{conn: conn}
	c.r = bufio.NewReaderSize((*fileReader)(c), 64<<10)
	return c
}

// Dial connects to a socket.
func Dial(path string) (*Conn, error) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	return NewConn(conn), nil
}

// Close ends the connection.
func (c *Conn) Close() error { return c.conn.Close() }

// Send writes one frame. It does not close the files.
func (c *Conn) Send(m Message) error {
	frame, err := encode(m)
	if err != nil {
		return err
	}
	var rights []byte
	if len(m.Files) > 0 {
		fds := make([]int, len(m.Files))
		for i, f := range m.Files {
			fds[i] = int(f.Fd())
		}
		rights = syscall.UnixRights(fds...)
	}
	c.sending.Lock()
	defer c.sending.Unlock()
	n := 0
	if rights != nil {
		if n, _, err = c.conn.WriteMsgUnix(frame, rights, nil); err != nil {
			return err
		}
	}
	_, err = c.conn.Write(frame[n:])
	return err
}

// Receive reads one frame. At the end of the connection the error is [io.EOF].
func (c *Conn) Receive() (Message, error) {
	m, err := decode(c.r, c.take)
	if err != nil {
		_, _ = c.take(len(c.files))
		for _, f := range m.Files {
			_ = f.Close()
		}
	}
	return m, err
}

// take removes the first n files from those that came.
func (c *Conn) take(n int) ([]*os.File, error) {
	if n > len(c.files) {
		return nil, fmt.Errorf("a frame has %d open files, and %d came with it", n, len(c.files))
	}
	out := c.files[:n:n]
	c.files = c.files[n:]
	return out, nil
}

// PeerUID returns the user at the other end.
func (c *Conn) PeerUID() (int, error) { return peerUID(c.conn) }

// fileReader reads the bytes of a connection and keeps the files that come with them.
type fileReader Conn

// Read implements io.Reader.
func (r *fileReader) Read(p []byte) (int, error) {
	beside := make([]byte, syscall.CmsgSpace(4*mostFiles))
	n, nBeside, _, _, err := r.conn.ReadMsgUnix(p, beside)
	if nBeside > 0 {
		err = errors.Join(err, r.keep(beside[:nBeside]))
	}
	if errors.Is(err, io.EOF) { // it comes wrapped, and readers compare
		err = io.EOF
	}
	return max(0, n), err // -1 with an error
}

// keep appends the files in control messages.
func (r *fileReader) keep(beside []byte) error {
	messages, err := syscall.ParseSocketControlMessage(beside)
	if err != nil {
		return err
	}
	for i := range messages {
		fds, err := syscall.ParseUnixRights(&messages[i])
		if err != nil {
			return err
		}
		for _, fd := range fds {
			syscall.CloseOnExec(fd)
			r.files = append(r.files, os.NewFile(uintptr(fd), "session"))
		}
	}
	return nil
}
