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

// process measures once for every line that it reads, and writes the result.
type process struct {
	cmd    *exec.Cmd
	ask    io.WriteCloser
	stdout *bufio.Scanner
	stderr bytes.Buffer // on standard error
}

// start starts a process that waits for its turn.
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

// figure lets the process measure once. A process that fails has ended.
func (p *process) measure() (m measurement, err error) {
	_, ask := io.WriteString(p.ask, "\n") // one that has ended tells more on standard error
	last := ""
	for p.stdout.Scan() {
		if last = p.stdout.Text(); json.Unmarshal([]byte(last), &m) == nil && m.Value > 0 {
			return m, nil
		}
	}
	err = errors.Join(p.stdout.Err(), p.end())
	lines := strings.Split(strings.TrimSpace(p.stderr.String()), "\n")
	if err == nil {
		return m, errors.Join(fmt.Errorf("it printed %q instead of a measurement", last), ask)
	}
	return m, fmt.Errorf("%w: %s", err, lines[len(lines)-1])
}

// once returns the figure of a process that measures once.
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

// end ends the process, which has no more turns.
func (p *process) end() error {
	p.ask.Close()
	return p.cmd.Wait()
}
