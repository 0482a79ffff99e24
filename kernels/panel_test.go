package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/wire"
)

// panelCell shows a panel. NUMBER is of its runs' seed, so that nothing is known from an earlier test.
const panelCell = `%%
ctx := context.Background()
s, err := session.Connect(ctx)
if err != nil { panic(err) }
items, err := s.Builtin(ctx, 30)
if err != nil { panic(err) }
split, err := items.Split(ctx, session.SplitOptions{Seed: NUMBER})
if err != nil { panic(err) }
cfg := config.Default()
cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch, cfg.BatchPairs = []int{16}, 3, 512, 64
cfg.ValPairs, cfg.Patience = 200, 0
_, _ = split, cfg
`

// panelPage is a front end that keeps the widgets of a kernel.
type panelPage struct {
	*realKernel
	states map[string]map[string]any
	opened []string
	shown  []map[string]any // what was displayed, and put in its place
	said   []wire.Request   // messages of widgets that are no values
}

// take takes over a message.
func (p *panelPage) take(m wire.Request) {
	var c struct {
		ID   string `json:"comm_id"`
		Data json.RawMessage
	}
	if json.Unmarshal(m.Content, &c) != nil {
		return
	}
	switch m.Header.Type {
	case "display_data", "update_display_data":
		var data map[string]any
		if json.Unmarshal(c.Data, &data) == nil {
			p.shown = append(p.shown, data)
		}
	case "comm_open", "comm_msg":
		var d struct {
			Method string
			State  map[string]any
		}
		if json.Unmarshal(c.Data, &d) != nil {
			return
		}
		if d.Method == "custom" {
			p.said = append(p.said, m)
		}
		if m.Header.Type == "comm_open" {
			p.states[c.ID] = map[string]any{}
			p.opened = append(p.opened, c.ID)
		}
		if p.states[c.ID] != nil {
			maps.Copy(p.states[c.ID], d.State)
		}
	case "comm_close":
		delete(p.states, c.ID)
	}
}

// until takes messages until a condition holds.
func (p *panelPage) until(what string, holds func() bool) {
	p.t.Helper()
	timeout := time.After(5 * time.Minute)
	for !holds() {
		select {
		case m := <-p.client.Messages:
			p.take(m)
		case <-timeout:
			p.t.Fatalf("waited five minutes for %s; %v", what, p.brief())
		}
	}
}

// run executes a cell to its end.
func (p *panelPage) run(code string, stdin bool) *outcome {
	p.t.Helper()
	id, o := p.execute(code, stdin), &outcome{}
	timeout := time.After(5 * time.Minute)
	for !o.idle || o.status == "" {
		select {
		case m := <-p.client.Messages:
			p.take(m)
			if m.ParentID() == id {
				p.note(o, m)
			}
		case <-timeout:
			p.t.Fatalf("%q does not end: %+v", code, o)
		}
	}
	if o.status != "ok" {
		p.t.Fatalf("%s: %+v", o.status, o)
	}
	return o
}

// find returns the newest open widget whose state has a value.
func (p *panelPage) find(key string, value any) string {
	for _, id := range slices.Backward(p.opened) {
		if s := p.states[id]; s != nil && s[key] == value {
			return id
		}
	}
	p.t.Fatalf("no widget has %s %v", key, value)
	return ""
}

// script is the state of the newest panel's script.
func (p *panelPage) script() map[string]any {
	for _, id := range slices.Backward(p.opened) {
		if s := p.states[id]; s != nil && s["live"] != nil {
			return s
		}
	}
	return nil
}

// runs are the runs in the script's table.
func (p *panelPage) runs() []map[string]any {
	var out []map[string]any
	list, _ := p.script()["runs"].([]any)
	for _, r := range list {
		out = append(out, r.(map[string]any))
	}
	return out
}

// all reports whether there are n runs, all of a status.
func (p *panelPage) all(n int, status string) func() bool {
	return func() bool {
		runs := p.runs()
		return len(runs) == n && !slices.ContainsFunc(runs, func(r map[string]any) bool { return r["status"] != status })
	}
}

// comm sends a message of a widget.
func (p *panelPage) comm(id string, data map[string]any) {
	p.t.Helper()
	p.send(wire.Shell, "comm_msg", map[string]any{"comm_id": id, "data": data})
}

func (p *panelPage) click(label string) {
	p.comm(p.find("description", label), map[string]any{"method": "custom", "content": map[string]any{"event": "click"}})
}

