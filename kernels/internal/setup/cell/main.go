// Command cell stands between GoNB and the programs of a notebook's cells. GoNB calls a cell that failed or was stopped
// a success, goes on with the cells that are queued behind it, and lets a program that reads standard input wait for
// ever. This command is what GoNB starts instead:
//
//	cell build GO ARG...       go's own build of a cell, by the shim of the go command
//	cell guard PROGRAM ARG...  a program, by the shell of a line that starts with "!"
//	/tmp/gonb_x/gonb_x ARG...  a cell's program under the name that GoNB starts, a link to this command
//
// With [runEnv] in the environment it is a run without a browser: how each program ended is appended to that file as a
// line of JSON, and programs have no standard input. Without it, it is a browser's kernel: what follows a failed or
// stopped cell at once is refused, so that "Run All" ends there.
//
// It imports no package of the lab: it starts with every cell.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// runEnv names the file for how a cell's programs ended.
const runEnv = "SIAMESE_LAB_RUN"

// suffix is what a cell's program has after the name that GoNB starts.
const suffix = ".cell"

func main() {
	args := os.Args
	switch {
	case len(args) > 2 && filepath.Base(args[0]) == "cell" && args[1] == "build":
		os.Exit(build(args[2], args[3:]))
	case len(args) > 2 && filepath.Base(args[0]) == "cell" && args[1] == "guard":
		// A line that fails leaves no mark: the rest of its own cell is still to come.
		os.Exit(guard(args[2], args[2:], ""))
	case filepath.Base(args[0]) != "cell":
		os.Exit(guard(args[0]+suffix, args, filepath.Dir(args[0])))
	}
	fmt.Fprintln(os.Stderr, "cell is started by the kernel")
	os.Exit(2)
}

// end says how a program ended.
type end struct {
	Failed  string `json:"failed"` // why it failed; "" = it did not
	Stopped bool   `json:"stopped"`
}

// note tells a run without a browser how a program ended, or leaves a mark in GoNB's directory for the cells that
// follow: see refused. dir "" = there is none.
func note(e end, dir string) error {
	if path := os.Getenv(runEnv); path != "" {
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		_, err = f.Write(append(line, '\n'))
		if closing := f.Close(); err == nil {
			err = closing
		}
		return err
	}
	if dir == "" {
		return nil
	}
	text := "was stopped"
	switch {
	case e.Failed != "":
		text = "failed: " + e.Failed
	case !e.Stopped:
		err := os.Remove(filepath.Join(dir, mark))
		if os.IsNotExist(err) {
			return nil
		}
		return err
	}
	return os.WriteFile(filepath.Join(dir, mark), []byte(text), 0o600)
}
