package front

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/link"
	"github.com/go-siamese/lab/kernels/internal/widgets"
	"github.com/go-siamese/lab/kernels/internal/wire"
	"github.com/go-siamese/lab/kernels/widget"
)

// toyWidget is a cell's program that shows a slider of a name ("show"), waits for it to be moved ("wait"), says what
// it is ("value"), or says where the kernel is ("where").
func toyWidget(do, name string) {
	ctx := context.Background()
	slider := &widget.IntSlider{Name: name, Default: 10}
	var err error
	switch do {
	case "show":
		err = widget.Show(ctx, slider)
	case "wait":
		if err = widget.Show(ctx, slider); err == nil {
			err = widget.Wait(ctx, slider)
			fmt.Println("moved to", slider.Value())
		}
	case "where":
		fmt.Print(os.Getenv(link.Env))
	case "value":
		var n int
		n, err = widget.Value[int](name)
		fmt.Println("value", n)
	}
	if err != nil {
		fmt.Println("error:", err)
	}
}

// withWidgets gives a kernel its widgets.
func withWidgets(o *Options) {
	o.Widgets = func(publish Publish) Widgets { return widgets.New(widgets.Publish(publish)) }
}

// open waits for the slider of a cell, and returns its id.
func (u *user) open(cell string) (id string) {
	u.t.Helper()
	m := u.must("slider", func(m wire.Request) bool { return m.ParentID() == cell && m.Header.Type == "display_data" })
	var c struct {
		Transient map[string]string `json:"transient"`
	}
	if err := json.Unmarshal(m.Content, &c); err != nil || c.Transient["display_id"] == "" {
		u.t.Fatalf("%v: %s", err, m.Content)
	}
	return c.Transient["display_id"]
}

// move moves a slider and waits until the kernel has it.
func (u *user) move(id string, to int) {
	u.t.Helper()
	request := u.send(wire.Shell, "comm_msg", map[string]any{"comm_id": id, "data": map[string]any{"method": "update",
		"state": map[string]any{"value": to}, "buffer_paths": []any{}}})
	u.must("echo", func(m wire.Request) bool { return m.ParentID() == request && m.Header.Type == "comm_msg" })
	u.must("idle", func(m wire.Request) bool { return isIdle(m, request) })
}

// TestWidgets: a slider's moves reach the program that waits for them, and later cells when the program has ended.
func TestWidgets(t *testing.T) {
	u := newUser(t, withWidgets)
	cell := u.execute("widget wait epochs", nil)
	id := u.open(cell)
	u.move(id, 20)
	if r := u.wait(cell); r.status() != "ok" || !slices.Contains(r.outputs, "stdout: moved to 20\n") {
		t.Errorf("%s: %q", r.status(), r.outputs)
	}
	u.move(id, 30)
	r := u.run("widget value epochs")
	if !slices.Contains(r.outputs, "stdout: value 30\n") {
		t.Errorf("a later cell: %q", r.outputs)
	}
	info := u.wait(u.send(wire.Shell, "comm_info_request", map[string]string{"target_name": "jupyter.widget"}))
	if comms := info.content["comms"].(map[string]any); comms[id] == nil || len(comms) != 3 {
		t.Errorf("comms %v", comms)
	}
	// The same code is the same cell: its old widgets go.
	cell = u.execute("widget wait epochs", nil)
	u.must("end", func(m wire.Request) bool { return m.ParentID() == cell && m.Header.Type == "comm_close" })
	u.move(u.open(cell), 5)
	if r := u.wait(cell); r.status() != "ok" {
		t.Errorf("again: %q", r.outputs)
	}
	// Nobody is there to move it.
	r = u.wait(u.execute("widget wait other", map[string]any{"allow_stdin": false}))
	if !slices.Contains(r.outputs, "stdout: moved to 10\n") {
		t.Errorf("headless: %q", r.outputs)
	}
}

// TestSessionWidgets: a process that outlives the cell keeps its widgets and hears them; the cell does not wait for it.
func TestSessionWidgets(t *testing.T) {
	old := background
	t.Cleanup(func() { background = old })
	background = time.Hour
	u := newUser(t, withWidgets)
	var socket string
	for _, out := range u.run("widget where x").outputs {
		if path, ok := strings.CutPrefix(out, "stdout: "); ok {
			socket = path
		}
	}
	t.Setenv(link.Env, socket)
	wait, let := held(t)
	cell := u.execute("print begun\n"+wait, nil)
	u.must("text", func(m wire.Request) bool { return m.ParentID() == cell && m.Header.Type == "stream" })
	slider := &widget.IntSlider{Name: "epochs"}
	if err := widget.Open(t.Context(), slider); err != nil {
		t.Fatal(err)
	}
	let()
	if r := u.wait(cell); r.status() != "ok" { // it does not wait for the connection
		t.Errorf("%s: %q", r.status(), r.outputs)
	}
	u.move(slider.ID(), 42)
	for end := time.Now().Add(enough); slider.Value() != 42; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the value is %d", slider.Value())
		}
	}
}
