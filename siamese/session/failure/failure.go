// Package failure names what a failed call of a session is about, so that a program can tell a stopped training from a
// lost worker without reading sentences.
package failure

// Kinds of failures: what session.Error.Kind is one of.
const (
	Call    = "call"    // what was asked for cannot be done: the text says what to change
	Stopped = "stopped" // the call was stopped
	Panic   = "panic"   // a fault in the lab's code; the worker goes on
	Ended   = "ended"   // the worker ended during the call; kept values are still there
	Memory  = "memory"  // there is too little memory for it
	Gone    = "gone"    // a value that the call needs is no longer kept: run the cell that made it again
	Code    = "code"    // the lab's code does not build
)
