package show

import (
	"os"
	"time"
)

// inOrder displays something in the notebook, after what the cell has printed before and before what it prints
// afterwards. GoNB gets texts and displays by pipes of their own and passes each on as it comes; between them it keeps
// no order.
func inOrder(display func()) {
	waitRead(os.Stdout)
	waitRead(os.Stderr)
	display()
	synced()
}

// passOn is how long GoNB may take to pass on what it has read: far less, but nothing tells.
const passOn = 2 * time.Millisecond

// patience is how long a reader may take that does not read. A variable for tests.
var patience = time.Second

// waitRead waits until GoNB has read what was written to a file and had the time to pass it on. It gives up on a reader
// that does not read.
func waitRead(f *os.File) {
	for end := time.Now().Add(patience); unread(f) && time.Now().Before(end); {
		time.Sleep(passOn / 4)
	}
	time.Sleep(passOn)
}
