package main

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// noStdin returns a file that is at its end for whoever reads it, and a function that tells whether somebody did: many
// programs take the end of their input for an empty answer and go on.
//
// It is a socket with an empty packet, which reads as the end, and no other end that could send more. The packet is
// counted as not delivered as long as nobody has read it and the file is open here.
func noStdin() (file *os.File, wasRead func() bool, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	if err := unix.Send(pair[0], nil, 0); err != nil {
		return nil, nil, os.NewSyscallError("send", err)
	}
	if err := unix.Shutdown(pair[0], unix.SHUT_WR); err != nil {
		return nil, nil, os.NewSyscallError("shutdown", err)
	}
	return os.NewFile(uintptr(pair[1]), "no standard input"), func() bool {
		waiting, err := unix.IoctlGetInt(pair[0], unix.TIOCOUTQ)
		return err == nil && waiting == 0
	}, nil
}

// attributes has a program end with the guard.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
