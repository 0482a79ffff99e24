package main

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// input is the standard input of a program: a pipe that the guard fills with what the user types, when it sees that the
// program waits for it.
type input struct {
	k           *kernel
	out         *output
	read, write *os.File
	inode       uint64
	none        atomic.Bool                // the program asked, and nobody can type
	wanted      atomic.Pointer[link.Input] // how the next question is to be asked, if the program said so
}

// How often the guard looks whether a program waits for input: soon after it began a line without an end, and when it
// has got what it asked for, then ever less often. Each look costs some system calls for each thread of the program.
const (
	soonest = 15 * time.Millisecond
	rarest  = 400 * time.Millisecond
)

// newInput makes the pipe. Where the system does not tell who waits for input, it is at its end.
func newInput(k *kernel, out *output) (*input, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	in := &input{k: k, out: out, read: read, write: write}
	var stat syscall.Stat_t
	if err := syscall.Fstat(int(read.Fd()), &stat); err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	in.inode = stat.Ino
	return in, nil
}

// watch asks for input whenever the process, or one that it started, waits for it.
func (in *input) watch(pid int) {
	in.read.Close() // the program has it
	for pause := soonest; ; {
		waiting, known := waits(pid, in.inode)
		if !known {
			in.write.Close()
			return
		}
		if waiting {
			if !in.ask() {
				in.write.Close()
				return
			}
			pause = soonest
		}
		select {
		case <-time.After(pause):
			pause = min(pause*3/2, rarest)
		case <-in.out.begun:
			pause = soonest
		}
	}
}

// ask has the user type a line. It reports whether there can be another.
func (in *input) ask() bool {
	prompt, restore := in.out.prompt()
	question := link.Input{Prompt: prompt}
	if wanted := in.wanted.Swap(nil); wanted != nil {
		restore()
		question, restore = *wanted, func() {}
	}
	m, err := in.k.Call(link.KindInput, question)
	var value link.Value
	if err == nil {
		err = decode(m, &value)
	}
	if err != nil || value.None {
		restore()
		in.none.Store(true)
		return false
	}
	_, err = in.write.WriteString(strings.TrimSuffix(value.Text, "\n") + "\n")
	return err == nil
}
