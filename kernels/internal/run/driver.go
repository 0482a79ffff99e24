// Package run executes notebooks without a browser ([Notebook]) and opens JupyterLab ([Lab]). It needs what the package
// setup has installed.
//
// A kernel is spoken to through nbclient, in a Python process of ours, the driver: Jupyter's protocol and the many
// cases of starting, interrupting and ending kernels are nbclient's business. The driver and this package exchange
// lines of JSON; execute.py describes them.
package run

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/go-siamese/lab/kernels/internal/jupyterlab"
	"github.com/go-siamese/lab/kernels/internal/place"
)

// driverSource is the Python program that talks to the kernel through nbclient.
//
//go:embed execute.py
var driverSource string

// order is the first line to the driver: what to execute, and how. Paths are absolute. See execute.py for the protocol.
type order struct {
	// Notebook is the file to execute, Output the file that gets the executed notebook, anew after every cell.
	Notebook string `json:"notebook"`
	Output   string `json:"output"`
	// Elsewhere are files for it where Output cannot be written, the best first.
	Elsewhere []string `json:"elsewhere"`
	Kernel    string   `json:"kernel"`
	// Cwd is the directory that cells run in: that of the user's notebook, so that its relative paths hold.
	Cwd string `json:"cwd"`
	// Timeout is in seconds, for each cell; 0 = none.
	Timeout float64 `json:"timeout"`
	// IPC is the beginning of the paths of the kernel's sockets; "" = they are TCP's.
	IPC string `json:"ipc"`
	// Log is the file for the kernel's own messages.
	Log string `json:"log"`
}

// command is a later line to the driver.
type command struct {
	// Do is "interrupt"; "html", with the executed notebook, the page to write and its title; or "trust", with the
	// notebook and the directory of signatures.
	Do       string `json:"do"`
	Notebook string `json:"notebook,omitempty"`
	Output   string `json:"output,omitempty"`
	Title    string `json:"title,omitempty"`
}

// event is a line from the driver. Which fields are set depends on Event.
type event struct {
	Event       string  `json:"event"` // ready, cell, output, done, failed, executed, rendered, trusted
	Index       int     `json:"index"` // of the cell, from 0
	Text        string  `json:"text"`  // what the cell printed
	Seconds     float64 `json:"seconds"`
	Error       string  `json:"error"` // why the cell, the kernel or the page failed; empty: it did not
	Interrupted bool    `json:"interrupted"`
	Copy        string  `json:"copy"` // the newest copy of the executed notebook; empty: not told
}

// driver is a running driver process. One goroutine reads its events; any may send to it.
type driver struct {
	cmd *exec.Cmd
	// mu guards stdin: an interrupt comes from another goroutine than the orders.
	mu    sync.Mutex
	stdin io.WriteCloser
	lines *bufio.Scanner
	// stderr is read after the process has ended only.
	stderr *strings.Builder
}

// startDriver starts the driver with an order. python is the virtual environment's interpreter. The process is not tied
// to a context: when one ends the kernel has to be interrupted and its results written, which killing the driver would
// prevent. It holds the claims as long as it lives: where this process is killed the kernel still ends its cell. env is added
// to the environment. The caller must call close.
func startDriver(python string, lab place.Lab, o order, held claims, env ...string) (*driver, error) {
	// Isolated from the user's own packages and settings of Python. UTF-8 whatever the locale says, since the protocol
	// is; no warnings of libraries among what the driver complains about; and no files in the user's ~/.ipython.
	cmd := exec.Command(python, "-I", "-X", "utf8", "-W", "ignore", "-c", driverSource)
	cmd.Env = append(append(os.Environ(), jupyterEnv(lab)...), "IPYTHONDIR="+lab.State())
	cmd.Env = append(cmd.Env, env...)
	d := &driver{cmd: cmd, stderr: &strings.Builder{}}
	cmd.Stderr = d.stderr
	cmd.WaitDelay = 10 * time.Second // whatever else holds its outputs
	for _, c := range held {
		cmd.ExtraFiles = append(cmd.ExtraFiles, c.File)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the notebook runner: %w", err)
	}
	d.stdin, d.lines = stdin, bufio.NewScanner(stdout)
	// A line may hold what a cell printed at once, which has no limit of its own.
	d.lines.Buffer(nil, 64<<20)
	return d, d.send(o)
}

