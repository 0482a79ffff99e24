package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/failure"
)

// panicError is a fault of the lab in an operation.
type panicError struct {
	what  any
	trace string
}

// Error says what was wrong.
func (e *panicError) Error() string {
	return fmt.Sprintf("a fault in the lab (please report it): %v", e.what)
}

// guarded runs f and returns its error; a panic is one too.
func guarded(f func() error) (err error) {
	defer func() {
		if what := recover(); what != nil {
			err = &panicError{what, trace(string(debug.Stack()))}
		}
	}()
	return f()
}

// trace returns the first places of a stack below the panic.
func trace(stack string) string {
	lines := strings.Split(stack, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "panic(") && i+2 < len(lines) {
			lines = lines[i+2:]
			break
		}
	}
	return strings.Join(lines[:min(len(lines), 12)], "\n")
}

// goneError is a value that a call needs and that is not kept any more.
type goneError struct{ key string }

// Error says what to do.
func (e *goneError) Error() string {
	return fmt.Sprintf("the value %.12s is no longer kept: run the cell that made it again", e.key)
}

// problemOf returns the error as it travels.
func problemOf(op string, err error) *session.Error {
	p := &session.Error{Op: op, Kind: failure.Call, Text: quote.Error(err), Options: option.Names(err)}
	p.Spelled = option.Text(err, session.Mark)
	if p.Spelled == p.Text {
		p.Spelled = ""
	}
	var (
		fault  *panicError
		gone   *goneError
		needs  *memory.Error
		reader *table.Error
	)
	switch {
	case errors.Is(err, context.Canceled):
		p.Kind = failure.Stopped
		p.Text, p.Spelled = op+" was stopped", ""
	case errors.As(err, &fault):
		p.Kind, p.Trace = failure.Panic, fault.trace
	case errors.As(err, &gone):
		p.Kind = failure.Gone
	case errors.As(err, &needs):
		p.Kind = failure.Memory
	case errors.As(err, &reader):
		p.File, p.Row, p.Line, p.Column = reader.File, reader.Row, int64(reader.Line), reader.Column
		p.Fix = reader.Fix.String()
	}
	return p
}
