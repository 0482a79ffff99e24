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
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/setup"
	"github.com/go-siamese/lab/kernels/internal/wire"
)

// realKernel is the installed kernel siamese-go with the real GoNB, and a front end that talks to it.
type realKernel struct {
	t      *testing.T
	client *wire.Client
	answer func(prompt string) string // what the user types
}

// startKernel starts the kernel as Jupyter does, but without completion, and waits until it publishes.
func startKernel(t *testing.T) *realKernel {
	t.Helper()
	k, _ := startKernelBy(t, nil, nil, "--gopls=", "--history=")
	return k
}

// startKernelBy starts the kernel by a command that gets the kernel's as its arguments, nil = none, with variables for
// its environment and further arguments.
func startKernelBy(t *testing.T, by, env []string, more ...string) (*realKernel, *exec.Cmd) {
	t.Helper()
	o, _ := options(t)
	return startKernelIn(t, o.Lab, by, env, more...)
}

// startKernelIn is startKernelBy for the kernel of a checkout.
func startKernelIn(t *testing.T, lab place.Lab, by, env []string, more ...string) (*realKernel, *exec.Cmd) {
	t.Helper()
	spec, err := setup.ReadSpec(lab, setup.KernelGo)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "real-*") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	connection := wire.Private(dir, "key")
	file := filepath.Join(dir, "kernel-1.json")
	if err := connection.Write(file); err != nil {
		t.Fatal(err)
	}
	args := by
	for _, arg := range append(spec.Argv, more...) {
		args = append(args, strings.ReplaceAll(arg, "{connection_file}", file))
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = os.Environ()
	for name, value := range spec.Env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Env = append(cmd.Env, env...)
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the kernel said:\n%s", log.String())
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	k := &realKernel{t: t}
	if k.client, err = wire.Dial(ctx, connection); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.client.Close)
	for { // what is published before the kernel has read the subscription is lost
		id := k.send(wire.Shell, "kernel_info_request", struct{}{})
		if got := k.until(id, 500*time.Millisecond); got.idle {
			return k, cmd
		}
		if ctx.Err() != nil {
			t.Fatal("the kernel publishes nothing")
		}
	}
}

