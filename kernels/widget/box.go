package widget

import (
	"context"
	"encoding/json"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// HBox puts widgets side by side.
type HBox struct {
	Children []Widget
	Layout   Layout
	box
}

func (w *HBox) describe() (description, error) {
	return boxed("HBox", w.Layout, w.Children)
}

// VBox puts widgets one below the other.
type VBox struct {
	Children []Widget
	Layout   Layout
	box
}

func (w *VBox) describe() (description, error) {
	return boxed("VBox", w.Layout, w.Children)
}

// box is what boxes have in common.
type box struct{ model }

// SetChildren changes what is in a box that is shown; those that were in it stay open.
func (b *box) SetChildren(ctx context.Context, children ...Widget) error {
	c, err := connect()
	if err != nil {
		return err
	}
	refs := make([]any, len(children))
	for i, child := range children {
		if err := opened(ctx, c, child); err != nil {
			return err
		}
		refs[i] = "IPY_MODEL_" + child.base().ID()
	}
	return b.send(map[string]any{"children": refs})
}

// Tab shows one of several widgets at a time, chosen by tabs.
type Tab struct {
	Children []Widget
	Titles   []string // one for each; nil = none
	Default  int      // which is seen at first, from 0
	Layout   Layout
	control[int]
}

// Value returns which of the widgets is seen, from 0.
func (w *Tab) Value() int { return w.now(w.Default) }

func (w *Tab) describe() (description, error) {
	d, err := boxed("Tab", w.Layout, w.Children)
	if err != nil {
		return d, err
	}
	return pages(&w.control, d, w.Value(), 0, w.Titles)
}

// Accordion shows one of several widgets at a time, or none, below its title.
type Accordion struct {
	Children []Widget
	Titles   []string // one for each; nil = none
	Open     bool     // the first is seen at first; else none is
	Layout   Layout
	control[int]
}

// Value returns which of the widgets is seen, from 0; -1 = none.
func (w *Accordion) Value() int {
	if w.Open {
		return w.now(0)
	}
	return w.now(-1)
}

func (w *Accordion) describe() (description, error) {
	d, err := boxed("Accordion", w.Layout, w.Children)
	if err != nil {
		return d, err
	}
	return pages(&w.control, d, w.Value(), -1, w.Titles)
}

// pages completes the description of a widget that shows one of its children. least is its least value; -1 = none.
func pages(c *control[int], d description, v, least int, titles []string) (description, error) {
	n := len(d.children)
	if titles != nil && len(titles) != n {
		return d, wrong(d.class, "", "%d titles of %d widgets", len(titles), n)
	}
	d.state = map[string]any{"titles": append([]string{}, titles...)}
	low, high := 0.0, float64(max(n-1, 0))
	codec := codec[int]{
		key: "selected_index",
		check: func(v int) error {
			if v < least || v >= max(n, 1) {
				return wrong(d.class, "", "there is no widget %d: it has %d, from 0", v, n)
			}
			return nil
		},
		encode: func(v int) any {
			if v < 0 || n == 0 {
				return nil
			}
			return v
		},
		decode: func(v any) (int, error) {
			if v == nil {
				return -1, nil
			}
			return as[int](v.(json.Number))
		},
	}
	rule := link.Rule{Type: link.RuleInt, Min: &low, Max: &high, None: true}
	d, err := c.described(d, v, codec, rule)
	d.about.Value = "" // which page is seen is of no use to other cells
	return d, err
}

// boxed starts the description of a box. Its children are not nil, even if there are none: other widgets have no list.
func boxed(class string, layout Layout, children []Widget) (description, error) {
	d := description{class: class, layout: layout, children: append([]Widget{}, children...)}
	for i, child := range children {
		if child == nil {
			return d, wrong(class, "", "child %d is nil", i)
		}
	}
	return d, nil
}
