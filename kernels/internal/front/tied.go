package front

import (
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// tied is a process that ends with this one, even if this one is killed: Linux ends it with the thread that started
// it, which lives as long as the process does; and its standard input, a pipe that nothing is written to, ends then on
// every system. Its group is ended with it.
type tied struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how it ended; after done
	hold *os.File      // our end of its standard input
}

// watched is a shell's script that becomes its arguments, with a watcher in their process group: it ends the group when
// its input, that of the script, does. So ends what a killed kernel can no longer end, and what the system does not end
// by itself: children's children. The watcher is nobody's child, so that the program has none that it does not know.
const watched = `exec 3<&0
( ( read -r line <&3; kill -9 0 ) >/dev/null 2>&1 & )
exec "$@" 3<&- </dev/null`

// start starts a command as a tied process.
func start(cmd *exec.Cmd) (*tied, error) {
	in, hold, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdin, cmd.SysProcAttr = in, attributes()
	// Output of grandchildren that hold the pipes must not keep this process from seeing the end.
	cmd.WaitDelay = time.Second
	t := &tied{cmd: cmd, done: make(chan struct{}), hold: hold}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this function
		err := cmd.Start()
		_ = in.Close()
		started <- err
		if err != nil {
			return
		}
		t.err = cmd.Wait()
		killGroup(cmd.Process.Pid)
		close(t.done)
	}()
	if err := <-started; err != nil {
		_ = hold.Close()
		return nil, err
	}
	return t, nil
}

// kill ends the process with its group and waits for its end.
func (t *tied) kill() {
	killGroup(t.cmd.Process.Pid)
	<-t.done
	_ = t.hold.Close()
}

// killGroup ends all processes of a group that have not left it.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) } // one that is gone needs none

// tail is a writer that passes on what is written and keeps the end of it.
type tail struct {
	mu   sync.Mutex
	to   func(p []byte)
	text []byte
}

// kept is how many bytes a tail keeps.
const kept = 64 << 10

// Write implements io.Writer; it never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.to != nil {
		t.to(p)
	}
	t.text = append(t.text, p...)
	if extra := len(t.text) - kept; extra > kept {
		t.text = append([]byte{}, t.text[extra:]...)
	}
	return len(p), nil
}

// String returns what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text[max(0, len(t.text)-kept):])
}
