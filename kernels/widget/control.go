package widget

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// control is what widgets with a value have in common. T is the value's type.
type control[T any] struct {
	model
	value T
	set   bool // value was set, by the program or the browser; else it is the default
	hear  []func(T)
	codec codec[T]
}

// codec translates between a value and what the widget's state holds.
type codec[T any] struct {
	key    string // of the state
	check  func(T) error
	encode func(T) any
	decode func(any) (T, error) // of a value as link.Join reads it, which the kernel has checked
}

// now returns the value; otherwise is what it is before anybody set it.
func (c *control[T]) now(otherwise T) T {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.set {
		return c.value
	}
	return otherwise
}

// Set changes the value, on the page too. The functions of OnChange are not called. A value that the user could not
// choose is an error and changes nothing.
func (c *control[T]) Set(v T) error {
	c.mu.Lock()
	translate := c.codec
	c.mu.Unlock()
	if translate.check != nil { // else the widget is not shown yet: Show checks it
		if err := translate.check(v); err != nil {
			return err
		}
	}
	c.mu.Lock()
	before, was := c.value, c.set
	c.value, c.set = v, true
	c.mu.Unlock()
	if translate.encode == nil {
		return nil
	}
	err := c.send(map[string]any{translate.key: translate.encode(v)})
	if errors.Is(err, errNotShown) { // it begins with this value
		return nil
	}
	if err != nil {
		c.mu.Lock()
		c.value, c.set = before, was
		c.mu.Unlock()
	}
	return err
}

// SetDisabled makes the widget one that the user can or cannot change.
func (c *control[T]) SetDisabled(disabled bool) error { return c.disable(disabled) }

// OnChange calls f with the new value when the user has changed it, while the cell runs. Changes that come while f runs
// are one change. Functions of all widgets run one at a time, apart from the cell's own code.
func (c *control[T]) OnChange(f func(value T)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hear = append(c.hear, f)
}

// described completes a description: the value is checked and becomes part of the state, and changes of the browser
// arrive.
func (c *control[T]) described(d description, v T, translate codec[T], rule link.Rule) (description, error) {
	if err := translate.check(v); err != nil {
		return d, err
	}
	d.state[translate.key] = translate.encode(v)
	d.about.Value = translate.key
	d.about.Rules = map[string]link.Rule{translate.key: rule}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.codec = translate
	c.changed = func(key string, raw any) {
		c.mu.Lock()
		translate := c.codec
		c.mu.Unlock()
		if key != translate.key {
			return
		}
		if v, err := translate.decode(raw); err == nil {
			c.take(v)
		}
	}
	return d, nil
}

// take takes over a value of the browser.
func (c *control[T]) take(v T) {
	c.mu.Lock()
	c.value, c.set = v, true
	client, key := c.client, c.codec.key
	c.mu.Unlock()
	client.events.add(&c.model, key, func() {
		c.mu.Lock()
		v, hear := c.value, c.hear
		c.mu.Unlock()
		for _, f := range hear {
			f(v)
		}
	})
}

// as reads a value of a state into a type of Go.
func as[T any](v any) (out T, err error) {
	raw, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	return out, err
}

// plain is the codec of values that a state holds as they are.
func plain[T any](key string, check func(T) error) codec[T] {
	return codec[T]{key, check, func(v T) any { return v }, as[T]}
}

// start starts a description.
func start(class, name, label string, o Look, more map[string]any) description {
	if label == "" {
		label = name
	}
	state := map[string]any{"description": label}
	if o.Disabled {
		state["disabled"] = true
	}
	if o.Tooltip != "" {
		state["tooltip"] = o.Tooltip
	}
	maps.Copy(state, more)
	return description{class: class, state: state, layout: o.Layout, style: o.Style,
		about: link.Widget{Name: name, Text: label}}
}

// wrong is the error of a widget's field.
func wrong(class, name, format string, args ...any) error {
	if name != "" {
		class = fmt.Sprintf("%s %q", class, name)
	}
	return fmt.Errorf("%s: %s", class, fmt.Sprintf(format, args...))
}
