//go:build !linux

package main

import "syscall"

// attributes have a program lead a group of its own. Systems other than Linux do not end it with the guard.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// waits cannot tell on this system whether a program waits for input: known is false, and programs have none.
func waits(pid int, pipe uint64) (waiting, known bool) { return false, false }

// memoryKills is not known on this system.
func memoryKills() uint64 { return 0 }
