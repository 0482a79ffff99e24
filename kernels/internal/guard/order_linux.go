package main

import (
	"encoding/binary"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// packet is the largest write that a pipe in packet mode keeps as one: larger ones are several in a row.
const packet = 4096

// makePipe makes a pipe that keeps writes apart, where the system has such.
func makePipe() (read, write *os.File, err error) {
	var fds [2]int
	if unix.Pipe2(fds[:], unix.O_CLOEXEC|unix.O_DIRECT) != nil {
		return os.Pipe()
	}
	resize(fds[0], packet)
	return os.NewFile(uintptr(fds[0]), "pipe"), os.NewFile(uintptr(fds[1]), "pipe"), nil
}

// resize sets how much a pipe holds. With one page, who writes waits until the write before was read, so that of two
// pipes at most one write each is to be put in order. A pipe that holds more does not shrink: then it returns false.
func resize(fd, size int) bool {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, size)
	return err == nil
}

// order knows in which order two pipes were written to. The system notes each write of a watched file, pipes included,
// in one queue. Equal neighbours in it are one note, so that it has the order of the streams, not how many writes each
// had in a row; those are told apart where the pipes keep writes apart.
type order struct {
	fd      int
	watches [2]int32
	kept    []int // streams whose writes are still to be read
}

// watch begins to note the order of two pipes; nil = the system does not.
func watch(fds [2]int) *order {
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return nil
	}
	o := &order{fd: fd}
	for i, pipe := range fds {
		w, err := unix.InotifyAddWatch(fd, "/proc/self/fd/"+strconv.Itoa(pipe), unix.IN_MODIFY)
		if err != nil {
			_ = unix.Close(fd)
			return nil
		}
		o.watches[i] = int32(w)
	}
	return o
}

// wait waits until there is a note, but not long: there need not be one.
func (o *order) wait() {
	_, _ = unix.Poll([]unix.PollFd{{Fd: int32(o.fd), Events: unix.POLLIN}}, 2)
}

// notes returns the streams in the order of their writes. Of the first, old were returned before.
func (o *order) notes() (streams []int, old int) {
	streams, old = o.kept, len(o.kept)
	o.kept = nil
	buffer := make([]byte, 256*unix.SizeofInotifyEvent)
	for {
		n, err := unix.Read(o.fd, buffer)
		if err != nil || n < unix.SizeofInotifyEvent {
			return streams, old
		}
		for at := 0; at+unix.SizeofInotifyEvent <= n; {
			w := int32(binary.NativeEndian.Uint32(buffer[at:]))
			at += unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(buffer[at+12:]))
			for i := range o.watches {
				if w == o.watches[i] {
					streams = append(streams, i)
				}
			}
		}
	}
}

// close ends the noting.
func (o *order) close() { _ = unix.Close(o.fd) }

// waiting returns how many bytes a pipe has.
func waiting(fd int) int {
	n, err := unix.IoctlGetInt(fd, unix.TIOCINQ)
	if err != nil {
		return 0
	}
	return n
}
