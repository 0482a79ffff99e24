// Package proc runs other programs and turns their failures into errors that carry the programs' last words. It is for
// programs that run to their end; JupyterLab and the notebook driver, which go on, are started by the package run.
package proc

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Cmd describes one run of a program. The zero value but for Name is a run without arguments in the current directory.
type Cmd struct {
	// Name is a path, or a name to look for in PATH.
	Name string
	Args []string
	Dir  string   // working directory; empty means the current one
	Env  []string // entries that replace or extend the current environment

	// OnLine, if not nil, is called for each line of standard error as it comes, without its end. It must not block.
	OnLine func(line string)
}

// tailLines is how many lines of a failed program's output its error carries: compilers and pip put the reason at the
// end.
const tailLines = 12

// Run runs the program to its end and returns its standard output, also with an error. A failure is an error with the
// last lines of both outputs, mixed as they came. When ctx is done the program is interrupted, and killed after five
// seconds; then the error matches ctx's.
func (c Cmd) Run(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, c.Name, c.Args...)
	cmd.Dir = c.Dir
	cmd.Env = append(os.Environ(), c.Env...)
	// Interrupted rather than killed: go and pip then remove what they have begun.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	var stdout bytes.Buffer
	var both locked
	// Both outputs go to the error, since some programs complain on standard output.
	cmd.Stdout = io.MultiWriter(&stdout, &both)
	cmd.Stderr = &both
	if c.OnLine != nil {
		cmd.Stderr = io.MultiWriter(&both, &lineWriter{each: c.OnLine})
	}
	err := cmd.Run()
	if err == nil {
		return stdout.String(), nil
	}
	if ctx.Err() != nil {
		return stdout.String(), fmt.Errorf("%s: %w", c.short(), ctx.Err())
	}
	if tail := Tail(both.String(), tailLines); tail != "" {
		return stdout.String(), fmt.Errorf("%s: %w\n%s", c.short(), err, indent(tail))
	}
	return stdout.String(), fmt.Errorf("%s: %w", c.short(), err)
}

// short names the run by its program and first arguments, at most five words.
func (c Cmd) short() string {
	words := append([]string{c.Name}, c.Args...)
	if len(words) > 5 {
		words = append(words[:5:5], "…")
	}
	return strings.Join(words, " ")
}

// lineWriter calls a function for each whole line that is written to it. A last line without an end is dropped.
type lineWriter struct {
	each func(line string)
	rest []byte
}

// Write implements io.Writer; it never fails.
func (w *lineWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		line, rest, whole := bytes.Cut(w.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		w.each(string(line))
		w.rest = rest
	}
}

// locked is a buffer that the copies of standard output and standard error may write to at once.
type locked struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer; it never fails.
func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// String returns what was written so far.
func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// Tail returns the last n lines of a text, without empty ones at its end.
func Tail(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n\r\t "), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// indent puts two spaces before every line.
func indent(text string) string {
	return "  " + strings.ReplaceAll(text, "\n", "\n  ")
}
