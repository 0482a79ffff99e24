//go:build darwin || freebsd || netbsd

package cache

import "syscall"

// changed returns when the inode was last changed, in nanoseconds since 1970.
func changed(stat *syscall.Stat_t) int64 { return stat.Ctimespec.Nano() }

// noReserve is nothing: these systems do not count mappings.
const noReserve = 0
