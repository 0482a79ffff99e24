//go:build !linux

package wire

import (
	"errors"
	"net"
)

// ours returns nil if the other end of a connection is on this machine: whose process it is cannot be told on this
// system. A Unix socket can be opened by the user alone.
func ours(conn net.Conn) error {
	tcp, ok := conn.RemoteAddr().(*net.TCPAddr)
	if ok && !tcp.IP.IsLoopback() {
		return errors.New("it is of another machine, whose user cannot be told")
	}
	return nil
}

// knowsUsers = peers of other users of this machine are refused.
const knowsUsers = false
