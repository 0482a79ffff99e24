package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/kernels/internal/link"
)

// program is what a guard runs.
type program struct {
	path string
	args []string // with its name first
	what string   // of [link.Start]
	// stdin is what the program reads; nil = what the user types.
	stdin *os.File
}

// last is how long the guard waits for output that is still to come when everything that could write it was killed.
const last = time.Second

// run runs a program and tells the kernel what it prints, asks and how it ends. The exit status is 0 however that was:
// the kernel knows, and GoNB would print it. Without a kernel the guard becomes the program.
func run(p program) int {
	k, err := dial()
	if errors.Is(err, link.ErrNoKernel) {
		return complain(become(p.path, p.args))
	}
	if err != nil {
		return complain(err)
	}
	var refused link.Refusal
	answer, err := k.Call(link.KindStart, link.Start{What: p.what, Pid: os.Getpid()})
	if errors.As(err, &refused) {
		return 0
	}
	var started link.Started
	if err == nil {
		err = decode(answer, &started)
	}
	if err != nil {
		return complain(err)
	}
	end, err := k.run(p, started)
	if err != nil {
		end = link.End{Status: 1, Text: "guard: " + err.Error() + "\n"}
	}
	if _, err := k.Call(link.KindEnd, end); err != nil {
		return complain(err)
	}
	return 0
}

// environment returns the guard's own, but for TMPDIR, which is the user's again: files that a cell leaves there stay.
func environment() []string {
	dir, ours := os.LookupEnv(link.TempEnv)
	if !ours {
		return os.Environ()
	}
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "TMPDIR=") })
	if dir != "" {
		env = append(env, "TMPDIR="+dir)
	}
	return env
}

// run runs a program to its end, or until the kernel wants that or is gone.
func (k *kernel) run(p program, started link.Started) (link.End, error) {
	echo := started.Echo
	// Where a program ends with the guard, it is with this thread of it.
	runtime.LockOSThread()
	out, err := newOutput(k, echo)
	if err != nil {
		return link.End{}, err
	}
	way, err := listen(out)
	if err != nil {
		return link.End{}, err
	}
	defer way.close()
	var in *input
	if p.stdin == nil {
		if in, err = newInput(k, out); err != nil {
			return link.End{}, err
		}
	}
	display, err := newGonbui(k, out, in, echo)
	if err != nil {
		return link.End{}, err
	}
	cmd := exec.Command(p.path)
	cmd.Args, cmd.SysProcAttr = p.args, attributes()
	cmd.Env = append(append(environment(), link.Env+"="+way.path, insideEnv+"=1", link.CellEnv+"="+started.Cell,
		provenance.Env+"="+started.Events),
		display.environment()...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = p.stdin, out.pump.pipes[0].write, out.pump.pipes[1].write
	if in != nil {
		cmd.Stdin = in.read
	}
	killed := memoryKills()
	if err := cmd.Start(); err != nil {
		return link.End{}, err
	}
	out.start()
	pid := cmd.Process.Pid
	if in != nil {
		go in.watch(pid)
	}
	var stopped, ended atomic.Bool
	go k.obey(pid, out, &stopped, &ended)
	go passSignals(pid)
	defer endWith(pid)()
	err = cmd.Wait()
	ended.Store(true)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return link.End{}, err
	}
	end := endOf(cmd.ProcessState)
	end.Stopped = stopped.Load()
	if in != nil {
		end.Read = in.none.Load()
	}
	end.Memory = end.Signal == syscall.SIGKILL.String() && !end.Stopped && memoryKills() > killed
	// Go's runtime ends a program with status 2 or by SIGABRT after it wrote a panic, C code by other signals.
	end.Text = out.finish(end.Status == 2 || end.Status < 0)
	way.wait()
	display.close()
	return end, nil
}

// obey has a program end as the kernel wants: by an interrupt, as from a terminal, or at once; the latter also when the
// kernel is gone. What a program left behind when it ended is ended by either.
func (k *kernel) obey(pid int, out *output, stopped, ended *atomic.Bool) {
	for order := range k.orders {
		stopped.Store(true)
		if order == link.KindInterrupt && !ended.Load() {
			signalGroup(pid, syscall.SIGINT)
			continue
		}
		killGroup(pid)
		time.AfterFunc(last, out.stop)
	}
	killGroup(pid)
	out.stop()
}

// passSignals passes on what somebody sends to the guard.
func passSignals(pid int) {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1,
		syscall.SIGUSR2)
	for s := range signals {
		if s, ok := s.(syscall.Signal); ok {
			signalGroup(pid, s)
		}
	}
}
