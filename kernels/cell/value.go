package cell

import (
	"errors"
	"fmt"
	"sync"
)

// Failure is why a cell ends, as [Fail] panics with it: the kernel shows the text and the hint at the cell's line,
// without a stack.
type Failure struct {
	Err  error
	Hint string // what to do about it; "" = the text says it
}

// Error returns the text, and the hint in a line of its own.
func (f *Failure) Error() string {
	if f.Hint == "" {
		return f.Err.Error()
	}
	return f.Err.Error() + HintMark + f.Hint
}

// HintMark stands before the hint in the text of a [Failure].
const HintMark = "\nhint: "

// Unwrap returns the error.
func (f *Failure) Unwrap() error { return f.Err }

// Fail ends the cell with an error and a hint, "" = none: it panics with a [Failure]. It does nothing where err is nil.
func Fail(err error, hint string) {
	if err != nil {
		panic(&Failure{err, hint})
	}
}

// drawers show values of types that this package does not know.
var (
	drawersMu sync.Mutex
	drawers   []func(v any) (known bool, err error)
)

// Draws adds a function that shows values in a cell, for [Value]: of those that it does not know it returns false. What
// is added last is asked first. Packages of libraries do so when they are initialised.
func Draws(show func(v any) (known bool, err error)) {
	drawersMu.Lock()
	defer drawersMu.Unlock()
	drawers = append(drawers, show)
}

// Value shows a value, as the kernel does with what stands in last place in a cell; in a program without the kernel it
// prints it. Values may be the results of a call: an error among them ends the cell by [Fail] unless it is nil, and then
// is not shown. What has a method Display() is shown by that, other things by a function of [Draws] or as %v.
func Value(values ...any) {
	var rest []any
	for _, v := range values {
		if err, ok := v.(error); ok {
			Fail(err, "")
		} else if v != nil {
			rest = append(rest, v)
		}
	}
	for _, v := range rest {
		one(v)
	}
}

// one shows one value.
func one(v any) {
	if d, ok := v.(interface{ Display() }); ok {
		d.Display()
		return
	}
	drawersMu.Lock()
	list := drawers
	drawersMu.Unlock()
	for i := len(list) - 1; i >= 0 && Here(); i-- {
		if known, err := list[i](v); known {
			Fail(err, "")
			return
		}
	}
	text := fmt.Sprint(v)
	if !Here() {
		fmt.Println(text)
		return
	}
	err := Display(Output{Data: map[string]any{"text/plain": text}})
	if err != nil && !errors.Is(err, ErrNoKernel) {
		Fail(fmt.Errorf("this value cannot be shown: %w", err), "")
	}
}
