package stop

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
)

// The status says which signal it was, and every check for a cancelled context holds.
func TestStatus(t *testing.T) {
	for signal, want := range map[os.Signal]int{syscall.SIGTERM: 143, os.Interrupt: 130} {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(BySignal{signal})
		if got := Status(ctx); got != want {
			t.Errorf("%v: %d, want %d", signal, got, want)
		}
		if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) || errors.Is(cause, os.ErrExist) {
			t.Errorf("%v: the cause %v is not that of a cancelled context", signal, cause)
		}
	}
	if got := Status(context.Background()); got != 130 {
		t.Errorf("without a signal: %d", got)
	}
}

// A signal to this process ends the context with it as the cause.
func TestOnSignal(t *testing.T) {
	ctx := OnSignal(t.Context())
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	if by := new(BySignal); !errors.As(context.Cause(ctx), by) || by.Signal != os.Interrupt {
		t.Errorf("the cause is %v", context.Cause(ctx))
	}
}
