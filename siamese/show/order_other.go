//go:build !linux

package show

import "os"

// unread is false: only Linux tells a pipe's writer.
func unread(*os.File) bool { return false }
