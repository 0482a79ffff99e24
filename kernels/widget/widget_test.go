package widget_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/link"
	"github.com/go-siamese/lab/kernels/widget"
)

// show shows widgets and returns the states with which the named ones were opened, by their model's name.
func show(t *testing.T, f *front, ws ...widget.Widget) map[string]map[string]any {
	t.Helper()
	f.heard()
	if err := widget.Show(t.Context(), ws...); err != nil {
		t.Fatal(err)
	}
	states := map[string]map[string]any{}
	for _, s := range f.heard() {
		if s.Kind == "comm_open" {
			state := s.Content["data"].(map[string]any)["state"].(map[string]any)
			states[state["_model_name"].(string)] = state
		}
	}
	return states
}

// TestDefaults: a widget without settings is what Python's class without settings is, but where a comment says otherwise.
func TestDefaults(t *testing.T) {
	raw, err := os.ReadFile("states.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded map[string]map[string]any
	if err := json.Unmarshal(raw, &recorded); err != nil {
		t.Fatal(err)
	}
	f := newFront(t, false)
	options := []string{"a", "b"}
	for class, c := range map[string]struct {
		w      widget.Widget
		differ map[string]any
	}{
		"IntSlider":        {&widget.IntSlider{}, nil},
		"FloatSlider":      {&widget.FloatSlider{}, nil},
		"FloatLogSlider":   {&widget.FloatLogSlider{}, nil},
		"IntRangeSlider":   {&widget.IntRangeSlider{}, map[string]any{"value": []any{0.0, 100.0}}}, // all of it, not half
		"FloatRangeSlider": {&widget.FloatRangeSlider{}, map[string]any{"value": []any{0.0, 100.0}}},
		"IntText":          {&widget.IntText{}, nil},
		"FloatText":        {&widget.FloatText{}, nil},
		"BoundedIntText":   {&widget.BoundedIntText{}, nil},
		"BoundedFloatText": {&widget.BoundedFloatText{}, nil},
		"Checkbox":         {&widget.Checkbox{}, nil},
		"ToggleButton":     {&widget.ToggleButton{}, nil},
		"ToggleButtons":    {&widget.ToggleButtons{Options: options}, nil},
		"Dropdown":         {&widget.Dropdown{Options: options}, nil},
		"Select":           {&widget.Select{Options: options}, nil},
		"RadioButtons":     {&widget.RadioButtons{Options: options}, nil},
		"SelectMultiple":   {&widget.SelectMultiple{Options: options}, nil},
		"Text":             {&widget.Text{}, nil},
		"Textarea":         {&widget.Textarea{}, nil},
		"Button":           {&widget.Button{}, nil},
		"IntProgress":      {&widget.IntProgress{}, nil},
		"FloatProgress":    {&widget.FloatProgress{}, nil},
		"HTML":             {&widget.HTML{}, nil},
		"HBox":             {&widget.HBox{}, nil},
		"VBox":             {&widget.VBox{}, nil},
		"Tab":              {&widget.Tab{}, nil},
		"Accordion":        {&widget.Accordion{}, nil},
		"Output":           {&widget.Output{}, nil},
	} {
		want := recorded[class]
		if _, ok := want["_options_labels"]; ok {
			want["_options_labels"] = []any{"a", "b"}
			if class != "SelectMultiple" {
				want["index"] = 0.0 // Python's class without options has none to choose
			}
		}
		for key, v := range c.differ {
			want[key] = v
		}
		got := show(t, f, c.w)[want["_model_name"].(string)]
		for _, key := range []string{"layout", "style"} {
			delete(got, key)
			delete(want, key)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: ipywidgets -, ours +\n%s", class, diff)
		}
	}
}

// TestMove: a slider's moves reach the program while its cell runs, and a later cell reads the last one.
func TestMove(t *testing.T) {
	f := newFront(t, false)
	s := &widget.IntSlider{Name: "epochs", Min: 1, Max: 50, Default: 10}
	heard := make(chan int, 10)
	s.OnChange(func(n int) { heard <- n })
	show(t, f, s)
	if s.Value() != 10 {
		t.Errorf("at first %d", s.Value())
	}
	if err := f.move(s.ID(), "value", 20); err != nil {
		t.Fatal(err)
	}
	if n := <-heard; n != 20 || s.Value() != 20 {
		t.Errorf("heard %d, value %d", n, s.Value())
	}
	// Refused ones change nothing here, and the page gets 20 back.
	for _, bad := range []any{0, 51, "20", nil, 20.5, true, 1e300} {
		f.heard()
		err := f.move(s.ID(), "value", bad)
		last := f.heard()
		back := last[len(last)-1].Content["data"].(map[string]any)
		if err == nil || back["method"] != "update" || back["state"].(map[string]any)["value"] != 20.0 {
			t.Errorf("%v: error %v, then %+v", bad, err, back)
		}
	}
	if err := f.move(s.ID(), "max", 500); err == nil {
		t.Error("the browser changed the range")
	}
	// The program's own value is not heard, and is checked as well.
	if err := s.Set(51); err == nil || s.Value() != 20 {
		t.Errorf("Set(51): error %v, value %d", err, s.Value())
	}
	if err := s.Set(30); err != nil || s.Value() != 30 {
		t.Errorf("Set(30): error %v, value %d", err, s.Value())
	}
	id := s.ID()
	f.next("later")
	// Moved while no cell runs.
	if err := f.move(id, "value", 44); err != nil {
		t.Fatal(err)
	}
	if n, err := widget.Value[int]("epochs"); n != 44 || err != nil {
		t.Errorf("later cell: %d, %v", n, err)
	}
	if n, err := widget.Value[float64](id); n != 44 || err != nil {
		t.Errorf("by its id: %v, %v", n, err)
	}
	if _, err := widget.Value[string]("epochs"); err == nil {
		t.Error("a number was read as text")
	}
	var none *widget.NoWidgetError
	if _, err := widget.Value[int]("epoch"); !errors.As(err, &none) || none.Name != "epoch" ||
		!slices.Equal(none.Names, []string{"epochs"}) {
		t.Errorf("unknown name: %v", err)
	}
	if top, err := widget.State[int]("epochs", "max"); top != 50 || err != nil {
		t.Errorf("max: %d, %v", top, err)
	}
	select {
	case n := <-heard:
		t.Errorf("heard %d", n)
	default:
	}
}

// TestKinds moves each kind of widget and reads it, in the cell and by its name.
func TestKinds(t *testing.T) {
	f := newFront(t, false)
	options := []string{"a", "b", "c"}
	rate := &widget.FloatLogSlider{Name: "rate", Min: 1e-5, Max: 1e-1, Default: 1e-3}
	float := &widget.FloatSlider{Name: "float", Max: 1}
	span := &widget.IntRangeSlider{Name: "span"}
	loss := &widget.Dropdown{Name: "loss", Options: options}
	many := &widget.SelectMultiple{Name: "many", Options: options, Default: []string{"c"}}
	on := &widget.Checkbox{Name: "on"}
	text := &widget.Text{Name: "text", Default: "x"}
	show(t, f, rate, float, span, loss, many, on, text)
	if rate.Value() != 1e-3 || span.Value() != [2]int{0, 100} || loss.Value() != "a" ||
		!slices.Equal(many.Value(), []string{"c"}) || on.Value() || text.Value() != "x" {
		t.Error("defaults", rate.Value(), span.Value(), loss.Value(), many.Value(), on.Value(), text.Value())
	}
	for _, bad := range []struct {
		id, key string
		v       any
	}{
		{rate.ID(), "value", 0.2}, {rate.ID(), "value", 0}, {float.ID(), "value", "0.5"}, {span.ID(), "value", []any{2, 1}},
		{span.ID(), "value", []any{1}}, {span.ID(), "value", []any{1, 101}}, {loss.ID(), "index", 3}, {loss.ID(), "index", -1},
		{loss.ID(), "index", nil}, {many.ID(), "index", []any{0, 0}}, {many.ID(), "index", 1}, {on.ID(), "value", 1},
		{text.ID(), "value", 1}, {text.ID(), "value", nil}, {text.ID(), "nothing", 1}, {text.ID(), "disabled", true},
	} {
		if err := f.move(bad.id, bad.key, bad.v); err == nil {
			t.Errorf("%s = %v was taken", bad.key, bad.v)
		}
	}
	for _, move := range []struct {
		id, key string
		v       any
	}{
		// JavaScript's power of 10 may be a little beyond the bound.
		{rate.ID(), "value", 0.10000000000000002}, {float.ID(), "value", 1}, {span.ID(), "value", []any{3, 3}},
		{loss.ID(), "index", 2}, {many.ID(), "index", []any{1, 0}}, {on.ID(), "value", true}, {text.ID(), "value", "<b>\n"},
	} {
		if err := f.move(move.id, move.key, move.v); err != nil {
			t.Error(err)
		}
	}
	eventually(t, "the moves", func() bool { return text.Value() == "<b>\n" })
	if rate.Value() != 0.1 || float.Value() != 1 || span.Value() != [2]int{3, 3} || loss.Value() != "c" ||
		!slices.Equal(many.Value(), []string{"b", "a"}) || !on.Value() {
		t.Error("moved", rate.Value(), float.Value(), span.Value(), loss.Value(), many.Value(), on.Value())
	}
	got := []any{value[float64](t, "rate"), value[float64](t, "float"), value[[2]int](t, "span"), value[string](t, "loss"),
		value[[]string](t, "many"), value[bool](t, "on"), value[string](t, "text")}
	if diff := cmp.Diff([]any{0.1, 1.0, [2]int{3, 3}, "c", []string{"b", "a"}, true, "<b>\n"}, got); diff != "" {
		t.Error(diff)
	}
	if err := many.Set([]string{"a", "a"}); err == nil {
		t.Error("one option twice")
	}
	if err := errors.Join(many.Set(nil), loss.Set("b")); err != nil || value[string](t, "loss") != "b" {
		t.Error(err)
	}
}

func value[T any](t *testing.T, name string) T {
	t.Helper()
	v, err := widget.Value[T](name)
	if err != nil {
		t.Error(err)
	}
	return v
}

// TestWrong: fields that make no sense are said before anything is shown.
func TestWrong(t *testing.T) {
	f := newFront(t, false)
	nan := 0.0
	nan /= nan
	for name, w := range map[string]widget.Widget{
		"range":     &widget.IntSlider{Min: 5, Max: 5},
		"default":   &widget.IntSlider{Max: 5, Default: 6},
		"nan":       &widget.FloatText{Default: nan},
		"large":     &widget.IntText{Default: 1 << 60},
		"log":       &widget.FloatLogSlider{Min: 0, Max: 1},
		"options":   &widget.Dropdown{},
		"twice":     &widget.Select{Options: []string{"a", "a"}},
		"choice":    &widget.RadioButtons{Options: []string{"a"}, Default: "b"},
		"kind":      &widget.Button{Kind: "red"},
		"style":     &widget.IntSlider{Look: widget.Look{Style: widget.Style{BarColor: "red"}}},
		"titles":    &widget.Tab{Titles: []string{"a"}},
		"module":    &widget.Any{},
		"key":       &widget.Any{Module: "x", State: map[string]any{"_esm": 1}},
		"disabled":  &widget.IntProgress{Look: widget.Look{Disabled: true}},
		"in a box":  &widget.HBox{Children: []widget.Widget{&widget.Dropdown{}}},
		"nil child": &widget.HBox{Children: []widget.Widget{nil}},
	} {
		f.heard()
		if err := widget.Show(t.Context(), w); err == nil {
			t.Errorf("%s: no error", name)
		}
		if got := kinds(f.heard()); strings.Contains(got, "display") {
			t.Errorf("%s: %s", name, got)
		}
	}
	same := []widget.Widget{&widget.IntText{Name: "a"}, &widget.Text{Name: "a"}}
	if err := widget.Show(t.Context(), same...); err == nil {
		t.Error("two widgets of one name")
	}
}

// TestButton: clicks are heard, and waited for even if they came before.
func TestButton(t *testing.T) {
	f := newFront(t, false)
	var clicks atomic.Int32
	run, other := &widget.Button{Label: "Run"}, &widget.Button{Label: "Stop"}
	run.OnClick(func() { clicks.Add(1) })
	state := show(t, f, run, other)["ButtonModel"]
	if state["disabled"] != false {
		t.Error("disabled at first")
	}
	short, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if err := widget.Wait(short, run); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without a click: %v", err)
	}
	for range 3 {
		if err := f.click(run.ID()); err != nil {
			t.Fatal(err)
		}
	}
	if err := widget.Wait(t.Context(), other, run); err != nil {
		t.Fatal(err)
	}
	eventually(t, "three clicks", func() bool { return clicks.Load() == 3 })
	id := run.ID()
	f.heard()
	f.next("later")
	eventually(t, "the buttons' end", func() bool {
		disabled, err := widget.State[bool](id, "disabled")
		return disabled && err == nil
	})
}

