package widget_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/go-siamese/lab/kernels/widget"
)

// TestOutput: what is written into an area is on the page, the end of it where it is much, and stands in a saved notebook.
func TestOutput(t *testing.T) {
	f := newFront(t, false)
	out := &widget.Output{}
	fmt.Fprintln(out, "before <b>")
	if text := out.Show(nil); text == nil {
		t.Error("nothing is shown without an error")
	}
	state := show(t, f, out)["OutputModel"]
	if got := marshal(t, state["outputs"]); got != `[{"name":"stdout","output_type":"stream","text":"before \u003cb\u003e\n"}]` {
		t.Errorf("outputs %s", got)
	}
	if said := fmt.Sprint(f.heard()); said != "[]" {
		t.Errorf("said %s", said)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				fmt.Fprintln(out, strings.Repeat("é", 600))
			}
		})
	}
	all.Wait()
	if err := out.Show(map[string]any{"text/html": "<i>shown</i>", "text/plain": "shown"}); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Write([]byte("after\n")); err != nil {
		t.Fatal(err)
	}
	if err := f.End(nil); err != nil { // all that waits is said
		t.Fatal(err)
	}
	var list []any
	stands := ""
	for _, m := range f.heard() {
		data, _ := m.Content["data"].(map[string]any)
		if change, ok := data["state"].(map[string]any); ok && m.Kind == "comm_msg" {
			list, _ = change["outputs"].([]any)
		} else if m.Kind == "update_display_data" {
			stands, _ = data["text/plain"].(string)
		}
	}
	if len(list) != 3 {
		t.Fatalf("%d outputs", len(list))
	}
	much, _ := list[0].(map[string]any)["text"].(string)
	lines := strings.Split(strings.TrimSuffix(much, "\n"), "\n")
	if len(much) > 65<<10 || !strings.HasPrefix(lines[0], "…") || lines[len(lines)-1] != strings.Repeat("é", 600) ||
		lines[1] != lines[len(lines)-1] {
		t.Errorf("%d bytes, %d lines, the first %q", len(much), len(lines), lines[0])
	}
	if !strings.HasSuffix(stands, "shown\nafter") {
		t.Errorf("in a saved notebook stands %.100q", stands)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := out.Write([]byte("x")); err == nil || n != 0 {
		t.Errorf("a closed area takes text: %d, %v", n, err)
	}
}
