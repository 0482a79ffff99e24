package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// build runs a command that builds a cell (go build, go test -c, goimports) and tells the kernel how it ended; the
// kernel can end it, with its children. What go builds for a cell gets the guard in front of it. A user's own build,
// such as that of a line "!go build -o x", is left alone. It returns the exit status.
func build(command string, args []string) int {
	k, err := dial()
	if os.Getenv(insideEnv) != "" || errors.Is(err, link.ErrNoKernel) {
		return complain(become(command, append([]string{command}, args...)))
	}
	if err != nil {
		return complain(err)
	}
	if _, err := k.Call(link.KindStart, link.Start{What: "build", Pid: os.Getpid()}); err != nil {
		return complain(err)
	}
	out := cellOutput(args)
	if out != "" {
		args = slices.Clone(args)
		args[slices.Index(args, "-o")+1] += suffix
		// A program of its own, since the kernel may want to end it.
		if self, err := os.Executable(); err == nil {
			command, args = self, append([]string{"quick", command}, args...)
		}
	}
	end, err := k.build(command, args)
	if err == nil && end.Status == 0 && out != "" {
		err = standUnder(out)
	}
	if err != nil {
		end = link.End{Status: 1, Text: "guard: " + err.Error() + "\n"}
	}
	// GoNB shows what a build printed where there is no kernel to do it better.
	os.Stdout.WriteString(end.Text)
	if _, err := k.Call(link.KindEnd, end); err != nil {
		return complain(err)
	}
	if end.Status != 0 {
		return max(end.Status, 1)
	}
	return 0
}

// build runs a command to its end, or until the kernel wants that or is gone.
func (k *kernel) build(command string, args []string) (link.End, error) {
	runtime.LockOSThread() // what is started ends with the guard, that is with this thread of it
	var text bytes.Buffer
	cmd := exec.Command(command, args...)
	cmd.SysProcAttr = attributes()
	cmd.Stdout, cmd.Stderr = &text, &text
	cmd.WaitDelay = last // one that somebody kills may leave children that hold the outputs
	if err := cmd.Start(); err != nil {
		return link.End{}, err
	}
	defer killGroup(cmd.Process.Pid)
	defer endWith(cmd.Process.Pid)()
	stopped := make(chan bool, 1)
	ended := make(chan struct{})
	go func() {
		select {
		case <-k.orders:
			killGroup(cmd.Process.Pid)
			stopped <- true
		case <-ended:
			stopped <- false
		}
	}()
	err := cmd.Wait()
	close(ended)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		return link.End{}, err
	}
	end := endOf(cmd.ProcessState)
	end.Stopped, end.Text = <-stopped, text.String()
	end.Dir, _ = os.Getwd() // without it places in texts are not found
	return end, nil
}

// cellOutput returns the path that a build command is to write a cell's program to; "" = it builds something else, such
// as a program for a browser.
func cellOutput(args []string) string {
	at := slices.Index(args, "-o") + 1
	if at == 0 || at == len(args) || filepath.Dir(args[at]) != os.Getenv("GONB_TMP_DIR") || os.Getenv("GOOS") == "js" {
		return ""
	}
	return args[at]
}

// standUnder makes this command stand under a cell's name. What it links to is never written through: go builds under
// another name.
func standUnder(name string) error {
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