// TestHeadless: where nobody is there a widget keeps its default and nothing waits.
func TestHeadless(t *testing.T) {
	f := newFront(t, true)
	s, b := &widget.IntSlider{Name: "epochs", Default: 10}, &widget.Button{Label: "Run"}
	if err := widget.Show(t.Context(), s, b); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(widget.Wait(t.Context(), b), widget.Wait(t.Context())); err != nil || s.Value() != 10 {
		t.Errorf("%v, value %d", err, s.Value())
	}
	if got := texts(f.heard()); !slices.Equal(got, []string{"epochs = 10", "[Run]"}) {
		t.Errorf("displays %q", got)
	}
}

// TestNoKernel: outside of the kernel a program runs with the defaults.
func TestNoKernel(t *testing.T) {
	t.Setenv(link.Env, "")
	s := &widget.IntSlider{Name: "epochs", Default: 10}
	if err := errors.Join(widget.Show(t.Context(), s), widget.Wait(t.Context(), s), s.Set(11), s.Close()); err != nil {
		t.Fatal(err)
	}
	if s.Value() != 11 {
		t.Errorf("value %d", s.Value())
	}
	if err := widget.Show(t.Context(), &widget.IntSlider{Min: 3, Max: 2}); err == nil {
		t.Error("a wrong range")
	}
	if _, err := widget.Value[int]("epochs"); !errors.Is(err, link.ErrNoKernel) {
		t.Errorf("error %v", err)
	}
}

