package cache

import "syscall"

// changed returns when the inode was last changed, in nanoseconds since 1970.
func changed(stat *syscall.Stat_t) int64 { return stat.Ctim.Nano() }

// noReserve keeps Linux from counting a private mapping against memory, of which it takes none until it is written to:
// a frame may be larger than the memory.
const noReserve = syscall.MAP_NORESERVE
