package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

// grace is how long an interrupted program has to end. GoNB kills what it started, which is the guard, after five
// seconds; the program must not outlive it.
const grace = 4800 * time.Millisecond

// noInput is what is said of a program that read standard input where there is none.
const noInput = "it read standard input, which a run without a browser does not have: it got end of file"

// guard runs a program and notes how it ended; dir is GoNB's directory. Signals go on to the program. A failure is said
// on standard error in a line of its own, by which a saved notebook tells it from a program's own words. args has the
// program's name first. It returns the exit status: that of the program, 1 for one that read an input that is not
// there, and 128 and the signal's number for a killed one.
func guard(path string, args []string, dir string) int {
	// Where a program ends with the guard, it is with this thread of it.
	runtime.LockOSThread()
	cmd := exec.Command(path)
	cmd.Args, cmd.SysProcAttr = args, attributes()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	wasRead := func() bool { return false }
	if os.Getenv(runEnv) != "" {
		in, read, err := noStdin()
		if err != nil {
			fmt.Fprintln(os.Stderr, "cell:", err)
			return 1
		}
		defer in.Close()
		cmd.Stdin, wasRead = in, read
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT,
		syscall.SIGUSR1, syscall.SIGUSR2)
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "cell:", err)
		return 1
	}
	var stopped atomic.Bool
	go func() {
		for s := range signals {
			_ = cmd.Process.Signal(s) // one that has ended needs none
			if s == os.Interrupt && !stopped.Swap(true) {
				time.AfterFunc(grace, func() { _ = cmd.Process.Kill() })
			}
		}
	}()
	err := cmd.Wait()
	e := end{Stopped: stopped.Load()}
	status := cmd.ProcessState.ExitCode()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		e.Failed = exit.String()
		if wait, ok := exit.Sys().(syscall.WaitStatus); ok && wait.Signaled() {
			status = 128 + int(wait.Signal())
		}
	case err != nil:
		e.Failed, status = err.Error(), 1
	}
	if wasRead() {
		if e.Failed == "" {
			e.Failed, status = noInput, 1
		} else {
			e.Failed += ", after " + noInput
		}
	}
	if e.Failed != "" {
		fmt.Fprintf(os.Stderr, "the cell failed: %s\n", e.Failed)
	}
	if err := note(e, dir); err != nil {
		fmt.Fprintln(os.Stderr, "cell:", err)
		return max(status, 1)
	}
	return status
}
