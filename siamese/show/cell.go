package show

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"github.com/go-siamese/lab/data/quote"
)

// Context returns the context of a cell: it is cancelled when the kernel is interrupted (the stop button), so that what
// runs can end cleanly and keep what it has. From then on an interrupt no longer ends the process by itself: a cell
// that ignores its context runs on.
func Context() context.Context {
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt)
	return ctx
}

// OK ends the cell with the error's text when err is not nil: what was displayed is kept, the text goes to standard
// error and the exit status is 1. Deferred calls do not run. A cell is a process of its own: nothing else is lost. It
// is meant for cells; a library returns its errors.
func OK(err error) {
	if err == nil {
		return
	}
	Done()
	text := quote.Error(err)
	// Whoever pressed the stop button should not look for a fault.
	if errors.Is(err, context.Canceled) {
		text = "interrupted: " + text
	}
	fmt.Fprintln(os.Stderr, text)
	os.Exit(1)
}

// Must returns value, or ends the cell as [OK] does when err is not nil.
//
//	model := show.Must(siamese.Load("model.safetensors"))
func Must[T any](value T, err error) T {
	OK(err)
	return value
}
