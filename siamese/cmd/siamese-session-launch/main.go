// Command siamese-session-launch builds the session's worker from a checkout and becomes it: file descriptor 3 is the
// listening socket. The lab's kernel starts it at the first connection of a cell.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/go-siamese/lab/siamese/session/launch"
)

func main() {
	checkout := flag.String("checkout", "", "folder of the lab's source")
	warm := flag.Bool("build", false, "build the worker and do no more")
	flag.Parse()
	if err := launch.Launch(*checkout, *warm); err != nil {
		fmt.Fprintln(os.Stderr, "siamese-session-launch:", err)
		if !*warm {
			launch.Answer(err)
		}
		os.Exit(1)
	}
}
