package main

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// become replaces this process by a program; args has the program's name first. It returns only with an error.
func become(path string, args []string) error {
	return &os.PathError{Op: "exec", Path: path, Err: syscall.Exec(path, args, os.Environ())}
}

// endOf returns how a process ended.
func endOf(state *os.ProcessState) link.End {
	end := link.End{Status: state.ExitCode()}
	if wait, ok := state.Sys().(syscall.WaitStatus); ok && wait.Signaled() {
		end.Status, end.Signal = -1, wait.Signal().String()
	}
	return end
}

// signalGroup sends a signal to a process and what it started.
func signalGroup(pid int, s syscall.Signal) { _ = unix.Kill(-pid, s) }

// killGroup ends a process and what it started at once.
func killGroup(pid int) { signalGroup(pid, syscall.SIGKILL) }
