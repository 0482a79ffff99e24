package main

import (
	"os"
	"os/exec"
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

// watcher is a shell's script that ends its process group when its input does. Signals for the group are not for it.
const watcher = "trap '' INT QUIT TERM HUP USR1 USR2; read -r line; kill -9 0"

// endWith has a process group end with this process, even if this one is killed: the system ends only what this process
// has started, not what that started in turn. stop ends the watch, and leaves the group as it is.
func endWith(group int) (stop func()) {
	read, hold, err := os.Pipe()
	if err != nil {
		return func() {}
	}
	w := exec.Command("/bin/sh", "-c", watcher)
	w.Stdin, w.SysProcAttr = read, &syscall.SysProcAttr{Setpgid: true, Pgid: group}
	err = w.Start()
	_ = read.Close()
	if err != nil { // the group has ended already
		_ = hold.Close()
		return func() {}
	}
	return func() {
		_ = w.Process.Kill()
		_ = w.Wait() // of a shell that was killed
		_ = hold.Close()
	}
}