// texts are the texts of what was shown, or shown anew.
func texts(all []said) (out []string) {
	for _, s := range all {
		if data, ok := s.Content["data"].(map[string]any); ok && strings.HasSuffix(s.Kind, "display_data") {
			out = append(out, data["text/plain"].(string))
		}
	}
	return out
}

// TestText: what stays in a saved notebook has the values that the next cell reads.
func TestText(t *testing.T) {
	f := newFront(t, false)
	s := &widget.IntSlider{Name: "epochs", Default: 10}
	inner := &widget.Text{Name: "file", Default: "a & <b>"}
	bar := &widget.IntProgress{Label: "items", Max: 3}
	line := &widget.Label{Text: "working"}
	box := &widget.VBox{Children: []widget.Widget{s, &widget.HBox{Children: []widget.Widget{inner, bar}}, line,
		&widget.HTML{Text: "x < 1", Markup: "<b>bold</b> &amp;"}, &widget.Any{Module: "m", Text: "a plot"}}}
	if err := widget.Show(t.Context(), box); err != nil {
		t.Fatal(err)
	}
	want := "epochs = 10\nfile = \"a & <b>\"\nitems = 0\nworking\nx < 1bold &\na plot"
	if got := texts(f.heard()); !slices.Equal(got, []string{want}) {
		t.Errorf("displays %q", got)
	}
	if err := errors.Join(bar.Set(3), line.Set("done"), f.End(nil)); err != nil {
		t.Fatal(err)
	}
	want = strings.NewReplacer("items = 0", "items = 3", "working", "done").Replace(want)
	if got := texts(f.heard()); !slices.Equal(got, []string{want}) {
		t.Errorf("after the cell %q", got)
	}
	id := s.ID()
	f.next("later")
	if err := f.move(id, "value", 20); err != nil {
		t.Fatal(err)
	}
	if got := texts(f.heard()); len(got) != 0 {
		t.Errorf("while it is moved %q", got)
	}
	f.next("third")
	if got := texts(f.heard()); !slices.Equal(got, []string{strings.Replace(want, "10", "20", 1)}) {
		t.Errorf("at the next cell %q", got)
	}
}

