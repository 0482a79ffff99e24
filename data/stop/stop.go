// Package stop ends a program's context by a signal, and says which exit status that gives. Commands use it; a library
// has no signals.
package stop

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// BySignal is the cause of the end of a context that a signal has ended, see [context.Cause].
type BySignal struct{ Signal os.Signal }

// Error says which signal it was.
func (s BySignal) Error() string { return fmt.Sprintf("signal: %v", s.Signal) }

// Is reports that the context was cancelled: some return its cause in place of [context.Canceled].
func (s BySignal) Is(target error) bool { return target == context.Canceled }

// OnSignal returns a context that Ctrl-C or SIGTERM ends, with a [BySignal] as its cause. A second signal ends the
// process at once, as if nothing waited for it. It is for main, which calls it once: what waits for signals stays for
// the life of the process.
func OnSignal(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	came := make(chan os.Signal, 1)
	signal.Notify(came, os.Interrupt, syscall.SIGTERM)
	go func() {
		first := <-came
		signal.Stop(came)
		cancel(BySignal{first})
	}()
	return ctx
}

// Status returns the exit status of a run whose context has ended: 128 and the number of the signal, as shells have it,
// 143 for SIGTERM and 130 for Ctrl-C. Without a signal it is that of Ctrl-C.
func Status(ctx context.Context) int {
	if by, ok := context.Cause(ctx).(BySignal); ok && by.Signal == syscall.SIGTERM { //nolint:errorlint // ours alone
		return 128 + int(syscall.SIGTERM)
	}
	return 128 + int(syscall.SIGINT)
}
