package run

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// LabOptions say how to open JupyterLab. Lab, Python, Kernel and Out must be set.
type LabOptions struct {
	Lab    place.Lab
	Python string   // interpreter of the virtual environment
	Kernel string   // name of the kernel that new notebooks get
	IP     string   // address to listen on; empty means 127.0.0.1
	Port   int      // port to listen on; 0 leaves the choice to JupyterLab
	Extra  []string // further flags for JupyterLab
	// Out gets what JupyterLab prints, among it the address with the token.
	Out io.Writer
}

// Lab runs JupyterLab on the checkout's notebooks until it is stopped or ctx is done, which is no error. It listens on
// this machine only unless another address is given, and asks for a token either way. A browser is opened only where
// there is a display.
func Lab(ctx context.Context, o LabOptions) error {
	cmd := exec.CommandContext(ctx, o.Python, labArgs(o, hasDisplay())...)
	cmd.Dir = o.Lab.Repo
	cmd.Env = append(os.Environ(), jupyterEnv(o.Lab)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, o.Out, o.Out
	// Where this process is killed JupyterLab ends all the same, with its kernels: Linux ends it with this thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = attributes()
	// JupyterLab asks back at the first interrupt and shuts its kernels down at a termination.
	cmd.Cancel = func() error { return cmd.Process.Signal(terminate) }
	// Kernels may be busy when they are shut down.
	cmd.WaitDelay = 15 * time.Second
	err := cmd.Run()
	if err != nil && ctx.Err() == nil { // an error after a cancelled context is the stop that was asked for
		return fmt.Errorf("jupyter lab: %w", err)
	}
	return nil
}

// startLab is a Python program that runs the module jupyterlab. As in execute.py, formats iri and iri-reference, which the
// schemas of Jupyter do not have, go without a check: to load it takes more than a second of processor time.
const startLab = "import runpy, sys\nsys.modules['rfc3987_syntax'] = None\n" +
	"runpy.run_module('jupyterlab', run_name='__main__', alter_sys=True)"

// labArgs are the arguments of the Python interpreter that runs JupyterLab; display = a browser could be shown. An
// option of the user's takes the place of ours.
func labArgs(o LabOptions, display bool) []string {
	ip := o.IP
	if ip == "" {
		ip = "127.0.0.1"
	}
	// Started as a module of the environment's Python, whose scripts have its path in them and need not be in PATH.
	args := []string{"-I", "-c", startLab, "--ServerApp.root_dir=" + o.Lab.Notebooks(), "--ip=" + ip,
		"--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", // no calls home
		"--MultiKernelManager.default_kernel_name=" + o.Kernel, "--NotebookNotary.data_dir=" + signatures(o.Lab)}
	if hasRoom(o.Lab) {
		args = append(args, "--KernelManager.transport=ipc")
	}
	if o.Port != 0 {
		args = append(args, fmt.Sprintf("--port=%d", o.Port))
	}
	// A browser on this machine is of use only if it is this machine that the address is for.
	if host := net.ParseIP(ip); !display || host != nil && !host.IsLoopback() {
		args = append(args, "--no-browser")
	}
	// JupyterLab refuses to run as root, which is the usual user in a container.
	if os.Geteuid() == 0 {
		args = append(args, "--allow-root")
	}
	// JupyterLab refuses an option that is given twice.
	args = slices.DeleteFunc(args, func(arg string) bool {
		return strings.HasPrefix(arg, "--") && slices.ContainsFunc(o.Extra, func(extra string) bool {
			return optionName(extra) == optionName(arg)
		})
	})
	return append(args, o.Extra...)
}

// shortNames are JupyterLab's short names of options that are ours too.
var shortNames = map[string]string{"--ip": "--ServerApp.ip", "--port": "--ServerApp.port",
	"--transport":    "--KernelManager.transport",
	"--notebook-dir": "--ServerApp.root_dir"}

// optionName returns the full name of an argument's option.
func optionName(arg string) string {
	name, _, _ := strings.Cut(arg, "=")
	if full, ok := shortNames[name]; ok {
		return full
	}
	return name
}

// hasDisplay reports whether a browser could be shown: on macOS always, elsewhere if an X or Wayland display is named.
func hasDisplay() bool {
	if runtime.GOOS == "darwin" {
		return true
	}
	return strings.TrimSpace(os.Getenv("DISPLAY")+os.Getenv("WAYLAND_DISPLAY")) != ""
}
