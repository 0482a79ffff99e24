// Command siamese-session is the worker of a session: it holds frames, models and compiled steps between the cells of a
// notebook. The lab's kernel starts it at the first connection, and package session does so where there is no kernel.
//
// It serves the listening Unix socket at file descriptor 3 and ends when standard input, a pipe from whoever started
// it, is closed. With -checkout it builds itself anew when the code there changes, and keeps the socket meanwhile.
//
// For people it shows and removes what is kept:
//
//	go run ./siamese/cmd/siamese-session list
//	go run ./siamese/cmd/siamese-session clear [ID ...]
//
// and writes a notebook for a table or a folder of pictures:
//
//	go run ./siamese/cmd/siamese-session new items.parquet [NOTEBOOK]
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/plugin"
	"github.com/go-siamese/lab/siamese/session/starter"
	"github.com/go-siamese/lab/siamese/session/worker"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "siamese-session:", option.Text(err, func(name string) string { return "-" + name }))
		os.Exit(1)
	}
}

// storeEnv names the folder in which values are kept; without it that is one in the lab's own.
const storeEnv = "SIAMESE_SESSION_STORE"

// run serves the socket until standard input ends, or does what the first argument says.
func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("siamese-session", flag.ExitOnError)
	checkout := flags.String("checkout", "", "folder of the lab's source, to follow its changes; empty = do not follow")
	backend := flags.String("backend", "", "backend, such as xla or go; empty = the best there is")
	bytes := flags.Int64("bytes", 0, "most bytes of values on disk; 0 = 20 GiB")
	memory := flags.Int64("memory", 0, "most bytes of values in memory; 0 = half of what is free")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := plugin.StateDir()
	if err != nil {
		return err
	}
	dir = cmp.Or(os.Getenv(storeEnv), filepath.Join(dir, "session"))
	switch flags.Arg(0) {
	case "":
		return worker.Inherit(worker.Options{Dir: dir, Bytes: *bytes, Memory: *memory, Backend: *backend,
			Checkout: *checkout})
	case "list":
		kept, err := worker.Kept(dir)
		for _, v := range kept {
			fmt.Fprintln(out, v)
		}
		return err
	case "new":
		if n := flags.NArg(); n != 2 && n != 3 {
			return errors.New("use new FILE [NOTEBOOK]")
		}
		kernel := "siamese-go"
		if strings.HasPrefix(os.Getenv("GOMLX_BACKEND"), "xla") {
			kernel = "siamese-xla"
		}
		path, err := starter.New(context.Background(), flags.Arg(1), starter.Options{To: flags.Arg(2), Kernel: kernel})
		if err == nil {
			fmt.Fprintln(out, "written:", quote.Text(path))
		}
		return err
	case "clear":
		cleared, err := worker.Clear(dir, flags.Args()[1:]...)
		if err == nil {
			fmt.Fprintln(out, cleared)
		}
		return err
	}
	return fmt.Errorf("%q is not known: use list, clear or new", flags.Arg(0))
}
