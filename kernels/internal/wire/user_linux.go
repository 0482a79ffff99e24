package wire

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ours returns nil if the other end of a connection is a process of this user, or of root, who may read everything
// anyway. Messages that are published have no key: whoever connects reads what a notebook prints.
func ours(conn net.Conn) error {
	var uid int
	var err error
	switch c := conn.(type) {
	case *net.UnixConn:
		uid, err = unixUser(c)
	case *net.TCPConn:
		uid, err = tcpUser(c)
	default:
		err = fmt.Errorf("a connection of type %T", conn)
	}
	if errors.Is(err, errNoTables) { // a container without /proc, say
		return sameMachine(conn)
	}
	if err != nil {
		return fmt.Errorf("whose it is cannot be told: %w", err)
	}
	if uid != os.Getuid() && uid != 0 {
		return fmt.Errorf("it is of the user %d", uid)
	}
	return nil
}

// unixUser asks the kernel of the system who connected to a Unix socket.
func unixUser(conn *net.UnixConn) (int, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *unix.Ucred
	var inner error
	if err := raw.Control(func(fd uintptr) {
		cred, inner = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return 0, err
	}
	if inner != nil {
		return 0, os.NewSyscallError("getsockopt", inner)
	}
	return int(cred.Uid), nil
}

// errNoTables is the error of a system that does not tell its connections.
var errNoTables = errors.New("the system's tables of connections cannot be read")

// tables are the files with the system's connections.
var tables = []string{"/proc/net/tcp", "/proc/net/tcp6"}

// tcpUser finds the other end of a connection in the system's tables. Only a connection within this machine is there.
func tcpUser(conn *net.TCPConn) (int, error) {
	remote, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return 0, err
	}
	local, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil {
		return 0, err
	}
	known := false
	for _, table := range tables {
		f, err := os.Open(table)
		if err != nil { // there is no IPv6, say
			continue
		}
		known = true
		uid, found, err := find(bufio.NewScanner(f), plain(remote), plain(local))
		_ = f.Close()
		if err != nil || found {
			return uid, err
		}
	}
	if !known {
		return 0, errNoTables
	}
	return 0, errors.New("its other end is not on this machine")
}

// plain returns an address without the IPv6 form of IPv4 ones, and without a zone.
func plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// established is the state of a connection that is open at both ends. Once a process has closed its end, the table says
// root, whoever it was.
const established = "01"

// knowsUsers reports whether peers of other users of this machine are refused.
func knowsUsers() bool {
	_, err := os.ReadFile(tables[0])
	return err == nil
}

// littleEndian = the least byte of a word comes first on this machine.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// find looks in a table of connections for an open one, by its own and its peer's address, and returns whose it is.
func find(table *bufio.Scanner, own, peer netip.AddrPort) (uid int, found bool, err error) {
	for table.Scan() {
		fields := strings.Fields(table.Text())
		if len(fields) < 8 || fields[3] != established {
			continue
		}
		a, errA := tableAddress(fields[1])
		b, errB := tableAddress(fields[2])
		if errA != nil || errB != nil || a != own || b != peer {
			continue
		}
		uid, err := strconv.Atoi(fields[7])
		return uid, err == nil, err
	}
	return 0, false, table.Err()
}

// tableAddress reads an address of the tables, such as 0100007F:1F90: words of 32 bits in the machine's order, the
// port in hexadecimal.
func tableAddress(text string) (netip.AddrPort, error) {
	host, port, ok := strings.Cut(text, ":")
	b, err := hex.DecodeString(host)
	if err != nil || !ok || len(b) != 4 && len(b) != 16 {
		return netip.AddrPort{}, fmt.Errorf("%q is no address", text)
	}
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if littleEndian {
		for word := range slices.Chunk(b, 4) {
			slices.Reverse(word)
		}
	}
	addr, _ := netip.AddrFromSlice(b) // of 4 or 16 bytes
	return plain(netip.AddrPortFrom(addr, uint16(n))), nil
}
