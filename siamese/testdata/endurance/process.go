//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The lanes: what runs at the same time.
const (
	laneJobs = iota
	laneServer
	lanes
)

// lab is what all jobs share.
type lab struct {
	work, program, backend string
	jobs                   []*job
	query                  string // an id of the gallery

	lock    sync.Mutex
	running [lanes]*process
	started int
	seen    map[string]int
	faults  []string
}

// count counts something that was seen.
func (l *lab) count(format string, args ...any) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.seen[fmt.Sprintf(format, args...)]++
}

// fault notes, and prints, what should not be.
func (l *lab) fault(format string, args ...any) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.faults = append(l.faults, fmt.Sprintf(format, args...))
	fmt.Println("fault:", l.faults[len(l.faults)-1])
}

// process is a siamese that runs. Its environment has a mark, which processes that it starts inherit.
type process struct {
	cmd    *exec.Cmd
	mark   string
	temp   string
	out    bytes.Buffer
	hit    syscall.Signal // that the plan has sent
	hitAt  time.Time
	status int // -1 = killed
}

// process returns a process of the program, not started, with a folder of its own for temporary files. group is a
// control group's folder, "" = none.
func (l *lab) process(lane int, dir, group string, args ...string) (*process, error) {
	l.lock.Lock()
	l.started++
	p := &process{mark: fmt.Sprintf("SIAMESE_ENDURANCE=%d-%d", os.Getpid(), l.started),
		temp: filepath.Join(l.work, fmt.Sprintf("temp-%d", l.started))}
	l.lock.Unlock()
	if err := os.Mkdir(p.temp, 0o700); err != nil {
		return nil, err
	}
	p.cmd = exec.Command(l.program, args...)
	if group != "" { // the shell goes into the group, and becomes the program there
		p.cmd = exec.Command("sh", "-c", `echo $$ >"$0"/cgroup.procs && exec "$@"`, group, l.program)
		p.cmd.Args = append(p.cmd.Args, args...)
	}
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), p.mark, "TMPDIR="+p.temp, "SIAMESE_TOKEN="+token)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if lane == laneServer { // its address is read while it runs
		p.cmd.Stdout = nil
	}
	return p, nil
}

// begin starts p, and from then on the plan may kill it.
func (l *lab) begin(lane int, p *process) error {
	l.lock.Lock()
	defer l.lock.Unlock()
	if err := p.cmd.Start(); err != nil {
		return err
	}
	l.running[lane] = p
	return nil
}

// signal sends what the plan says to what runs in its lane, and reports whether something does.
func (l *lab) signal(p planned) bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	target := l.running[p.lane]
	if target == nil || target.hit != 0 || target.cmd.Process.Signal(p.signal) != nil {
		return false
	}
	target.hit, target.hitAt = p.signal, time.Now()
	return true
}

// end waits for p, and notes how it ended and what it left behind. It ends p if ctx is done.
func (l *lab) end(ctx context.Context, lane int, p *process) {
	waited := make(chan error, 1)
	go func() { waited <- p.cmd.Wait() }()
	done := ctx.Done()
wait:
	for {
		select {
		case <-waited:
			break wait
		case <-done:
			_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
			done = nil
		}
	}
	l.lock.Lock()
	l.running[lane] = nil
	l.lock.Unlock()
	p.status = p.cmd.ProcessState.ExitCode()
	if p.hit != 0 {
		l.count("kills: %s by %v", []string{"job", "server"}[lane], p.hit)
		if took := time.Since(p.hitAt); took > 10*time.Second {
			l.fault("%s took %v to end after %v", p.cmd.Args, took, p.hit)
		}
	}
	l.orphans(p)
	l.emptied(p)
}

// orphans notes processes that p has started and that did not end with it.
func (l *lab) orphans(p *process) {
	for range 20 {
		if len(marked(p.mark)) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	for _, pid := range marked(p.mark) {
		l.fault("orphan: process %d of %s", pid, p.cmd.Args)
		_ = syscall.Kill(pid, syscall.SIGKILL) // ours, by its mark
	}
}

// marked returns the processes that have a mark in their environment.
func marked(mark string) (pids []int) {
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		panic(err) // the pattern is wrong
	}
	for _, file := range files {
		env, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(append(env, 0), []byte(mark+"\x00")) {
			continue // it has ended, or is another user's
		}
		if pid, err := strconv.Atoi(strings.Split(file, "/")[2]); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// emptied notes temporary files that p has left, unless it was killed: nobody could remove them then, and they are
// counted. The folder is removed.
func (l *lab) emptied(p *process) {
	left, err := filepath.Glob(p.temp + "/*")
	if err != nil {
		panic(err) // the pattern is wrong
	}
	switch {
	case len(left) > 0 && p.status >= 0:
		l.fault("leak: %s left temporary files %q", p.cmd.Args, left)
	case len(left) > 0:
		l.count("temporary files of killed processes")
	}
	if err := os.RemoveAll(p.temp); err != nil {
		l.fault("%v", err)
	}
}
