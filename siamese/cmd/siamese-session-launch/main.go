// Command siamese-session-launch builds the session's worker from a checkout and becomes it: file descriptor 3 is the
// listening socket. The lab's kernel starts it at the first connection of a cell.
//
// With the arguments "list" or "clear [ID ...]" it shows or removes what the session keeps: a cell's line %session. With
// "new FILE [NOTEBOOK]" it writes a notebook for a file: a cell's line %new.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/go-siamese/lab/siamese/session/launch"
)

func main() {
	checkout := flag.String("checkout", "", "folder of the lab's source")
	only := flag.Bool("build", false, "build the worker and do no more")
	flag.Parse()
	var err error
	switch {
	case *only:
		_, err = launch.Build(context.Background(), *checkout)
	case flag.NArg() > 0:
		err = launch.Values(context.Background(), *checkout, flag.Args())
	default:
		err = launch.Become(*checkout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "siamese-session-launch:", err)
		os.Exit(1)
	}
}
