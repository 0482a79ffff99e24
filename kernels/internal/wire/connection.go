// Package wire speaks Jupyter's protocol: connection files, signed messages, and the sockets that carry them. It has
// both ends, that of a kernel ([Listen]) and that of a client ([Dial]), since the lab's kernel is the one to Jupyter and
// the other to GoNB.
//
// Below the messages is ZeroMQ's wire protocol ZMTP 3.0 (https://rfc.zeromq.org/spec/23/), as far as Jupyter uses it.
// It is written here, and not taken from go-zeromq/zmq4 (v0.17.0), since that one greets one peer at a time, makes
// buffers of whatever size a peer claims, and lets one subscriber that does not read hold up all others.
package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
)

// Transports of a connection file.
const (
	TCP = "tcp" // IP is an address, and the ports are ports
	IPC = "ipc" // IP is the beginning of paths, which end in "-" and the port
)

// Connection is the content of a connection file: where a kernel listens, and the key of its messages.
type Connection struct {
	Transport       string `json:"transport"`
	IP              string `json:"ip"`
	Shell           int    `json:"shell_port"`
	IOPub           int    `json:"iopub_port"`
	Stdin           int    `json:"stdin_port"`
	Control         int    `json:"control_port"`
	Heartbeat       int    `json:"hb_port"`
	Key             string `json:"key"` // "" = messages are not signed
	SignatureScheme string `json:"signature_scheme"`
	KernelName      string `json:"kernel_name,omitempty"`
}

// scheme is the only scheme of signatures that Jupyter's clients use.
const scheme = "hmac-sha256"

// maxPath is the length of the longest path of a Unix socket: 108 bytes with a zero on Linux, 104 elsewhere.
const maxPath = 103

// ErrConnection is the error of a connection file that cannot be used.
var ErrConnection = errors.New("the connection file cannot be used")

// ReadConnection reads a connection file. The error matches [ErrConnection] where its content is not understood.
func ReadConnection(path string) (Connection, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Connection{}, fmt.Errorf("the connection file: %w", err)
	}
	var c Connection
	if err := json.Unmarshal(text, &c); err != nil {
		return Connection{}, fmt.Errorf("%w: %s: %w", ErrConnection, path, err)
	}
	if c.Transport == "" {
		c.Transport = TCP
	}
	switch {
	case c.Transport != TCP && c.Transport != IPC:
		err = fmt.Errorf("transport %q is neither %q nor %q", c.Transport, TCP, IPC)
	case c.Key != "" && c.SignatureScheme != scheme:
		err = fmt.Errorf("signature scheme %q is not %q", c.SignatureScheme, scheme)
	case c.IP == "":
		err = errors.New("it has no ip")
	}
	for _, port := range c.ports() {
		if port < 0 || c.Transport == TCP && port > 65535 {
			err = fmt.Errorf("port %d is none", port)
		}
		if c.Transport == IPC && len(c.address(port)) > maxPath {
			err = fmt.Errorf("the path %s of a socket is longer than %d bytes: name a shorter folder in "+
				"JUPYTER_RUNTIME_DIR", c.address(port), maxPath)
		}
	}
	if err != nil {
		return Connection{}, fmt.Errorf("%w: %s: %w", ErrConnection, path, err)
	}
	return c, nil
}

// Write writes the connection file, for the user alone.
func (c Connection) Write(path string) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}

// Private returns a connection by ipc with sockets in a folder, which is the user's alone, and a new key.
func Private(dir, key string) Connection {
	return Connection{Transport: IPC, IP: filepath.Join(dir, "s"), Shell: 1, IOPub: 2, Stdin: 3, Control: 4,
		Heartbeat: 5, Key: key, SignatureScheme: scheme}
}

// Clear removes the sockets that a kernel has left that was killed: another cannot listen there. That there is none is
// no error.
func (c Connection) Clear() error {
	if c.Transport != IPC {
		return nil
	}
	for _, port := range c.ports() {
		if err := os.Remove(c.address(port)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Fits reports whether the paths of the sockets of [Private] are short enough in a folder.
func Fits(dir string) bool { return len(Private(dir, "").address(9)) <= maxPath }

// ports returns the five ports.
func (c Connection) ports() []int { return []int{c.Shell, c.IOPub, c.Stdin, c.Control, c.Heartbeat} }

// network returns the name that package net has for the transport.
func (c Connection) network() string {
	if c.Transport == IPC {
		return "unix"
	}
	return "tcp"
}

// address returns where the socket of a port is, for package net.
func (c Connection) address(port int) string {
	if c.Transport == IPC {
		return c.IP + "-" + strconv.Itoa(port)
	}
	ip := c.IP
	if ip == "*" {
		ip = ""
	}
	return net.JoinHostPort(ip, strconv.Itoa(port))
}
