package main

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/wire"
)

// asks sends a request with metadata, and waits for its end.
func (k *realKernel) asks(channel wire.Channel, kind string, content, metadata any) *outcome {
	k.t.Helper()
	m, err := k.client.New(kind, nil, content)
	if err != nil {
		k.t.Fatal(err)
	}
	if metadata != nil {
		if m.Metadata, err = json.Marshal(metadata); err != nil {
			k.t.Fatal(err)
		}
	}
	if err := k.client.Send(channel, m); err != nil {
		k.t.Fatal(err)
	}
	o := k.until(m.Header.ID, 2*time.Minute)
	if !o.idle || o.status == "" {
		k.t.Fatalf("%s %v: no end: %+v", kind, content, o)
	}
	return o
}

// TestVSCode asks what VS Code asks of a kernel that is not Python's, in its order (microsoft/vscode-jupyter 3d24702,
// src/kernels): greetings on both channels, the user's startup commands, which are Python's, cells with their metadata,
// code that an extension runs beside them, completion, explanation, widgets, and a stop by message.
func TestVSCode(t *testing.T) {
	t.Parallel()
	k := startKernel(t)
	type object = map[string]any
	code := func(text string, store, stdin bool) object {
		return object{"code": text, "silent": false, "stop_on_error": false, "allow_stdin": stdin, "store_history": store}
	}
	cell := func(text string, n int) *outcome {
		return k.asks(wire.Shell, "execute_request", code(text, true, true),
			object{"cellId": fmt.Sprintf("vscode-notebook-cell:/notebook.ipynb#W%dsZmlsZQ==", n), "tags": []string{"x"}})
	}
	want := func(name string, o *outcome, status string, count int, outputs ...string) {
		t.Helper()
		if o.status != status || o.count != count {
			t.Errorf("%s: %s with count %d, want %s with %d: %+v", name, o.status, o.count, status, count, o)
		}
		if diff := cmp.Diff(outputs, o.outputs); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}

	want("hello on control", k.asks(wire.Control, "kernel_info_request", object{}, nil), "ok", 0)
	want("hello on shell", k.asks(wire.Shell, "kernel_info_request", object{}, nil), "ok", 0)
	// jupyter.runStartupCommands, as many have it for Python, goes to every kernel; VS Code logs what comes of it.
	startup := k.asks(wire.Shell, "execute_request", code("%load_ext autoreload\n%autoreload 2", false, true), nil)
	want("startup commands", startup, "error", 0)
	if startup.name != "CellError" {
		t.Errorf("startup commands: %+v", startup)
	}
	want("hello again", k.asks(wire.Shell, "kernel_info_request", object{}, nil), "ok", 0)

	want("cell", cell("var n = 3\n%%\nfmt.Println(n)", 0), "ok", 1, "stdout: 3\n")
	want("an extension's code", k.asks(wire.Shell, "execute_request", code("%%\nfmt.Println(n+1)", false, false), nil),
		"ok", 1, "stdout: 4\n")
	failed := k.send(wire.Shell, "execute_request", code("%%\npanic(n)", true, true))
	behind := k.send(wire.Shell, "execute_request", code("%%\nfmt.Println(n+2)", true, true))
	got := k.all([]string{failed, behind}, 2*time.Minute)
	if o := got[failed]; o.status != "error" || o.name != "Panic" || o.count != 2 {
		t.Errorf("a panic: %+v", o)
	}
	want("a cell behind it, which VS Code sends if it wants to", got[behind], "ok", 3, "stdout: 5\n")

	want("completion", k.asks(wire.Shell, "complete_request",
		object{"code": "%%\nfmt.Println(n", "cursor_pos": 16}, nil), "ok", 0)
	want("explanation", k.asks(wire.Shell, "inspect_request",
		object{"code": "%%\nfmt.Println(n)", "cursor_pos": 8, "detail_level": 0}, nil), "ok", 0)
	want("widgets", k.asks(wire.Shell, "comm_info_request", object{"target_name": "jupyter.widget"}, nil), "ok", 0)

	running := k.send(wire.Shell, "execute_request", code("%%\nfmt.Println(\"begun\")\ntime.Sleep(time.Hour)", true, true))
	for o := (&outcome{}); len(o.outputs) == 0; o = k.until(running, time.Second) {
		if t.Context().Err() != nil || o.status != "" {
			t.Fatalf("the cell does not run: %+v", o)
		}
	}
	stop := k.send(wire.Control, "interrupt_request", object{})
	got = k.all([]string{running, stop}, 2*time.Minute)
	want("stop", got[stop], "ok", 0)
	if o := got[running]; o.status != "error" || o.name != "Interrupted" || o.count != 4 {
		t.Errorf("the stopped cell: %+v", o)
	}
}
