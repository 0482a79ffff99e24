package widget_test

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/widget"
)

// talk is a step of a recorded talk between a front end and ipywidgets: see testdata/record.py.
type talk struct {
	Step  string `json:"step"`
	Code  string `json:"code"`
	Front *said  `json:"front"`
	Said  []said `json:"said"`
}

// names replaces ids by names in the order in which they come up.
type names map[string]string

var idPattern = regexp.MustCompile(`[0-9a-f]{32}`)

func (n names) in(t *testing.T, v any) (out any) {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	raw = idPattern.ReplaceAllFunc(raw, func(id []byte) []byte {
		if _, ok := n[string(id)]; !ok {
			n[string(id)] = "id" + itoa(len(n))
		}
		return []byte(n[string(id)])
	})
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func itoa(n int) string {
	raw, _ := json.Marshal(n)
	return string(raw)
}

// TestTalk does in Go what a recorded talk did in Python, and says to the front end what ipywidgets and anywidget said.
func TestTalk(t *testing.T) {
	raw, err := os.ReadFile("testdata/talk.json")
	if err != nil {
		t.Fatal(err)
	}
	var steps []talk
	if err := json.Unmarshal(raw, &steps); err != nil {
		t.Fatal(err)
	}
	f := newFront(t, false)
	ctx := t.Context()
	slider := &widget.IntSlider{Label: "epochs", Min: 1, Max: 50, Default: 10}
	drop := &widget.Dropdown{Label: "loss", Options: []string{"a", "b", "c"}, Default: "b"}
	button := &widget.Button{Label: "Run", Kind: "primary"}
	plot := &widget.Any{Name: "plot", Module: "export default { render() {} }", CSS: ".plot {}",
		State: map[string]any{"zoom": 1.5, "points": []byte("abc")}}
	output, second := &widget.Output{}, &widget.Output{}
	do := map[string]func() error{
		"slider":     func() error { return widget.Show(ctx, slider) },
		"set":        func() error { return slider.Set(7) },
		"choice":     func() error { return widget.Show(ctx, drop) },
		"button":     func() error { return widget.Show(ctx, button) },
		"plot":       func() error { return widget.Show(ctx, plot) },
		"set points": func() error { return plot.Set(map[string]any{"points": []byte("xyz")}) },
		"send":       func() error { return plot.Send(map[string]any{"hello": 1}, []byte("abc"), []byte("d")) },
		"box": func() error {
			return widget.Show(ctx, &widget.HBox{Children: []widget.Widget{&widget.Label{Text: "x < 1"}},
				Layout: widget.Layout{Width: "50%"}})
		},
		"tab": func() error {
			return widget.Show(ctx, &widget.Tab{Titles: []string{"first"},
				Children: []widget.Widget{&widget.Checkbox{Label: "on", Default: true}}})
		},
		"output": func() error {
			if _, err := output.Write([]byte("a\n")); err != nil {
				return err
			}
			return widget.Show(ctx, output)
		},
		"write": func() error { _, err := output.Write([]byte("b\n")); return err },
		"second output": func() error {
			if err := second.Show(map[string]any{"text/html": "<b>x</b>", "text/plain": "plain"}); err != nil {
				return err
			}
			return widget.Show(ctx, second)
		},
		"clear": second.Clear,
		"close": slider.Close,
	}
	own := names{}
	control := "cccccccccccccccccccccccccccccccc"
	for _, step := range steps {
		if step.Front == nil {
			if err := do[step.Step](); err != nil {
				t.Fatalf("%s: %v", step.Step, err)
			}
		} else {
			content, err := json.Marshal(step.Front.Content)
			if err != nil {
				t.Fatal(err)
			}
			metadata, err := json.Marshal(step.Front.Metadata)
			if err != nil {
				t.Fatal(err)
			}
			// The recorded name of an id stands for our id of the same name.
			for id, name := range own {
				content = regexp.MustCompile(`"`+name+`"`).ReplaceAll(content, []byte(`"`+id+`"`))
			}
			if step.Step == "open control" {
				own[control] = step.Front.Content["comm_id"].(string)
				content = regexp.MustCompile(`"`+own[control]+`"`).ReplaceAll(content, []byte(`"`+control+`"`))
			}
			err = f.FromFront(nil, step.Front.Kind, content, metadata, step.Front.Buffers)
			if (err != nil) != (step.Step == "no number") {
				t.Fatalf("%s: error %v", step.Step, err)
			}
		}
		got, want := f.heard(), step.Said
		switch step.Step {
		case "no number": // ipywidgets prints an error and leaves the page with what is wrong; here the value goes back
			last := got[len(got)-1].Content["data"].(map[string]any)
			if len(got) != 2 || last["method"] != "update" || last["state"].(map[string]any)["value"] != 20.0 {
				t.Fatalf("%s: %+v", step.Step, got)
			}
			got = got[:1]
		case "close": // ipywidgets leaves layout and style open for ever
			if kinds(got) != "[comm_close comm_close comm_close]" {
				t.Fatalf("%s: %s", step.Step, kinds(got))
			}
			got = got[:1]
		}
		for i := range got {
			if data, ok := got[i].Content["data"].(map[string]any); ok && got[i].Kind == "display_data" {
				delete(data, "text/plain")
				delete(got[i].Content["transient"].(map[string]any), "display_id")
				data = data["application/vnd.jupyter.widget-view+json"].(map[string]any)
				delete(data, "version_minor") // anywidget says 1
			}
		}
		for i := range want {
			if data, ok := want[i].Content["data"].(map[string]any); ok && want[i].Kind == "display_data" {
				delete(data["application/vnd.jupyter.widget-view+json"].(map[string]any), "version_minor")
			}
		}
		if len(want) == 0 && len(got) == 0 {
			continue
		}
		wanted := regexp.MustCompile(`__main__\.Plot`).ReplaceAllString(marshal(t, want), "siamese.plot")
		if diff := cmp.Diff(unmarshal(t, wanted), unmarshal(t, marshal(t, own.in(t, got)))); diff != "" {
			t.Errorf("%s (%s): recorded -, ours +\n%s", step.Step, step.Code, diff)
		}
	}
	if len(steps) < 15 {
		t.Errorf("only %d steps", len(steps))
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func unmarshal(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}
