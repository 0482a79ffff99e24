package widget

import (
	"html"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// Text is a field for one line of text.
type Text struct {
	Name        string // by which later cells ask for the value; "" = they do not
	Label       string // what stands before it; "" = Name
	Default     string // the text at first
	Placeholder string // what stands in it, greyed, while it is empty
	Lazy        bool   // a change counts when the user leaves the field or presses Enter, not at every key
	Look
	control[string]
}

// Value returns the text as it is now.
func (w *Text) Value() string { return w.now(w.Default) }

func (w *Text) describe() (description, error) {
	return text(&w.control, start("Text", w.Name, w.Label, w.Look, nil), w.Value(), w.Placeholder, w.Lazy)
}

// Textarea is a field for several lines of text.
type Textarea struct {
	Name        string // by which later cells ask for the value; "" = they do not
	Label       string // what stands before it; "" = Name
	Default     string // the text at first
	Placeholder string // what stands in it, greyed, while it is empty
	Rows        int    // its height; 0 = the page's own
	Lazy        bool   // a change counts when the user leaves the field, not at every key
	Look
	control[string]
}

// Value returns the text as it is now.
func (w *Textarea) Value() string { return w.now(w.Default) }

func (w *Textarea) describe() (description, error) {
	d := start("Textarea", w.Name, w.Label, w.Look, nil)
	if w.Rows > 0 {
		d.state["rows"] = w.Rows
	}
	return text(&w.control, d, w.Value(), w.Placeholder, w.Lazy)
}

// text completes the description of a field for text.
func text(c *control[string], d description, v, placeholder string, lazy bool) (description, error) {
	if placeholder != "" {
		d.state["placeholder"] = placeholder
	}
	if lazy {
		d.state["continuous_update"] = false
	}
	return c.described(d, v, plain("value", free[string]), link.Rule{Type: link.RuleText})
}

// Label is text on the page that the program may change. It is shown as it is: unlike that of ipywidgets, which makes
// formulas of what stands between two dollar signs, it may be of any source.
type Label struct {
	Text string // at first
	Look
	control[string]
}

// Value returns the text as it is now.
func (w *Label) Value() string { return w.now(w.Text) }

func (w *Label) describe() (description, error) {
	escaped := codec[string]{"value", free[string], func(v string) any { return html.EscapeString(v) },
		func(v any) (string, error) {
			text, err := as[string](v)
			return html.UnescapeString(text), err
		}}
	d, err := w.described(start("HTML", "", "", w.Look, nil), w.Value(), escaped, link.Rule{})
	return fixed(d), err
}

// HTML is formatted text on the page that the program may change.
type HTML struct {
	Text   string // shown as it is: what it has of markup is escaped
	Markup string // HTML to be shown behind Text; nothing of a stranger's may be in it
	Look
	control[string]
}

// Value returns the HTML as it is now.
func (w *HTML) Value() string { return w.now(html.EscapeString(w.Text) + w.Markup) }

// Set changes the text; what it has of markup is escaped.
func (w *HTML) Set(text string) error { return w.control.Set(html.EscapeString(text)) }

// SetMarkup changes the HTML; nothing of a stranger's may be in it.
func (w *HTML) SetMarkup(markup string) error { return w.control.Set(markup) }

func (w *HTML) describe() (description, error) {
	d, err := w.described(start("HTML", "", "", w.Look, nil), w.Value(), plain("value", free[string]), link.Rule{})
	return fixed(d), err
}

// fixed makes the value one that only the program changes, and that is no value for later cells.
func fixed(d description) description {
	d.about.Rules, d.about.Value = nil, ""
	return d
}

// free allows every value.
func free[T any](T) error { return nil }
