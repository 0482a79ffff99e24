package device

import (
	"runtime/debug"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Settle returns free memory to the system. Neither Go's collector nor glibc does so soon: with large frames on the
// heap the collector waits until as much again is garbage, and what compiling frees is fragmented. It takes some
// milliseconds: call it after compiling and after an epoch.
//
// It forces a garbage collection, so that it is nothing for a loop over steps or queries.
func Settle() {
	debug.FreeOSMemory()
	trimMalloc()
	ReleaseCode()
}

// compileExec compiles exec for inputs of these shapes and returns the memory that compiling needed, much
// more than the graph keeps, to the system.
func compileExec(exec *graph.Exec, inputs ...shapes.Shape) error {
	_, err := exec.Compile(inputs...)
	Settle()
	return err
}
