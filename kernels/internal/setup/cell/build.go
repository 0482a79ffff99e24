package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// mark is the name of the file in GoNB's directory that says why the last cell did not end well. Its time is that end.
const mark = "cell-failed"

// soon is how long after a failed cell another one counts as queued behind it. A queued cell is built within a fraction
// of a second, on a machine with much to do within one or two; a person takes longer to choose one.
const soon = 3 * time.Second

// build runs a go command that builds a cell, and puts the guard in front of what it builds. Other builds, such as
// those of a user's own "!go build -o x", and of cells for a browser, are left alone. It returns the exit status.
func build(goCommand string, args []string) int {
	at := slices.Index(args, "-o") + 1
	if at == 0 || at == len(args) {
		return run(goCommand, args)
	}
	out, dir := args[at], filepath.Dir(args[at])
	if dir != os.Getenv("GONB_TMP_DIR") || os.Getenv("GOOS") == "js" {
		return run(goCommand, args)
	}
	if why := refused(dir); why != "" {
		fmt.Fprintf(os.Stderr, "not run, since the cell before it %s\nrun this cell again to run it all the same\n",
			why)
		return 1
	}
	args = slices.Clone(args)
	args[at] += suffix
	if status := run(goCommand, args); status != 0 {
		if err := note(end{Failed: "it does not compile"}, dir); err != nil {
			fmt.Fprintln(os.Stderr, "cell:", err)
		}
		return status
	}
	if err := link(out); err != nil {
		fmt.Fprintln(os.Stderr, "cell:", err)
		return 1
	}
	return 0
}

// refused returns why a cell is not to be run: it was queued behind one that did not end well. It renews the mark, for
// the cells behind this one. "" = it may run.
func refused(dir string) string {
	path := filepath.Join(dir, mark)
	info, err := os.Stat(path)
	if err != nil || os.Getenv(runEnv) != "" {
		return ""
	}
	now := time.Now()
	if age := now.Sub(info.ModTime()); age > soon || age < -soon {
		return ""
	}
	why, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	if err := os.Chtimes(path, now, now); err != nil {
		return ""
	}
	return string(why)
}

// link makes this command stand under a cell's name. What it links to is never written through: go builds under another
// name.
func link(name string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if to, err := os.Readlink(name); err == nil && to == self {
		return nil
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Symlink(self, name)
}

// run runs a program in this one's place and returns its exit status.
func run(name string, args []string) int {
	cmd := exec.Command(name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, "cell:", err)
		return 1
	}
	return max(cmd.ProcessState.ExitCode(), 0)
}
