// Package link carries messages between the kernel and what runs for its cells: the guard of a program, the build of a
// cell, and the program itself. They meet at a Unix socket in a folder that only the user can enter; its path is in the
// environment variable [Env]. The package imports the standard library only, since it is linked into every cell.
//
// A message with a [Message.Call] is answered with the same number once it was dealt with: by the kind that its own kind
// names, else by [KindDone]. An answer with an [Message.Error] says that it was refused. So the guard of a program:
//
//   - asks by [KindStart] whether it may start, and starts nothing where that is refused (a cell that was interrupted);
//   - sends each [KindOutput] as a call and waits: output flows only as fast as the kernel passes it on;
//   - passes on what the program itself says (the program reaches the kernel through the guard, by a connection of its
//     own) after all that it printed before;
//   - ends by [KindEnd] as a call, when everything else was answered. GoNB learns of the end after that.
//
// A frame is the length of a JSON head, the number of binary buffers, the head, then each buffer behind its own length;
// all numbers are 32-bit little-endian.
package link

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
)

// Env is the environment variable with the path of the kernel's socket. It is empty outside of the lab's kernel.
const Env = "SIAMESE_KERNEL"

// SessionEnv is the environment variable with the same for the session's worker, which outlives cells and may show
// widgets; what it starts, such as compilers, has no kernel to tell. The socket that a cell has is its guard's, and ends
// with the cell.
const SessionEnv = "SIAMESE_KERNEL_SESSION"

// TempEnv is the environment variable with TMPDIR as the kernel found it: programs of cells get it back. What GoNB puts
// into the temporary directory is the kernel's, and goes with it.
const TempEnv = "SIAMESE_TMPDIR"

// CellEnv is the environment variable with the cell's name, for its program: see [Started].
const CellEnv = "SIAMESE_CELL"

// Bounds of one frame: a head of text, and the buffers of a widget or a picture.
const (
	maxHead    = 64 << 20
	maxBuffers = 1024
	maxBuffer  = 256 << 20
)

// Kind says what a message is about.
type Kind string

// What a guard or a build says, and what the kernel answers. Bodies are the types of the same name.
const (
	KindStart     Kind = "start"     // a program or a build begins
	KindOutput    Kind = "output"    // it wrote to standard output or standard error
	KindInput     Kind = "input"     // it waits for standard input; the kernel answers with KindValue
	KindValue     Kind = "value"     // what the user typed
	KindEnd       Kind = "end"       // it ended
	KindInterrupt Kind = "interrupt" // the kernel wants it to end: a program may save first, a build is killed
	KindKill      Kind = "kill"      // the kernel wants it to end now
)

// What a cell's program says, and what the kernel answers.
const (
	KindDisplay   Kind = "display"    // show a bundle; the kernel answers with KindDone
	KindClear     Kind = "clear"      // clear the cell's output
	KindCommOpen  Kind = "comm_open"  // both ways, as in Jupyter's protocol
	KindCommMsg   Kind = "comm_msg"   // both ways
	KindCommClose Kind = "comm_close" // both ways
	KindState     Kind = "state"      // ask for a widget's state by its id; the kernel answers with KindState
	KindDone      Kind = "done"       // the kernel has done what was asked
)

// WhatSession says that what begins goes on when its cell has ended: the session's worker with its widgets.
const WhatSession = "session"

// Start is the body of [KindStart].
type Start struct {
	What string `json:"what"` // "program", "build", "shell" or WhatSession
	Pid  int    `json:"pid"`  // of the guard or build itself; what it starts has a process group of its own
}

// Started is the body of the answer to [KindStart].
type Started struct {
	// Echo has the guard print again, for GoNB, what the program prints: GoNB keeps it in a file (%capture). The kernel
	// publishes what the guard says, and drops what GoNB does.
	Echo bool `json:"echo"`
	// Cell names the cell for lists of what it made, such as "quickstart.ipynb [3]"; "" = it has no name.
	Cell string `json:"cell,omitempty"`
	// Events is the file in which programs tell what they use and make: see the package provenance. "" = nobody asks.
	Events string `json:"events,omitempty"`
}

// Output is the body of [KindOutput].
type Output struct {
	Name string `json:"name"` // "stdout" or "stderr"
	Text string `json:"text"`
}

// Input is the body of [KindInput].
type Input struct {
	Prompt   string `json:"prompt"`
	Password bool   `json:"password"`
}

// Value is the body of [KindValue]. None means that there is nobody to type: end of file.
type Value struct {
	Text string `json:"text"`
	None bool   `json:"none"`
}

// End is the body of [KindEnd].
type End struct {
	Status  int    `json:"status"`  // exit status; -1 = ended by a signal
	Signal  string `json:"signal"`  // the signal's name, such as "killed"
	Stopped bool   `json:"stopped"` // it was interrupted or killed by the kernel
	Read    bool   `json:"read"`    // it read standard input where there was none
	Memory  bool   `json:"memory"`  // the system killed it since memory ran out
	// Dir is the folder that a build ran in: what it printed names files from there.
	Dir string `json:"dir,omitempty"`
	// Text is what a build printed, or what Go's runtime wrote when it ended a program: panic and stacks. The latter is
	// not among the program's output.
	Text string `json:"text,omitempty"`
}

