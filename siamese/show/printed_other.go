//go:build !linux

package show

import (
	"time"
)

// printed gives the kernel time to read what the cell printed so far: these systems do not tell how much is left.
func printed() {
	time.Sleep(5 * time.Millisecond)
	synced()
}