// stuckBuild returns a line for GoNB that has what it builds wait for an hour in the first of the compiler's programs,
// and a file that is there when it does.
func stuckBuild(t *testing.T) (line, begun string) {
	t.Helper()
	dir := t.TempDir()
	tool, begun := filepath.Join(dir, "tool"), filepath.Join(dir, "begun")
	// Not written by this process: what another test starts meanwhile would have the file open, and it could not run.
	cmd := exec.Command("sh", "-c", `cat > "$0" && chmod +x "$0"`, tool)
	cmd.Stdin = strings.NewReader("#!/bin/sh\ntouch '" + begun + "'\nexec sleep 3600\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return "%goflags -toolexec=" + tool, begun
}

// send sends a request and returns its id.
func (k *realKernel) send(channel wire.Channel, kind string, content any) string {
	k.t.Helper()
	m, err := k.client.New(kind, nil, content)
	if err != nil {
		k.t.Fatal(err)
	}
	if err := k.client.Send(channel, m); err != nil {
		k.t.Fatal(err)
	}
	return m.Header.ID
}

// outcome is what became of a request.
type outcome struct {
	idle    bool
	status  string // of the reply: "ok", "error", "aborted"
	count   int    // the execution count of the reply
	name    string
	value   string
	trace   string
	outputs []string    // "stdout: text", neighbours of one stream joined
	asked   []time.Time // when questions were made
	took    time.Duration
}

// result is all outcomes that were seen, by request.
type results map[string]*outcome

// until collects messages until a request is dealt with, or a time has passed.
func (k *realKernel) until(id string, limit time.Duration) *outcome {
	k.t.Helper()
	return k.all([]string{id}, limit)[id]
}

// all is until for several requests.
func (k *realKernel) all(ids []string, limit time.Duration) results {
	k.t.Helper()
	got := results{}
	for _, id := range ids {
		got[id] = &outcome{}
	}
	begun, timeout := time.Now(), time.After(limit)
	for {
		done := true
		for _, o := range got {
			done = done && o.idle && o.status != ""
		}
		if done {
			return got
		}
		select {
		case m := <-k.client.Messages:
			if o := got[m.ParentID()]; o != nil {
				k.note(o, m)
				o.took = time.Since(begun)
			}
		case <-timeout:
			return got
		}
	}
}

// note adds a message to an outcome, and answers a question.
func (k *realKernel) note(o *outcome, m wire.Request) {
	var c struct {
		Status, Name, Text, Prompt string
		State                      string `json:"execution_state"`
		Error                      string `json:"ename"`
		Value                      string `json:"evalue"`
		Traceback                  []string
		Data                       map[string]any
		Password                   bool
		Count                      int `json:"execution_count"`
	}
	if err := json.Unmarshal(m.Content, &c); err != nil {
		k.t.Error(err)
	}
	switch m.Header.Type {
	case "status":
		o.idle = o.idle || c.State == "idle"
	case "stream":
		n := len(o.outputs)
		// Sockets have no common order: it may have been sent before questions that came sooner.
		for i := len(o.asked) - 1; i >= 0 && strings.HasPrefix(o.outputs[n-1], "asked") && k.date(m).Before(o.asked[i]); i-- {
			n--
		}
		if n > 0 && strings.HasPrefix(o.outputs[n-1], c.Name+": ") {
			o.outputs[n-1] += c.Text
			return
		}
		o.outputs = slices.Insert(o.outputs, n, c.Name+": "+c.Text)
	case "display_data", "execute_result":
		o.outputs = append(o.outputs, fmt.Sprintf("display: %v", c.Data["text/plain"]))
	case "input_request":
		secret := ""
		if c.Password {
			secret = " in secret"
		}
		o.outputs, o.asked = append(o.outputs, "asked"+secret+": "+c.Prompt), append(o.asked, k.date(m))
		answer, err := k.client.New("input_reply", m.Head, map[string]string{"value": k.answer(c.Prompt)})
		if err == nil {
			err = k.client.Send(wire.Stdin, answer)
		}
		if err != nil {
			k.t.Error(err)
		}
	case "execute_reply", "kernel_info_reply", "complete_reply", "inspect_reply", "comm_info_reply", "interrupt_reply":
		o.count = c.Count
		o.status, o.name, o.value, o.trace = c.Status, c.Error, c.Value, strings.Join(c.Traceback, "\n")
	}
}

// date returns when a message was made.
func (k *realKernel) date(m wire.Request) time.Time {
	at, err := time.Parse(time.RFC3339Nano, m.Header.Date)
	if err != nil {
		k.t.Error(err)
	}
	return at
}

// execute sends a cell and returns its id. stdin says whether a user can type.
func (k *realKernel) execute(code string, stdin bool) string {
	k.t.Helper()
	return k.send(wire.Shell, "execute_request", map[string]any{"code": code, "silent": false, "store_history": true,
		"user_expressions": map[string]string{}, "allow_stdin": stdin, "stop_on_error": true})
}

// run executes a cell to its end.
func (k *realKernel) run(code string, stdin bool) *outcome {
	k.t.Helper()
	o := k.until(k.execute(code, stdin), 2*time.Minute)
	if !o.idle || o.status == "" {
		k.t.Fatalf("%q: no end: %+v", code, o)
	}
	return o
}

// interruptWhen executes a cell, interrupts it when what has come of it says so, and returns its outcome and how long it
// took from there.
func (k *realKernel) interruptWhen(code string, ready func(*outcome) bool) (*outcome, time.Duration) {
	k.t.Helper()
	id := k.execute(code, false)
	first := &outcome{}
	for end := time.Now().Add(2 * time.Minute); !ready(first); {
		select {
		case m := <-k.client.Messages:
			if m.ParentID() == id {
				k.note(first, m)
			}
		case <-time.After(10 * time.Millisecond):
		}
		if first.status != "" || time.Now().After(end) {
			k.t.Fatalf("%q ended, or has not begun: %+v", code, first)
		}
	}
	k.send(wire.Control, "interrupt_request", struct{}{})
	begun := time.Now()
	o := k.until(id, time.Minute)
	o.outputs = append(first.outputs, o.outputs...)
	return o, time.Since(begun)
}
