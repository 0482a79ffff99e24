//go:build !linux

package main

import (
	"os"
	"syscall"
)

// noStdin returns a file that is at its end. Whether somebody read it is not known on this system.
func noStdin() (file *os.File, wasRead func() bool, err error) {
	file, err = os.Open(os.DevNull)
	return file, func() bool { return false }, err
}

// attributes are those of any program: systems other than Linux do not end it with the guard.
func attributes() *syscall.SysProcAttr { return nil }
