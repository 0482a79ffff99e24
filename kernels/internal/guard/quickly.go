package main

import (
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/kernels/internal/quick"
)

// quickly builds a cell's program in the current directory, and returns the exit status. What it remembers lies beside
// the lab's programs, for all kernels.
func quickly(goCommand string, args []string) int {
	self, err := os.Executable()
	if err != nil {
		return complain(err)
	}
	state := filepath.Join(filepath.Dir(filepath.Dir(self)), "quick")
	status, err := quick.Builder{Go: goCommand, State: state}.Build(args)
	if err != nil {
		return complain(err)
	}
	return max(status, 0)
}
