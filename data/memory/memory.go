// Package memory says how much memory is free, and refuses work that needs more before it allocates: a process that the
// system kills for its memory says nothing, and loses what it had.
//
// [Tight] keeps garbage from counting as well while tables are read.
//
// Needs are estimates from the sizes of what is computed, on the low side: what is refused would not have fitted. What
// does not fit by less may still end in a kill.
package memory

import (
	"fmt"
	"math"
	"runtime/debug"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
)

// Error is work that needs more memory than there is.
type Error struct {
	What string     // the work, such as "training"
	Need float64    // bytes
	Free int64      // bytes
	Fix  option.Fix // what to lower or to leave out; nil = nothing can be
}

// Error returns the error with the fix in Go's names of options.
func (e *Error) Error() string { return e.text(e.Fix.String()) }

// Spell returns the error with the names that a front has for the options of Fix.
func (e *Error) Spell(name func(option string) string) string { return e.text(e.Fix.Spell(name)) }

// text returns the error with a fix in words, "" for none.
func (e *Error) text(fix string) string {
	out := fmt.Sprintf("%s needs about %s of memory, and %s", e.What, Size(e.Need),
		provenance.Volatile(Size(float64(e.Free))+" are free"))
	if fix != "" {
		out += ": " + fix
	}
	return out
}

// Check returns an [*Error] if work needs more bytes of memory than are free to this process, nil otherwise and where
// it is not known what is free. NaN, which no sum of sizes is, is more than there is.
func Check(what string, bytes float64, fix option.Fix) error {
	free, known := Free()
	if bytes <= 0 || !known || bytes <= float64(free) {
		return nil
	}
	debug.FreeOSMemory() // of what is no longer used but still held
	if free, _ = Free(); bytes <= float64(free) {
		return nil
	}
	return &Error{what, bytes, free, fix}
}

// Free returns how many bytes of memory this process can still take, without those that the system would have to swap
// out: the least of what the machine has, what control groups leave (of containers, of services), and the limit of the
// address space. known is false where the system does not tell.
func Free() (bytes int64, known bool) {
	if fixed >= 0 {
		return fixed, true
	}
	bytes = min(systemFree("/"), limitFree())
	return max(0, bytes), bytes < math.MaxInt64
}

// fixed is what [Free] returns if it is 0 or more.
var fixed int64 = -1

// Pretend has [Free] return bytes until restore is called. It is for tests, which may not be parallel then.
func Pretend(bytes int64) (restore func()) {
	was := fixed
	fixed = bytes
	return func() { fixed = was }
}

// Size returns a number of bytes in words of two digits or more, such as "1.5 GB"; GB are 10^9.
func Size(bytes float64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB", "PB", "EB"}
	unit := 0
	for bytes >= 999.5 && unit < len(units)-1 {
		bytes, unit = bytes/1000, unit+1
	}
	if bytes >= 99.5 || unit == 0 {
		return fmt.Sprintf("%.0f %s", bytes, units[unit])
	}
	return fmt.Sprintf("%.2g %s", bytes, units[unit])
}
