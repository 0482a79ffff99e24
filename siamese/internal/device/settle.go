package device

import "runtime/debug"

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
