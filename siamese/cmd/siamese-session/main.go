// Command siamese-session is the worker of a session: it holds frames, models and compiled steps between the cells of a
// notebook. The lab's kernel starts it at the first connection, and package session does so where there is no kernel;
// nobody else needs to.
//
// It serves the listening Unix socket at file descriptor 3 and ends when standard input, a pipe from whoever started
// it, is closed. With -checkout it builds itself anew when the code there changes, and keeps the socket meanwhile.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/kernels/plugin"
	"github.com/go-siamese/lab/siamese/session/worker"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "siamese-session:", option.Text(err, func(name string) string { return "-" + name }))
		os.Exit(1)
	}
}

// run serves the socket until standard input ends.
func run() error {
	checkout := flag.String("checkout", "", "folder of the lab's source, to follow its changes; empty = do not follow")
	backend := flag.String("backend", "", "backend, such as xla or go; empty = the best there is")
	bytes := flag.Int64("bytes", 0, "most bytes of values on disk; 0 = 20 GiB")
	memory := flag.Int64("memory", 0, "most bytes of values in memory; 0 = half of what is free")
	flag.Parse()
	dir, err := plugin.Dir()
	if err != nil {
		return err
	}
	return worker.Inherit(worker.Options{Dir: filepath.Join(dir, "session"), Bytes: *bytes, Memory: *memory,
		Backend: *backend, Checkout: *checkout})
}
