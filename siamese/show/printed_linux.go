package show

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// printed waits until the kernel has read what the cell printed so far, but not for long: a kernel that does not read
// must not hold the cell.
func printed() {
	waited := false
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		left := 0
		for _, stream := range []*os.File{os.Stdout, os.Stderr} {
			// What is no pipe has no bytes that wait.
			if n, err := unix.IoctlGetInt(int(stream.Fd()), unix.TIOCINQ); err == nil {
				left += n
			}
		}
		if left == 0 {
			break
		}
		waited = true
	}
	// Read is not yet passed on: the way there and back takes longer than that.
	if waited {
		time.Sleep(2 * time.Millisecond)
	}
	synced()
}
