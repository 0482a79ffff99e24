package widget

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// classAny is the class of Any, whose state has keys of its own.
const classAny = "Any"

// Any is a widget whose page is a script of one's own: an ES module by the rules of anywidget,
//
//	export default { render({ model, el }) { … model.get("zoom"); model.set("zoom", 2); model.save_changes(); … } }
//
// The values of State are kept alike on both sides. A value is what JSON can hold, or []byte, which travels as it is and
// is a DataView in the script; []byte may also stand within map[string]any and []any. The browser may change a value,
// not its type: the type is that of the value at first, and nil stands for any.
type Any struct {
	Name   string // by which later cells ask for its values; "" = they do not
	Module string // the script
	CSS    string // the style sheet; "" = none
	State  map[string]any
	Text   string         // what stands for it in a saved notebook, where no script runs; "" = Name
	Ended  map[string]any // values that the State takes when the program has ended, text and bools; nil = none
	Layout Layout
	model
	values   map[string]any // as link.Join reads them
	onChange []func(key string)
	onText   []func(content json.RawMessage, buffers [][]byte)
}

func (w *Any) describe() (description, error) {
	d := description{class: classAny, layout: w.Layout, state: map[string]any{"_esm": w.Module},
		about: link.Widget{Name: w.Name, Text: w.Text, Rules: map[string]link.Rule{}}}
	if w.Module == "" {
		return d, wrong("Any", w.Name, "it has no Module")
	}
	if d.about.Text == "" {
		d.about.Text = w.Name
	}
	if w.CSS != "" {
		d.state["_css"] = w.CSS
	}
	d.state["_anywidget_id"] = "siamese." + w.Name
	all, err := states()
	if err != nil {
		return d, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	values := maps.Clone(w.values) // what was set before it is shown
	if values == nil {
		values = map[string]any{}
	}
	for _, key := range slices.Sorted(maps.Keys(w.State)) {
		if _, own := all[classAny][key]; own || key == "layout" || key == "_css" || key == "" {
			return d, wrong("Any", w.Name, "the key %q of its State is one that widgets use themselves", key)
		}
		v, err := tree(w.State[key])
		if err != nil {
			return d, wrong("Any", w.Name, "%q: %v", key, err)
		}
		d.about.Rules[key] = link.Rule{Type: typeOf(v), None: v == nil}
		if _, set := values[key]; !set {
			values[key] = v
		}
	}
	maps.Copy(d.state, values)
	if _, ok := values["value"]; ok {
		d.about.Value = "value"
	}
	for key, v := range w.Ended {
		if rule, ok := d.about.Rules[key]; !ok || rule.Type != typeOf(v) {
			return d, wrong("Any", w.Name, "Ended: its State has no %q of type %T", key, v)
		}
	}
	d.about.Ended = w.Ended
	w.values = values
	w.changed, w.custom = w.take, w.hear
	return d, nil
}

// tree returns a value as it is after a journey: what JSON makes of it, with binary values as they are.
func tree(v any) (any, error) {
	rest, paths, buffers := link.Split(map[string]any{"v": v})
	raw, err := json.Marshal(map[string]any{"state": rest, "paths": paths})
	if err != nil {
		return nil, err
	}
	var back struct {
		State json.RawMessage `json:"state"`
		Paths [][]any         `json:"paths"`
	}
	if err := link.Decode(raw, &back); err != nil {
		return nil, err
	}
	state, err := link.Join(back.State, back.Paths, buffers)
	return state["v"], err
}

// typeOf returns the type of a rule for values like this one. A whole number may become a broken one: JavaScript has
// one type of both.
func typeOf(v any) string {
	switch v.(type) {
	case json.Number:
		return link.RuleFloat
	case bool:
		return link.RuleBool
	case string:
		return link.RuleText
	case []byte:
		return link.RuleBytes
	}
	return link.RuleJSON
}

// Get puts the value of a key as it is now into what into points to: of a binary value []byte, else whatever
// encoding/json reads it into. A value with binary parts goes into an *any.
func (w *Any) Get(key string, into any) error {
	w.mu.Lock()
	v, ok := w.values[key]
	if !ok { // it is not shown yet
		v, ok = w.State[key]
	}
	w.mu.Unlock()
	if !ok {
		return wrong("Any", w.Name, "its State has no %q", key)
	}
	if b, ok := v.([]byte); ok {
		out, ok := into.(*[]byte)
		if !ok {
			return wrong("Any", w.Name, "%q is binary: it goes into a *[]byte, not a %T", key, into)
		}
		*out = slices.Clone(b)
		return nil
	}
	if out, ok := into.(*any); ok {
		*out = v
		return nil
	}
	if _, paths, _ := link.Split(map[string]any{key: v}); len(paths) > 0 {
		return wrong("Any", w.Name, "%q has binary parts: it goes into an *any, not a %T", key, into)
	}
	raw, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		return wrong("Any", w.Name, "%q: %v", key, err)
	}
	return nil
}

// Set changes values, on the page too. The functions of OnChange are not called.
func (w *Any) Set(change map[string]any) error {
	values := map[string]any{}
	for key, v := range change {
		if _, ok := w.State[key]; !ok {
			return wrong("Any", w.Name, "its State has no %q", key)
		}
		t, err := tree(v)
		if err != nil {
			return wrong("Any", w.Name, "%q: %v", key, err)
		}
		values[key] = t
	}
	w.mu.Lock()
	if w.values == nil {
		w.values = map[string]any{}
	}
	maps.Copy(w.values, values)
	w.mu.Unlock()
	if err := w.send(values); !errors.Is(err, errNotShown) {
		return err
	}
	return nil // it begins with these values
}

// OnChange calls f with the key of a value that the browser has changed, while the cell runs.
func (w *Any) OnChange(f func(key string)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.onChange = append(w.onChange, f)
}

// take takes over a value of the browser.
func (w *Any) take(key string, v any) {
	w.mu.Lock()
	w.values[key] = v
	client := w.client
	w.mu.Unlock()
	client.events.add(&w.model, key, func() {
		w.mu.Lock()
		hear := w.onChange
		w.mu.Unlock()
		for _, f := range hear {
			f(key)
		}
	})
}

// Send sends a message that is no value to the script, which hears it by model.on("msg:custom", …).
func (w *Any) Send(content any, buffers ...[]byte) error {
	c, id, err := w.ready()
	if err != nil || c == nil {
		return err
	}
	raw, err := json.Marshal(map[string]any{"method": "custom", "content": content})
	if err != nil {
		return fmt.Errorf("the message: %w", err)
	}
	_, err = c.ask(context.Background(), link.KindCommMsg, link.Comm{ID: id, Data: raw}, buffers, nil)
	return err
}

// OnMessage calls f with each message that the script sends by model.send(content, undefined, buffers), while the cell
// runs.
func (w *Any) OnMessage(f func(content json.RawMessage, buffers [][]byte)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.onText = append(w.onText, f)
}

// hear hands on a message of the script.
func (w *Any) hear(content json.RawMessage, buffers [][]byte) {
	w.client.events.add(&w.model, "", func() {
		w.mu.Lock()
		hear := w.onText
		w.mu.Unlock()
		for _, f := range hear {
			f(content, buffers)
		}
	})
}
