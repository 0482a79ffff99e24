package widget

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// Show shows widgets below the cell, each in a row of its own; [HBox] and the like arrange them otherwise. What is wrong
// with the fields of one, or two of one name in a cell, is an error. A widget of an earlier cell with the same name is
// closed.
//
// Where nobody can move anything (a notebook that is executed without a browser, a program outside of the lab's kernel)
// widgets keep their defaults; outside of the kernel their values are printed, a line for each.
func Show(ctx context.Context, widgets ...Widget) error {
	c, err := connect()
	if err != nil {
		return err
	}
	for _, w := range widgets {
		if err := opened(ctx, c, w); err != nil {
			return err
		}
		if c != nil {
			if err := c.show(ctx, w.base().ID()); err != nil {
				return err
			}
			continue
		}
		text, err := plainText(w)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(os.Stdout, text); err != nil {
			return err
		}
	}
	return nil
}

// Open makes widgets known to the kernel and shows none of them: so a process that outlives the cell keeps widgets that
// the cell shows by [ShowID], and goes on hearing them.
func Open(ctx context.Context, widgets ...Widget) error {
	c, err := connect()
	if err != nil {
		return err
	}
	if c != nil { // the cell must not wait for the end of this connection
		start := link.Start{What: link.WhatSession, Pid: os.Getpid()}
		if _, err := c.ask(ctx, link.KindStart, start, nil, nil); err != nil {
			return err
		}
	}
	for _, w := range widgets {
		if err := opened(ctx, c, w); err != nil {
			return err
		}
	}
	return nil
}

// ShowID shows a widget that another process has opened, by its id or its name. The errors are a [NoWidgetError], and
// link.ErrNoKernel outside of the kernel.
func ShowID(ctx context.Context, id string) error {
	c, err := connect()
	if err != nil {
		return err
	}
	if c == nil {
		return fmt.Errorf("widget %q: %w", id, link.ErrNoKernel)
	}
	return c.show(ctx, id)
}

// show shows a widget of the kernel, by its id or its name.
func (c *client) show(ctx context.Context, widget string) error {
	known, _, err := c.known(ctx, link.Ask{Widget: widget, Show: true})
	if err != nil {
		return err
	}
	if known.ID == "" {
		return &NoWidgetError{widget, known.Names}
	}
	text := known.Text
	if text == "" {
		text = "a widget"
	}
	shown := link.Display{ID: known.ID, Data: map[string]any{
		"text/plain": text,
		"application/vnd.jupyter.widget-view+json": map[string]any{"version_major": 2, "version_minor": 0,
			"model_id": known.ID},
	}}
	_, err = c.ask(ctx, link.KindDisplay, shown, nil, nil)
	return err
}

// Nobody reports whether nobody is there to move anything in the cell that runs now: the notebook is executed without a
// browser, or there is no kernel.
func Nobody(ctx context.Context) (bool, error) {
	c, err := connect()
	if c == nil {
		return true, err
	}
	known, _, err := c.known(ctx, link.Ask{})
	return known.Headless, err
}

// Redisplay puts data, by MIME type, in the place of what cells have shown with an id, also when they have ended. Outside
// of the kernel it does nothing.
func Redisplay(ctx context.Context, id string, data map[string]any) error {
	c, err := connect()
	if c == nil {
		return err
	}
	_, err = c.ask(ctx, link.KindDisplay, link.Display{ID: id, Data: data, Update: true}, nil, nil)
	return err
}

// Wait waits until the user has changed or clicked one of the widgets, or has done so since they were shown or since the
// last Wait for it. The functions of OnChange and OnClick have been called then. Without widgets it waits until ctx is
// done. Where nobody is there it returns at once. Its error is that of ctx, or that of a kernel that has ended.
func Wait(ctx context.Context, widgets ...Widget) error {
	c, err := connect()
	if c == nil {
		return err
	}
	known, _, err := c.known(ctx, link.Ask{})
	if err != nil || known.Headless {
		return err
	}
	models := make([]*model, len(widgets))
	for i, w := range widgets {
		m := w.base()
		if _, _, err := m.ready(); err != nil {
			return err
		}
		models[i] = m
	}
	return c.events.wait(ctx, c.gone, models)
}

// NoWidgetError says that the kernel has no widget of a name.
type NoWidgetError struct {
	Name  string
	Names []string // of the widgets that there are
}

// Error names the widget, and those that there are.
func (e *NoWidgetError) Error() string {
	if len(e.Names) == 0 {
		return fmt.Sprintf("there is no widget %q, and no other: run the cell that shows it", e.Name)
	}
	return fmt.Sprintf("there is no widget %q, only %s: run the cell that shows it", e.Name, strings.Join(e.Names, ", "))
}

// Value returns the value, as it is now, of a widget that this cell or an earlier one has shown, by its name or its id:
//
//	epochs, err := widget.Value[int]("epochs")
//
// T is the type that the widget's own Value returns, or another that encoding/json reads it into. The errors are a
// [NoWidgetError], and those of a value that is not of type T. A widget [Any] has the value of its State's key "value".
func Value[T any](name string) (T, error) { return State[T](name, "") }

// State returns the value of one key of a widget's state: of [Any] those that its State has, of others as Jupyter's
// protocol calls them ("min", "disabled"). It is as [Value] otherwise.
func State[T any](name, key string) (T, error) {
	var value T
	c, err := connect()
	if err == nil && c == nil {
		err = link.ErrNoKernel
	}
	if err != nil {
		return value, fmt.Errorf("widget %q: %w", name, err)
	}
	known, binary, err := c.known(context.Background(), link.Ask{Widget: name, Key: key})
	if err != nil {
		return value, fmt.Errorf("widget %q: %w", name, err)
	}
	if known.ID == "" {
		return value, &NoWidgetError{name, known.Names}
	}
	if len(binary) > 0 {
		out, ok := any(&value).(*[]byte)
		if !ok {
			return value, fmt.Errorf("widget %q: its value is binary, a []byte and no %T", name, value)
		}
		*out = binary[0]
		return value, nil
	}
	if len(known.Value) == 0 || string(known.Value) == "null" {
		return value, fmt.Errorf("widget %q: it has no value", name)
	}
	if err := json.Unmarshal(known.Value, &value); err != nil {
		return value, fmt.Errorf("widget %q: its value %s is no %T", name, known.Value, value)
	}
	return value, nil
}

// known asks the kernel about a widget.
func (c *client) known(ctx context.Context, ask link.Ask) (known link.Known, binary [][]byte, err error) {
	answer, err := c.ask(ctx, link.KindState, ask, nil, nil)
	if err != nil {
		return known, nil, err
	}
	return known, answer.Buffers, json.Unmarshal(answer.Body, &known)
}
