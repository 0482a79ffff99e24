package device

import (
	"runtime/debug"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Settle gives memory back to the system that was needed for a while. Neither Go's collector nor glibc does it soon: the
// frames are most of what the one sees, so that it waits until as much again is garbage, and what compiling leaves
// free for the other lies in pieces between what stays. It takes some milliseconds: it is for the end of a
// compilation and of an epoch.
func Settle() {
	debug.FreeOSMemory()
	trimMalloc()
	ReleaseCode()
}

// compileExec compiles exec for inputs of these shapes, and gives back what that needed before a call takes room of its own.
func compileExec(exec *graph.Exec, inputs ...shapes.Shape) error {
	_, err := exec.Compile(inputs...)
	Settle()
	return err
}
