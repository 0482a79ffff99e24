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
	cmd  *exec.Cmd
	ask  io.WriteCloser
	says *bufio.Scanner
	said bytes.Buffer // on standard error
}

// start starts a process that waits for its turn.
func (b *bench) start(ctx context.Context, words []string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, words[0], words[1:]...)}
	p.cmd.Stderr, p.cmd.Env = &p.said, b.environment()
	says, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.ask, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	p.says = bufio.NewScanner(says)
	return p, p.cmd.Start()
}

// figure lets the process measure once. A process that fails has ended.
func (p *process) figure() (f figure, err error) {
	_, ask := io.WriteString(p.ask, "\n") // one that has ended tells more on standard error
	last := ""
	for p.says.Scan() {
		if last = p.says.Text(); json.Unmarshal([]byte(last), &f) == nil && f.Value > 0 {
			return f, nil
		}
	}
	err = errors.Join(p.says.Err(), p.end())
	lines := strings.Split(strings.TrimSpace(p.said.String()), "\n")
	if err == nil {
		return f, errors.Join(fmt.Errorf("it printed %q instead of a measurement", last), ask)
	}
	return f, fmt.Errorf("%w: %s", err, lines[len(lines)-1])
}

// once returns the figure of a process that measures once.
func (b *bench) once(ctx context.Context, words []string) (f figure, err error) {
	p, err := b.start(ctx, words)
	if err != nil {
		return f, err
	}
	if f, err = p.figure(); err != nil {
		return f, err
	}
	return f, p.end()
}

// end ends the process, which has no more turns.
func (p *process) end() error {
	p.ask.Close()
	return p.cmd.Wait()
}
