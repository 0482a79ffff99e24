package tableerr

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/go-siamese/lab/data/option"
)

// Guard turns a panic of a decoder, which bad files can provoke, into an [*Error] in *err.
// Defer it in every goroutine that decodes: a panic in a goroutine without it ends the
// program. An error that *err holds already is replaced. A panic with an [*Error], as of an
// allocator that has no other way to refuse, becomes that error.
func Guard(file string, err *error) {
	if cause := recover(); cause != nil {
		var ours *Error
		if e, ok := cause.(error); ok && errors.As(e, &ours) {
			*err = ours
			return
		}
		*err = &Error{File: file, Problem: "the file is damaged",
			Fix: option.Do("write or copy it again"), Err: Caught(cause)}
	}
}

// Caught returns what a recovered panic says, as an error: cause itself where it is an error of a decoder.
func Caught(cause any) error {
	if err, ok := cause.(error); ok {
		var fault runtime.Error
		if errors.As(err, &fault) {
			return fmt.Errorf("decoding stopped (%w)", err)
		}
		return err
	}
	return fmt.Errorf("decoding stopped (%v)", cause)
}

// Damaged wraps an error of a decoder in an [*Error] for the file. An *Error, on whatever way
// it came through a decoder, a [*Stopped], the errors of a cancelled context and nil are
// returned instead: they say more, or something else.
func Damaged(file string, err error) error {
	var ours *Error
	var stop *Stopped
	if errors.As(err, &ours) {
		return ours
	}
	if err == nil || errors.As(err, &stop) || errors.Is(err, context.Canceled) ||
		errors.Is(err,
			context.DeadlineExceeded) {
		return err
	}
	return &Error{File: file, Problem: "the file is damaged or cut off",
		Fix: option.Do("write or copy it again"), Err: err}
}

// Stopped is an error of the caller's own functions, such as Progress: nothing is wrong
// with the file.
type Stopped struct{ Err error }

// Error says that reading stopped, and why.
func (s *Stopped) Error() string { return "table: reading stopped: " + s.Err.Error() }

// Unwrap returns the error of the caller.
func (s *Stopped) Unwrap() error { return s.Err }
