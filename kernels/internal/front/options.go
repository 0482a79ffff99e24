// Package front is the lab's Jupyter kernel. It answers every request itself but for the execution of cells, for which it
// runs GoNB as a child: what is queued, published, asked and told to the user is decided here, GoNB compiles.
//
// What runs for a cell meets the kernel at a Unix socket (package link): it says what it prints and shows, asks for
// input, is interrupted, and tells how it ended. A cell whose program failed is an error, which GoNB would call a
// success. GoNB is watched: when it ends or hangs it is started again, and the declarations of the cells before are
// made again.
//
// Nothing outlives the kernel, however it ends: see [tied].
package front

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"github.com/go-siamese/lab/kernels/internal/assist"
	"github.com/go-siamese/lab/kernels/internal/cells"
	"github.com/go-siamese/lab/kernels/internal/link"
)

// Options say what a kernel is made of. Connection and GoNB must be set; nil parts are left out.
type Options struct {
	Connection string   // the connection file that Jupyter wrote
	GoNB       []string // the command that starts GoNB, without its connection file
	Language   string   // the version of Go's language, for notebooks
	History    string   // the directory of histories and receipts; "" = they end with the kernel
	Notebook   string   // the name under which the history is kept
	Checkout   string   // what cells are built against, for their receipts; "" = they have none
	Worker     []string // the command that starts the session's worker
	Env        []string // variables for GoNB and the worker, beside those of this process

	// Ready says before each cell why none can run, and what to do; "" = they can. nil = nothing keeps them.
	Ready func() (why, hint string)

	// Assist makes the part that completes and explains code, and keeps its files in a directory.
	Assist func(ctx context.Context, dir string) Assistant
	// Widgets makes the part that keeps Jupyter's widgets.
	Widgets func(publish Publish) Widgets

	// Interrupts asks for an interrupt of the cell that runs, beside Jupyter's messages; nil = nothing else does.
	Interrupts <-chan os.Signal

	// Log gets what the user of a notebook need not see; nil = it is dropped.
	Log func(format string, args ...any)

	// Limits are for tests; zero values are the defaults.
	Limits Limits
}

// Limits are how long the kernel waits.
type Limits struct {
	Startup time.Duration // for GoNB to listen and answer: 30 s
	Ping    time.Duration // between questions to a GoNB that has nothing to do: 20 s
	Idle    time.Duration // how long a GoNB that runs nothing for a cell may take for it: 60 s
	Kill    time.Duration // from a second interrupt to a new GoNB: 3 s
	Moment  time.Duration // how long after a failure requests that were sent before it may still come: 100 ms
}

// withDefaults returns the limits with the defaults for zero values.
func (l Limits) withDefaults() Limits {
	for _, d := range []struct {
		at   *time.Duration
		want time.Duration
	}{{&l.Startup, 30 * time.Second}, {&l.Ping, 20 * time.Second}, {&l.Idle, time.Minute}, {&l.Kill, 3 * time.Second},
		{&l.Moment, 100 * time.Millisecond}} {
		if *d.at == 0 {
			*d.at = d.want
		}
	}
	return l
}

// Publish sends a message to all front ends, as an answer to the message with the header parent; nil = to none.
type Publish func(parent json.RawMessage, kind string, content, metadata any, buffers [][]byte) error

// Assistant completes and explains code: see [assist.Assistant].
type Assistant interface {
	Executed(c cells.Cell)
	Tried(c cells.Cell)
	// Ended remembers what stays of a cell that compiled, after its program has ended, well or not.
	Ended(c cells.Cell, well bool)
	Complete(ctx context.Context, code string, cursor int) (assist.Completion, error)
	Inspect(ctx context.Context, code string, cursor, detail int) (assist.Bundle, error)
	Close() error
}

// Widgets keeps the state of Jupyter's widgets.
type Widgets interface {
	FromProgram(c *link.Conn, parent json.RawMessage, m link.Message) error
	FromFront(parent json.RawMessage, kind string, content, metadata json.RawMessage, buffers [][]byte) error
	Gone(c *link.Conn)
	// Begin and End enclose the execution of a cell, which an id or its code names; headless = nobody is there.
	Begin(parent json.RawMessage, cell string, headless bool) error
	End(parent json.RawMessage) error
	Close()
	Info(target string) map[string]any
}