// TestReplaced: a cell that is executed again has new widgets; another cell takes a name over.
func TestReplaced(t *testing.T) {
	f := newFront(t, false)
	first := &widget.IntSlider{Name: "epochs", Default: 10}
	box := &widget.HBox{Children: []widget.Widget{first, &widget.Label{Text: "x"}}}
	show(t, f, box)
	id, boxID := first.ID(), box.ID()
	f.next("other")
	f.heard()
	second := &widget.IntSlider{Name: "epochs", Default: 5}
	if err := widget.Show(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if got := f.heard(); got[len(got)-1].Kind != "display_data" || !closes(got, id) {
		t.Errorf("said %s", kinds(got))
	}
	if n := value[int](t, "epochs"); n != 5 {
		t.Errorf("value %d", n)
	}
	// The box has it no more: a page that is loaded anew would look for it.
	if left := value2[[]string](t, boxID, "children"); len(left) != 1 || left[0] == "IPY_MODEL_"+id {
		t.Errorf("left %q", left)
	}
	f.next("cell") // again
	if got := f.heard(); !closes(got, boxID) {
		t.Errorf("said %s", kinds(got))
	}
	if got := f.Info("jupyter.widget"); len(got) != 3 {
		t.Errorf("%d widgets are left", len(got))
	}
}

func value2[T any](t *testing.T, name, key string) T {
	t.Helper()
	v, err := widget.State[T](name, key)
	if err != nil {
		t.Error(err)
	}
	return v
}

// closes reports whether a widget was closed.
func closes(all []said, id string) bool {
	return slices.ContainsFunc(all, func(s said) bool { return s.Kind == "comm_close" && s.Content["comm_id"] == id })
}

// TestChanged changes widgets that are shown; before that there is nothing to change.
func TestChanged(t *testing.T) {
	f := newFront(t, false)
	runs := &widget.Dropdown{Name: "runs", Options: []string{"a", "b"}}
	s, b, bar := &widget.IntSlider{Name: "n"}, &widget.Button{}, &widget.IntProgress{}
	row := &widget.HBox{Children: []widget.Widget{runs}}
	plot := &widget.Any{Module: "m", State: map[string]any{"x": 1}}
	for name, err := range map[string]error{"options": runs.SetOptions([]string{"c"}, ""), "slider": s.SetDisabled(true),
		"button": b.SetDisabled(true), "children": row.SetChildren(t.Context(), b), "message": plot.Send(1)} {
		if err == nil {
			t.Errorf("%s before it is shown: no error", name)
		}
	}
	if err := errors.Join(s.Set(7), runs.Set("b"), plot.Set(map[string]any{"x": 2})); err != nil {
		t.Fatal(err)
	}
	show(t, f, s, bar, row, plot)
	if n := value[int](t, "n"); n != 7 || value[string](t, "runs") != "b" || value2[int](t, plot.ID(), "x") != 2 {
		t.Errorf("set before it was shown: %d, %q", n, runs.Value())
	}
	if err := errors.Join(s.SetDisabled(true), row.SetChildren(t.Context(), runs, b), b.SetDisabled(true)); err != nil {
		t.Fatal(err)
	}
	if !value2[bool](t, "n", "disabled") || !value2[bool](t, b.ID(), "disabled") ||
		len(value2[[]string](t, row.ID(), "children")) != 2 {
		t.Error("nothing changed")
	}
	if err := bar.SetDisabled(true); err == nil {
		t.Error("a bar was disabled")
	}
	for _, bad := range [][]string{nil, {"x", "x"}} {
		if err := runs.SetOptions(bad, ""); err == nil {
			t.Errorf("options %q", bad)
		}
	}
	if err := runs.SetOptions([]string{"x", "y", "z"}, "q"); err == nil || runs.Value() != "b" {
		t.Errorf("chosen of no option: %v, value %q", err, runs.Value())
	}
	if err := runs.SetOptions([]string{"x", "y", "z"}, "y"); err != nil || runs.Value() != "y" || value[string](t, "runs") != "y" {
		t.Errorf("%v, value %q", err, runs.Value())
	}
	if err := f.move(runs.ID(), "index", 2); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the choice", func() bool { return runs.Value() == "z" })
}

// TestShowID: a cell shows a widget that another process has opened and goes on hearing.
func TestShowID(t *testing.T) {
	f := newFront(t, false)
	s := &widget.IntSlider{Name: "epochs", Default: 3}
	if err := widget.Open(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if got := kinds(f.heard()); got != "[comm_open comm_open comm_open]" {
		t.Errorf("said %s", got)
	}
	other := f.socket + "b" // another process
	if err := os.Symlink(f.socket, other); err != nil {
		t.Fatal(err)
	}
	t.Setenv(link.Env, other)
	if err := errors.Join(widget.ShowID(t.Context(), s.ID()), widget.ShowID(t.Context(), "epochs")); err != nil {
		t.Fatal(err)
	}
	if got := texts(f.heard()); !slices.Equal(got, []string{"epochs = 3", "epochs = 3"}) {
		t.Errorf("shown %q", got)
	}
	if err := f.move(s.ID(), "value", 4); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the move", func() bool { return s.Value() == 4 })
	var none *widget.NoWidgetError
	if err := widget.ShowID(t.Context(), "none"); !errors.As(err, &none) {
		t.Errorf("error %v", err)
	}
}

// TestClosed: a widget that the browser closed says so.
func TestClosed(t *testing.T) {
	f := newFront(t, false)
	s := &widget.IntSlider{Name: "epochs"}
	show(t, f, s)
	body, _ := json.Marshal(map[string]any{"comm_id": s.ID(), "data": map[string]any{}})
	if err := f.FromFront(nil, "comm_close", body, nil, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "its end", func() bool { return s.Set(3) != nil })
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestOnClose: the program hears that a widget was closed by another execution of its cell, and not that it did so itself.
func TestOnClose(t *testing.T) {
	f := newFront(t, false)
	closed := make(chan string, 3)
	widgets := map[string]*widget.Any{}
	for _, name := range []string{"own", "other"} {
		w := &widget.Any{Name: name, Module: "m"}
		w.OnClose(func() { closed <- name })
		show(t, f, w)
		widgets[name] = w
	}
	if err := widgets["own"].Close(); err != nil {
		t.Fatal(err)
	}
	// The cell runs again; this program stays, as a session's worker does.
	if err := errors.Join(f.End(nil), f.Begin(nil, "cell", false)); err != nil {
		t.Fatal(err)
	}
	if got := <-closed; got != "other" {
		t.Errorf("%s was closed", got)
	}
	if err := widgets["other"].Close(); err != nil || len(closed) > 0 {
		t.Errorf("closed again: %v, %d", err, len(closed))
	}
}

// TestAny keeps values alike on both sides, binary ones as they are.
func TestAny(t *testing.T) {
	f := newFront(t, false)
	w := &widget.Any{Name: "plot", Module: "m", State: map[string]any{"zoom": 1, "points": []byte{1, 2}, "any": nil,
		"value": "a", "tree": map[string]any{"x": []any{[]byte{7}, "t"}}}}
	keys := make(chan string, 10)
	w.OnChange(func(key string) { keys <- key })
	messages := make(chan [][]byte, 1)
	w.OnMessage(func(_ json.RawMessage, buffers [][]byte) { messages <- buffers })
	show(t, f, w)
	err := f.send(w.ID(), map[string]any{"method": "update", "state": map[string]any{"zoom": 2.5},
		"buffer_paths": []any{[]any{"points"}}}, []byte{3, 4, 5})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{<-keys, <-keys}
	slices.Sort(got)
	if !slices.Equal(got, []string{"points", "zoom"}) {
		t.Errorf("changed %q", got)
	}
	var points []byte
	var zoom float64
	if err := errors.Join(w.Get("points", &points), w.Get("zoom", &zoom)); err != nil || zoom != 2.5 ||
		!slices.Equal(points, []byte{3, 4, 5}) {
		t.Errorf("%v: %v, %v", err, points, zoom)
	}
	// Other types are refused, and so are values that it does not have.
	for key, bad := range map[string]any{"zoom": "2", "points": "AAAA", "value": 1, "other": 1, "_esm": "evil"} {
		if err := f.move(w.ID(), key, bad); err == nil {
			t.Errorf("%s = %v was taken", key, bad)
		}
	}
	err = f.send(w.ID(), map[string]any{"method": "update", "state": map[string]any{"tree": map[string]any{"y": []any{nil}}},
		"buffer_paths": []any{[]any{"tree", "y", 0}}}, []byte{9})
	if err != nil {
		t.Fatal(err)
	}
	<-keys
	var tree any
	if err := w.Get("tree", &tree); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(any(map[string]any{"y": []any{[]byte{9}}}), tree); diff != "" {
		t.Error(diff)
	}
	if err := f.send(w.ID(), map[string]any{"method": "custom", "content": 1}, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if got := <-messages; len(got) != 1 || string(got[0]) != "hello" {
		t.Errorf("message %q", got)
	}
	if b := value2[[]byte](t, "plot", "points"); !slices.Equal(b, []byte{3, 4, 5}) {
		t.Errorf("by its name %v", b)
	}
	if v := value[string](t, "plot"); v != "a" {
		t.Errorf("value %q", v)
	}
	if err := w.Get("points", &zoom); err == nil {
		t.Error("bytes were read as a number")
	}
	if err := w.Set(map[string]any{"none": 1}); err == nil {
		t.Error("a key that it does not have was set")
	}
}

// TestOften: a program may set a value as often as it likes; few messages go out, the last one among them.
func TestOften(t *testing.T) {
	f := newFront(t, false)
	bar := &widget.IntProgress{Max: 5000}
	show(t, f, bar)
	start := time.Now()
	for n := range 5001 {
		if err := bar.Set(n); err != nil {
			t.Fatal(err)
		}
	}
	most := int(time.Since(start)/(33*time.Millisecond)) + 3
	if err := f.End(nil); err != nil {
		t.Fatal(err)
	}
	all := f.heard()
	var last any
	updates := 0
	for _, s := range all {
		if s.Kind == "comm_msg" {
			updates++
			last = s.Content["data"].(map[string]any)["state"].(map[string]any)["value"]
		}
	}
	if updates > most || last != 5000.0 {
		t.Errorf("%d updates in %v, the last one %v", updates, time.Since(start), last)
	}
}

// TestEnded: a script takes the state that it has for the end of its program; a key or a type that it has not is refused.
func TestEnded(t *testing.T) {
	f := newFront(t, false)
	a := &widget.Any{Module: "export default {}", State: map[string]any{"alive": true, "n": 1}, Ended: map[string]any{"alive": false}}
	if err := widget.Open(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	f.heard()
	f.next("another")
	eventually(t, "the state of the end", func() bool {
		for _, s := range f.heard() {
			data, _ := s.Content["data"].(map[string]any)
			state, _ := data["state"].(map[string]any)
			if s.Kind == "comm_msg" && state["alive"] == false && s.Content["comm_id"] == a.ID() {
				return true
			}
		}
		return false
	})
	for _, ended := range []map[string]any{{"other": true}, {"n": "one"}} {
		b := &widget.Any{Module: "x", State: map[string]any{"alive": true, "n": 1}, Ended: ended}
		if err := widget.Open(t.Context(), b); err == nil {
			t.Errorf("%v is accepted", ended)
		}
	}
}

// TestSessionWidgets: a process without a cell finds the kernel that its own variable names, and changes what a cell has
// shown.
func TestSessionWidgets(t *testing.T) {
	f := newFront(t, false)
	t.Setenv(link.Env, "")
	if nobody, err := widget.Nobody(t.Context()); !nobody || err != nil {
		t.Errorf("without a kernel: %v %v", nobody, err)
	}
	t.Setenv(link.SessionEnv, f.socket)
	if nobody, err := widget.Nobody(t.Context()); nobody || err != nil {
		t.Errorf("with a kernel: %v %v", nobody, err)
	}
	if err := widget.Redisplay(t.Context(), "d", map[string]any{"text/plain": "later"}); err != nil {
		t.Fatal(err)
	}
	if got := texts(f.heard()); !slices.Equal(got, []string{"later"}) {
		t.Errorf("shown %q", got)
	}
}
