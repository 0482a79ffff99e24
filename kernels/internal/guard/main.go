// Command guard stands between GoNB and what it starts for a notebook's cells:
//
//	guard build GO ARG...       a go command or goimports, by a shim of that name in the kernel's PATH
//	guard quick GO ARG...       a go command that builds a cell's program, where it can by [quick.Builder]
//	guard shell PROGRAM ARG...  a program, by the shell of a line that starts with "!"
//	guard script SHELL          a shell that reads its script from standard input, as for %%bash
//	/tmp/gonb_x/gonb_x ARG...   a cell's program under the name that GoNB starts, a link to this command
//
// GoNB knows little of what it starts: it tells neither how a program ended nor in which order it wrote, lets one that
// reads standard input wait for ever, and cannot end a build. The guard does, and tells the kernel: see package link.
// Without a kernel (a GoNB that somebody started by hand) it becomes what it was asked to start.
//
// It imports little: it starts with every cell.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// suffix is what a cell's program has after the name that GoNB starts.
const suffix = ".cell"

// insideEnv is set for what a guard started. A build below it is the user's own and none of a cell.
const insideEnv = "SIAMESE_GUARDED"

func main() {
	args := os.Args
	name := filepath.Base(args[0])
	switch {
	case name != "guard":
		os.Exit(run(program{path: args[0] + suffix, args: args, what: "program"}))
	case len(args) > 2 && args[1] == "build":
		os.Exit(build(args[2], args[3:]))
	case len(args) > 3 && args[1] == "quick":
		os.Exit(quickly(args[2], args[3:]))
	case len(args) > 2 && args[1] == "shell":
		os.Exit(run(program{path: args[2], args: args[2:], what: "shell"}))
	case len(args) == 3 && args[1] == "script":
		os.Exit(run(program{path: args[2], args: args[2:], what: "shell", stdin: os.Stdin}))
	}
	fmt.Fprintln(os.Stderr, "guard is started by the kernel")
	os.Exit(2)
}

// complain says why the guard itself could not do its work, and returns its exit status.
func complain(err error) int {
	fmt.Fprintln(os.Stderr, "guard:", err)
	return 1
}
