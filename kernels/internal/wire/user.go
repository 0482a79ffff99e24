package wire

import (
	"errors"
	"net"
)

// sameMachine returns nil if the other end of a connection is on this machine, which is all that can be told where the
// system does not say whose it is. A Unix socket can be opened by the user alone.
func sameMachine(conn net.Conn) error {
	tcp, ok := conn.RemoteAddr().(*net.TCPAddr)
	if ok && !tcp.IP.IsLoopback() {
		return errors.New("it is of another machine, whose user cannot be told")
	}
	return nil
}