// jupyterEnv is the environment in which Jupyter finds our kernels and keeps its sockets and secrets to our directory.
func jupyterEnv(lab place.Lab) []string {
	return []string{"JUPYTER_PATH=" + before("JUPYTER_PATH", lab.JupyterPath()),
		"JUPYTER_CONFIG_PATH=" + before("JUPYTER_CONFIG_PATH", jupyterlab.ConfigPath(lab)),
		"JUPYTER_RUNTIME_DIR=" + runtimeDir(lab)}
}

// runtimeDir is where Jupyter keeps connection files and sockets. It makes it for the user alone.
func runtimeDir(lab place.Lab) string { return filepath.Join(lab.State(), "runtime") }

// socketPath is the longest path of a Unix socket on every system.
const socketPath = 103

// hasRoom reports whether the paths of a kernel's Unix sockets in the runtime directory are short enough, as Jupyter
// names them. Where they are not, TCP serves: the kernel refuses connections of other users.
func hasRoom(lab place.Lab) bool {
	return len(runtimeDir(lab)+"/kernel-00000000-0000-0000-0000-000000000000-ipc-00") <= socketPath
}

// before returns a list of paths with ours before those that the environment variable has, so that ours win where two
// hold the same.
func before(variable, path string) string {
	if more := os.Getenv(variable); more != "" && more != path {
		path += string(os.PathListSeparator) + more
	}
	return path
}

// send writes one line of JSON to the driver. It may be called from several goroutines.
func (d *driver) send(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.stdin.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("the notebook runner is gone: %w", err)
	}
	return nil
}

// errGone is the error of a driver that ended before it was told to.
var errGone = errors.New("the notebook runner ended early")

// next waits for the driver's next event. If the driver has ended instead, or breaks the protocol, the error says what
// it wrote to standard error. It must be called from one goroutine.
func (d *driver) next() (event, error) {
	if !d.lines.Scan() {
		err := d.lines.Err()
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		d.kill()
		return event{}, fmt.Errorf("%w (%v): %w\n%s", errGone, d.cmd.ProcessState, err, strings.TrimSpace(d.stderr.String()))
	}
	var e event
	if err := json.Unmarshal(d.lines.Bytes(), &e); err != nil {
		return event{}, fmt.Errorf("the notebook runner sent no JSON: %w", err)
	}
	return e, nil
}

// interruptOn passes a context's end on to the kernel, until stop is called. The execution then ends by itself, with an
// "executed" event, after the cell that runs was interrupted.
func (d *driver) interruptOn(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() {
		_ = d.send(command{Do: "interrupt"}) // a driver that is gone already needs no interrupt
	})
}

// render has the driver turn a notebook into an HTML page, by nbconvert. It is possible after the execution only.
func (d *driver) render(notebook, output, title string) error {
	return d.ask(command{Do: "html", Notebook: notebook, Output: output, Title: title})
}

// trust has the driver sign a notebook for the lab's JupyterLab. It is possible after the execution only.
func (d *driver) trust(lab place.Lab, notebook string) error {
	return d.ask(command{Do: "trust", Notebook: notebook, Output: signatures(lab)})
}

// signatures is the directory of the lab's own signatures of notebooks, whose outputs JupyterLab then trusts. The user's
// are left alone.
func signatures(lab place.Lab) string { return filepath.Join(lab.State(), "trust") }

// ask sends a command and waits for its one event.
func (d *driver) ask(c command) error {
	if err := d.send(c); err != nil {
		return err
	}
	e, err := d.next()
	if err != nil {
		return err
	}
	if e.Error != "" {
		return errors.New(e.Error)
	}
	return nil
}

// close ends the driver, by closing its input, and waits for it; the kernel ends with it. It may be called after kill.
func (d *driver) close() {
	d.mu.Lock()
	d.stdin.Close()
	d.mu.Unlock()
	_ = d.cmd.Wait() // what came of it is in its events
}

// kill ends a driver that no longer answers, unless it ends by itself at once: then its state says how.
func (d *driver) kill() {
	ended := make(chan struct{})
	go func() {
		_ = d.cmd.Wait() // the state says it
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		_ = d.cmd.Process.Kill()
		<-ended
	}
}
