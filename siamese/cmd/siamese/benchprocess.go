package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// process is a program that measures once for every line on its standard input, and prints the result as a line of
// JSON, a [measurement]. Lines that are not such JSON, as libraries print them, are passed over. It is not safe for
// concurrent use.
type process struct {
	// cmd is ended by the end of its input, or killed with the context it was started with.
	cmd *exec.Cmd
	// ask is its standard input: a line is a request, closing it ends the process.
	ask    io.WriteCloser
	stdout *bufio.Scanner
	// stderr is what it wrote to standard error. It is read only after the process has ended, when nothing writes to it
	// any more.
	stderr bytes.Buffer
}

// start starts a process, of words[0] with the others as arguments, that waits for its first request. It is killed when
// ctx ends.
func (b *bench) start(ctx context.Context, words []string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, words[0], words[1:]...)}
	p.cmd.Stderr, p.cmd.Env = &p.stderr, b.environment()
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.ask, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	p.stdout = bufio.NewScanner(stdout)
	return p, p.cmd.Start()
}

// measure has the process measure once, and returns its next result. If the process fails or ends instead, it has been
// waited for when measure returns, and the error carries the last line of its standard error.
func (p *process) measure() (m measurement, err error) {
	// A request to a process that has ended fails too, but what the process wrote before it ended tells more.
	_, ask := io.WriteString(p.ask, "\n")
	last := ""
	// A library may print a line of its own first; only JSON with a value above 0 is a result.
	for p.stdout.Scan() {
		if last = p.stdout.Text(); json.Unmarshal([]byte(last), &m) == nil && m.Value > 0 {
			return m, nil
		}
	}
	// There are no more lines: the process has ended, or does so now that its input is closed. Waiting for it also
	// waits until all of its standard error is in the buffer.
	err = errors.Join(p.stdout.Err(), p.end())
	lines := strings.Split(strings.TrimSpace(p.stderr.String()), "\n")
	if err == nil {
		return m, errors.Join(fmt.Errorf("it printed %q instead of a measurement", last), ask)
	}
	return m, fmt.Errorf("%w: %s", err, lines[len(lines)-1])
}

// once starts a process, has it measure once, and ends it.
func (b *bench) once(ctx context.Context, words []string) (m measurement, err error) {
	p, err := b.start(ctx, words)
	if err != nil {
		return m, err
	}
	if m, err = p.measure(); err != nil {
		return m, err
	}
	return m, p.end()
}

// end closes the process's input, which ends it, and waits for it. The error is that of its exit.
func (p *process) end() error {
	p.ask.Close()
	return p.cmd.Wait()
}