// Display is the body of [KindDisplay]. Update changes what was shown with the same ID.
type Display struct {
	Data     map[string]any `json:"data"` // by MIME type; text as string, JSON as it is, pictures as base64
	Metadata map[string]any `json:"metadata,omitempty"`
	ID       string         `json:"id,omitempty"`
	Update   bool           `json:"update,omitempty"`
}

// Clear is the body of [KindClear]. Wait keeps the old output until there is a new one.
type Clear struct {
	Wait bool `json:"wait"`
}

// Comm is the body of the kinds of comms. Its buffers travel with the message.
type Comm struct {
	ID       string          `json:"comm_id"`
	Target   string          `json:"target_name,omitempty"`
	Data     json.RawMessage `json:"data,omitempty"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
}

// Message is one frame. Call numbers a question; its answer has the same number. 0 = no answer is expected.
type Message struct {
	Kind    Kind            `json:"kind"`
	Call    uint64          `json:"call,omitempty"`
	Error   string          `json:"error,omitempty"` // of an answer: why what was asked failed
	Body    json.RawMessage `json:"body,omitempty"`
	Buffers [][]byte        `json:"-"`
}

// New returns a message with the body as JSON.
func New(kind Kind, body any, buffers ...[]byte) (Message, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return Message{}, fmt.Errorf("message %s: %w", kind, err)
	}
	return Message{Kind: kind, Body: raw, Buffers: buffers}, nil
}

// Conn is one end of a connection. Send may be called by several goroutines at once, Receive by one.
type Conn struct {
	conn    net.Conn
	sending sync.Mutex
}

// NewConn returns the end of a connection that a listener accepted.
func NewConn(conn net.Conn) *Conn { return &Conn{conn: conn} }

// ErrNoKernel is the error of [Dial] outside of the lab's kernel.
var ErrNoKernel = errors.New("this program was not started by the lab's kernel")

// Dial connects to the kernel that [Env] names.
func Dial() (*Conn, error) {
	path := os.Getenv(Env)
	if path == "" {
		return nil, ErrNoKernel
	}
	return DialAt(path)
}

// DialAt connects to the kernel with a socket.
func DialAt(path string) (*Conn, error) {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return nil, fmt.Errorf("the kernel's socket: %w", err)
	}
	return NewConn(conn), nil
}

// Close ends the connection; the other end receives [io.EOF].
func (c *Conn) Close() error { return c.conn.Close() }

// Send writes one frame.
func (c *Conn) Send(m Message) error {
	head, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("message %s: %w", m.Kind, err)
	}
	if len(head) > maxHead || len(m.Buffers) > maxBuffers {
		return fmt.Errorf("message %s: %d bytes and %d buffers are more than a frame holds", m.Kind, len(head),
			len(m.Buffers))
	}
	frame := make([]byte, 8, 8+len(head))
	binary.LittleEndian.PutUint32(frame, uint32(len(head)))
	binary.LittleEndian.PutUint32(frame[4:], uint32(len(m.Buffers)))
	parts := net.Buffers{append(frame, head...)}
	for _, b := range m.Buffers {
		if len(b) > maxBuffer {
			return fmt.Errorf("message %s: a buffer of %d bytes is more than a frame holds", m.Kind, len(b))
		}
		parts = append(parts, binary.LittleEndian.AppendUint32(nil, uint32(len(b))), b)
	}
	c.sending.Lock()
	defer c.sending.Unlock()
	_, err = parts.WriteTo(c.conn)
	return err
}

// Receive reads one frame. At the end of the connection the error is [io.EOF].
func (c *Conn) Receive() (Message, error) {
	var sizes [8]byte
	if _, err := io.ReadFull(c.conn, sizes[:]); err != nil {
		return Message{}, err
	}
	head, buffers := binary.LittleEndian.Uint32(sizes[:]), binary.LittleEndian.Uint32(sizes[4:])
	if head > maxHead || buffers > maxBuffers {
		return Message{}, fmt.Errorf("a frame of %d bytes and %d buffers is too large", head, buffers)
	}
	text := make([]byte, head)
	if err := c.readFull(text); err != nil {
		return Message{}, err
	}
	var m Message
	if err := json.Unmarshal(text, &m); err != nil {
		return Message{}, fmt.Errorf("a frame's head: %w", err)
	}
	for range buffers {
		if err := c.readFull(sizes[:4]); err != nil {
			return Message{}, err
		}
		n := binary.LittleEndian.Uint32(sizes[:])
		if n > maxBuffer {
			return Message{}, fmt.Errorf("a buffer of %d bytes is too large", n)
		}
		b := make([]byte, n)
		if err := c.readFull(b); err != nil {
			return Message{}, err
		}
		m.Buffers = append(m.Buffers, b)
	}
	return m, nil
}

// readFull fills b; a connection that ends within a frame is not a proper end.
func (c *Conn) readFull(b []byte) error {
	_, err := io.ReadFull(c.conn, b)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}
