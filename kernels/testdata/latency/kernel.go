package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/go-siamese/lab/kernels/internal/wire"
)

// kernel is a kernel that runs.
type kernel struct {
	name      string
	argv, env []string
	cmd       *exec.Cmd
	client    *wire.Client
}

// start starts the kernel with a connection file in dir and waits until it answers.
func (k *kernel) start(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	connection := wire.Private(dir, wire.NewID())
	file := filepath.Join(dir, "kernel-00000000-0000-0000-0000-000000000000.json")
	if err := connection.Write(file); err != nil {
		return err
	}
	args := slices.Clone(k.argv)
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "{connection_file}", file)
	}
	k.cmd = exec.Command(args[0], args[1:]...)
	k.cmd.Env, k.cmd.Dir = k.env, dir
	out, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	k.cmd.Stdout, k.cmd.Stderr = out, out
	k.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := k.cmd.Start(); err != nil {
		return err
	}
	dialing, done := context.WithTimeout(ctx, time.Minute)
	defer done()
	if k.client, err = wire.Dial(dialing, connection); err != nil {
		return err
	}
	time.Sleep(time.Second) // for the subscription to arrive
	_, err = k.run(ctx, "%%\nprintln(1)", "")
	return err
}

// stop ends the kernel and what it started.
func (k *kernel) stop() {
	k.client.Close()
	_ = syscall.Kill(-k.cmd.Process.Pid, syscall.SIGTERM)
	time.AfterFunc(5*time.Second, func() { _ = syscall.Kill(-k.cmd.Process.Pid, syscall.SIGKILL) })
	_ = k.cmd.Wait()
}

// run executes code and returns the seconds until the kernel is idle again, or until a text was printed. A cell that
// failed is an error, but for one that was measured to a text.
func (k *kernel) run(ctx context.Context, code, until string) (seconds float64, err error) {
	m, err := k.client.New("execute_request", nil, map[string]any{"code": code, "silent": false, "store_history": true,
		"user_expressions": map[string]any{}, "allow_stdin": false, "stop_on_error": true})
	if err != nil {
		return 0, err
	}
	start, said := time.Now(), ""
	if err := k.client.Send(wire.Shell, m); err != nil {
		return 0, err
	}
	limit := time.After(3 * time.Minute)
	replied, idle, failed := false, false, ""
	for !replied || !idle {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-limit:
			return 0, fmt.Errorf("no answer; it printed %q", said)
		case got, ok := <-k.client.Messages:
			if !ok {
				return 0, wire.ErrGone
			}
			if got.ParentID() != m.Header.ID {
				continue
			}
			var content struct {
				Text           string
				Status         string
				Ename, Evalue  string
				ExecutionState string `json:"execution_state"`
			}
			if err := json.Unmarshal(got.Content, &content); err != nil {
				return 0, err
			}
			switch got.Header.Type {
			case "stream":
				said += content.Text
				if until != "" && seconds == 0 && strings.Contains(said, until) {
					seconds = time.Since(start).Seconds()
				}
			case "status":
				idle = idle || content.ExecutionState == "idle"
			case "execute_reply":
				replied = true
				if content.Status != "ok" {
					failed = content.Ename + ": " + content.Evalue
				}
			}
		}
	}
	if until == "" {
		seconds = time.Since(start).Seconds()
	}
	if seconds == 0 || until == "" && failed != "" {
		return 0, fmt.Errorf("%s; it printed %q", failed, said)
	}
	return seconds, nil
}

// memory returns the resident memory of the kernel and of what it started, by program.
func (k *kernel) memory() string {
	out, err := exec.Command("ps", "-o", "rss=,comm=", "--ppid", fmt.Sprint(k.cmd.Process.Pid), "-p",
		fmt.Sprint(k.cmd.Process.Pid)).Output()
	if err != nil {
		return err.Error()
	}
	var parts []string
	for line := range strings.Lines(string(out)) {
		var kib int
		var name string
		if _, err := fmt.Sscan(line, &kib, &name); err == nil {
			parts = append(parts, fmt.Sprintf("%s %d MB", name, kib>>10))
		}
	}
	return strings.Join(parts, ", ")
}
