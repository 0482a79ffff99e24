//go:build !linux

package front

import "syscall"

// attributes are those of a process that leads a group. Systems other than Linux do not end it with this one.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// hasChildren reports whether a process has children, which cannot be told here.
func hasChildren(int) bool { return true }
