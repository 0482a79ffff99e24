//go:build !linux

package main

import "os"

// packet is the largest write that a pipe keeps as one: there is none on this system.
const packet = 0

// makePipe makes a pipe.
func makePipe() (read, write *os.File, err error) { return os.Pipe() }

// order of the writes to two pipes is not known on this system.
type order struct{ kept []int }

func resize(int, int) bool         { return true }
func watch([2]int) *order          { return nil }
func (*order) notes() ([]int, int) { return nil, 0 }
func (*order) wait()               {}
func (*order) close()              {}
func waiting(int) int              { return 0 }