func (p *panelPage) move(label string, value any) {
	p.comm(p.find("description", label), map[string]any{"method": "update", "state": map[string]any{"value": value},
		"buffer_paths": []any{}})
}

func (p *panelPage) do(what, text string, runs ...any) {
	p.comm(p.find("alive", true), map[string]any{"method": "custom",
		"content": map[string]any{"do": what, "runs": runs, "text": text}})
}

// TestPanel: a panel outlives its cell: settings are checked as they are typed, runs are trained, stopped, gone on with,
// compared, named and kept; a restarted worker is said, and the panel opens again with its runs; headless the same cell
// comes to the same result.
func TestPanel(t *testing.T) {
	t.Parallel()
	p := &panelPage{realKernel: startKernel(t), states: map[string]map[string]any{}}
	code := "import (\n\"context\"\n\"fmt\"\n\"os\"\n\"github.com/go-siamese/lab/siamese/config\"\n" +
		"\"github.com/go-siamese/lab/siamese/session\"\n)\n" + strings.ReplaceAll(panelCell, "NUMBER",
		strconv.FormatInt(time.Now().UnixNano(), 10))
	show := code + "p, err := split.Panel(ctx, cfg, session.PanelOptions{})\nif err != nil { panic(err) }\nfmt.Println(p)\n"
	if o := p.run(show, true); !slices.Contains(o.outputs, "stdout: a panel\n") {
		t.Fatalf("%q", o.outputs)
	}

	// The cell has ended. A setting that cannot be is told at its field, and nothing runs.
	p.move("dropout", 1)
	wrong := func() bool {
		return slices.ContainsFunc(p.opened, func(id string) bool {
			text, _ := p.states[id]["value"].(string)
			return strings.Contains(text, "1 is not in [0, 1)")
		})
	}
	p.until("the message at the field", wrong)
	p.until("the button's end", func() bool { return p.states[p.find("description", "Run")]["disabled"] == true })
	p.move("dropout", .25)
	p.until("the button", func() bool { return p.states[p.find("description", "Run")]["disabled"] == false && !wrong() })
	p.click("Run")
	p.until("a run", p.all(1, "done"))
	first := p.runs()[0]
	if what := first["what"].(string); !strings.Contains(what, "dropout 0.25") {
		t.Errorf("its settings are %q", what)
	}
	metrics, _ := first["metrics"].(map[string]any)
	trained, _ := metrics["map_at_r"].(map[string]any)
	live, _ := p.script()["live"].(map[string]any)
	for _, key := range []string{"loss", "val", "same", "map"} {
		if live[key] == nil {
			t.Errorf("no %s is plotted: %v", key, live)
		}
	}

	// Its threshold is looked at, and another kept.
	cut := func() map[string]any { c, _ := p.script()["cut"].(map[string]any); return c }
	p.until("its threshold", func() bool { return cut()["run"] == first["id"] && cut()["stamp"] != float64(0) })
	if what, _ := cut()["what"].(string); what != "200 pairs of validation items, on which training chose the threshold" ||
		cut()["threshold"] != cut()["own"] {
		t.Errorf("%v", cut())
	}
	p.comm(p.find("alive", true), map[string]any{"method": "custom", "content": map[string]any{"do": "keep", "run": first["id"],
		"side": "val", "moved": .5, "by": "test"}})
	p.until("the kept threshold", func() bool {
		what, _ := p.runs()[0]["what"].(string)
		return cut()["kept"] == .5 && strings.HasPrefix(what, "threshold 0.5000 kept, ")
	})

	// Names, other seeds, a comparison with intervals, and a file.
	p.do("rename", "wide <b>", first["id"])
	p.do("seeds", "", first["id"])
	p.until("other seeds", p.all(4, "done"))
	p.do("compare", "", first["id"], p.runs()[1]["id"])
	p.until("the comparison", func() bool { c, _ := p.script()["compared"].(string); return c != "" })
	if c := p.script()["compared"].(string); !strings.Contains(c, "seed") || !strings.Contains(c, "MAP@R") ||
		strings.Contains(c, "<b> ") || !strings.Contains(c, "&lt;b&gt;") {
		t.Errorf("the comparison is %s", c)
	}
	file := filepath.Join(t.TempDir(), "kept.safetensors")
	p.do("save", file, first["id"])
	p.until("the file", func() bool { _, err := os.Stat(file); return err == nil })
	p.do("delete", "", p.runs()[3]["id"])
	p.until("the deletion", p.all(3, "done"))
	p.until("what stays", func() bool {
		text, _ := p.shown[len(p.shown)-1]["text/html"].(string)
		return strings.Contains(text, "siamese-panel-static") && strings.Contains(text, "&lt;b&gt;") &&
			strings.Contains(text, "image/png") && strings.Contains(text, "settings that differ")
	})

	// A long one is paused, stopped and gone on with.
	p.move("epochs", 4000)
	p.click("Run")
	p.until("its first epoch", func() bool {
		live, _ := p.script()["live"].(map[string]any)
		val, _ := live["val"].([]any)
		return len(p.runs()) == 4 && live["run"] == p.runs()[3]["id"] && len(val) > 0
	})
	p.click("Pause / resume")
	p.until("the pause", func() bool { return p.script()["busy"].(map[string]any)["paused"] == true })
	p.click("Pause / resume")
	p.until("the end of the pause", func() bool { return p.script()["busy"].(map[string]any)["paused"] == false })
	p.click("Stop")
	p.until("the stop", func() bool { return p.runs()[3]["status"] == "stopped" })
	p.do("resume", "", p.runs()[3]["id"])
	p.until("that it goes on", func() bool { return p.runs()[3]["status"] == "running" })

	// The worker is killed in the middle of it.
	p.killed(show, p.script())
	p.until("the panel", func() bool { return p.script()["alive"] == true && len(p.runs()) == 4 })
	if runs := p.runs(); runs[3]["status"] != "stopped" || runs[0]["name"] != "wide <b>" {
		t.Errorf("after the end: %v", runs)
	}

	// A panel belongs to the cell that has shown it last: files without a folder go beside that one's notebook.
	folder := t.TempDir()
	p.run(strings.Replace(show, "ctx := context", fmt.Sprintf("if err := os.Chdir(%q); err != nil { panic(err) }\nctx := context",
		folder), 1), true)
	p.until("the panel of another folder", func() bool { return p.script()["alive"] == true && len(p.runs()) == 4 })
	p.do("save", "beside", first["id"])
	p.until("the file of the other folder", func() bool {
		_, err := os.Stat(filepath.Join(folder, "beside.safetensors"))
		return err == nil
	})

	// Nobody is there: the run that a parameter names, to the same result, with the threshold that was kept.
	o := p.run(code+"p, err := split.Panel(ctx, cfg, session.PanelOptions{Run: \"wide <b>\"})\nif err != nil { panic(err) }\n"+
		"of := p.Report.Methods[len(p.Report.Methods)-1]\nif of.Name != \"trained encoder\" { panic(of.Name) }\n"+
		"m, err := s.Load(ctx, \""+file+"\")\nif err != nil { panic(err) }\n"+
		"fmt.Printf(\"%v %v %v %.4f %v %v\\n\", p.Live, p.Model.Config.Dropout, p, of.Metrics[\"map_at_r\"].Value, "+
		"p.Decisions.Threshold, m.Threshold)\n", false)
	want := fmt.Sprintf("stdout: false 0.25 %v %.4f 0.5 0.5\n", first["note"], trained["value"])
	if got := o.outputs[len(o.outputs)-1]; got != want {
		t.Errorf("headless: %q, want %q", got, want)
	}
}

// status is what the session's worker says of itself.
func (p *panelPage) status() (s struct{ Pid, Explorers int }) {
	p.t.Helper()
	o := p.run("%%\nst, err := lab.Session().Status(context.Background())\nif err != nil { panic(err) }\n"+
		"b, err := json.Marshal(st)\nfmt.Println(string(b), err)\n", true)
	text := strings.TrimSuffix(strings.TrimPrefix(strings.Join(o.outputs, ""), "stdout: "), " <nil>\n")
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		p.t.Fatalf("%v: %q", err, o.outputs)
	}
	return s
}

// killed kills the worker in the middle of what it does, waits until a widget with a state says so, and runs its cell again.
func (p *panelPage) killed(show string, state map[string]any) {
	p.t.Helper()
	if err := syscall.Kill(p.status().Pid, syscall.SIGKILL); err != nil {
		p.t.Fatal(err)
	}
	p.until("the end", func() bool { return state["alive"] == false })
	p.run(show, true)
}

// brief is what the script shows, without itself.
func (p *panelPage) brief() string {
	s := maps.Clone(p.script())
	delete(s, "_esm")
	delete(s, "_css")
	return fmt.Sprintf("%v; %.2000s", s["said"], fmt.Sprint(s))
}
