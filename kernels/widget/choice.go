package widget

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// Dropdown chooses one of several options from a list that opens.
type Dropdown struct {
	Name    string   // by which later cells ask for the value; "" = they do not
	Label   string   // what stands before it; "" = Name
	Options []string // at least one; all different
	Default string   // the option at first; "" = the first one
	Look
	chooser
}

// Value returns the chosen option.
func (w *Dropdown) Value() string { return w.now(first(w.Default, w.Options)) }

func (w *Dropdown) describe() (description, error) {
	return w.choice(start("Dropdown", w.Name, w.Label, w.Look, nil), w.Value(), w.Options)
}

// Select chooses one of several options from a list that stays open.
type Select struct {
	Name    string   // by which later cells ask for the value; "" = they do not
	Label   string   // what stands before it; "" = Name
	Options []string // at least one; all different
	Default string   // the option at first; "" = the first one
	Rows    int      // how many options are seen at once; 0 = 5
	Look
	chooser
}

// Value returns the chosen option.
func (w *Select) Value() string { return w.now(first(w.Default, w.Options)) }

func (w *Select) describe() (description, error) {
	d := start("Select", w.Name, w.Label, w.Look, nil)
	if w.Rows > 0 {
		d.state["rows"] = w.Rows
	}
	return w.choice(d, w.Value(), w.Options)
}

// RadioButtons chooses one of several options that are all seen.
type RadioButtons struct {
	Name    string   // by which later cells ask for the value; "" = they do not
	Label   string   // what stands before it; "" = Name
	Options []string // at least one; all different
	Default string   // the option at first; "" = the first one
	Look
	chooser
}

// Value returns the chosen option.
func (w *RadioButtons) Value() string { return w.now(first(w.Default, w.Options)) }

func (w *RadioButtons) describe() (description, error) {
	return w.choice(start("RadioButtons", w.Name, w.Label, w.Look, nil), w.Value(), w.Options)
}

// ToggleButtons chooses one of several options by buttons, of which one is pressed.
type ToggleButtons struct {
	Name    string   // by which later cells ask for the value; "" = they do not
	Label   string   // what stands before it; "" = Name
	Options []string // at least one; all different
	Default string   // the option at first; "" = the first one
	Look
	chooser
}

// Value returns the chosen option.
func (w *ToggleButtons) Value() string { return w.now(first(w.Default, w.Options)) }

func (w *ToggleButtons) describe() (description, error) {
	return w.choice(start("ToggleButtons", w.Name, w.Label, w.Look, nil), w.Value(), w.Options)
}

// SelectMultiple chooses any number of options.
type SelectMultiple struct {
	Name    string   // by which later cells ask for the value; "" = they do not
	Label   string   // what stands before it; "" = Name
	Options []string // at least one; all different
	Default []string // the options at first; nil = none
	Rows    int      // how many options are seen at once; 0 = 5
	Look
	control[[]string]
}

// Value returns the chosen options.
func (w *SelectMultiple) Value() []string { return slices.Clone(w.now(w.Default)) }

func (w *SelectMultiple) describe() (description, error) {
	d := start("SelectMultiple", w.Name, w.Label, w.Look, nil)
	if w.Rows > 0 {
		d.state["rows"] = w.Rows
	}
	options, err := optionsOf(&d, w.Options)
	if err != nil {
		return d, err
	}
	codec := codec[[]string]{
		key: "index",
		check: func(chosen []string) error {
			for i, v := range chosen {
				if !slices.Contains(options, v) || slices.Contains(chosen[:i], v) {
					return wrong(d.class, d.about.Name, "%q is none of the options, or chosen twice", v)
				}
			}
			return nil
		},
		encode: func(chosen []string) any {
			at := make([]int, len(chosen)) // an empty list, not null
			for i, v := range chosen {
				at[i] = slices.Index(options, v)
			}
			return at
		},
		decode: func(v any) ([]string, error) {
			at, err := as[[]int](v)
			chosen := make([]string, len(at))
			for i := range at {
				if at[i] < 0 || at[i] >= len(options) {
					return nil, fmt.Errorf("there is no option %d", at[i])
				}
				chosen[i] = options[at[i]]
			}
			return chosen, err
		},
	}
	return w.described(d, w.Value(), codec, link.Rule{Type: link.RuleIndices})
}

// first returns the default of a choice.
func first(v string, options []string) string {
	if v == "" && len(options) > 0 && !slices.Contains(options, "") {
		return options[0]
	}
	return v
}

// optionsOf checks the options, and puts a copy of them into the description.
func optionsOf(d *description, options []string) ([]string, error) {
	if len(options) == 0 {
		return nil, wrong(d.class, d.about.Name, "it has no Options")
	}
	for i, option := range options {
		if slices.Contains(options[:i], option) {
			return nil, wrong(d.class, d.about.Name, "the option %q is there twice", option)
		}
	}
	options = slices.Clone(options)
	d.state["_options_labels"] = options
	return options, nil
}

// chooser is what widgets for one of several options have in common.
type chooser struct {
	control[string]
	about description // without the state
}

// SetOptions changes the options of a widget that is shown, and which of them is chosen; "" = the first one.
func (c *chooser) SetOptions(options []string, chosen string) error {
	c.mu.Lock()
	d := c.about
	c.mu.Unlock()
	d.state = map[string]any{}
	options, err := optionsOf(&d, options)
	if err != nil {
		return err
	}
	chosen = first(chosen, options)
	codec := choiceOf(d, options)
	if err := codec.check(chosen); err != nil {
		return err
	}
	d.state["index"] = codec.encode(chosen)
	if err := c.send(d.state); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.codec, c.value, c.set = codec, chosen, true
	return nil
}

// choice completes the description.
func (c *chooser) choice(d description, v string, options []string) (description, error) {
	options, err := optionsOf(&d, options)
	if err != nil {
		return d, err
	}
	c.mu.Lock()
	c.about = d
	c.mu.Unlock()
	return c.described(d, v, choiceOf(d, options), link.Rule{Type: link.RuleIndex})
}

// choiceOf is the codec of one of several options.
func choiceOf(d description, options []string) codec[string] {
	return codec[string]{
		key: "index",
		check: func(v string) error {
			if !slices.Contains(options, v) {
				return wrong(d.class, d.about.Name, "%q is none of the options %q", v, options)
			}
			return nil
		},
		encode: func(v string) any { return slices.Index(options, v) },
		decode: func(v any) (string, error) {
			n, ok := v.(json.Number)
			at, err := n.Int64()
			if !ok || err != nil || at < 0 || at >= int64(len(options)) {
				return "", fmt.Errorf("there is no option %v", v)
			}
			return options[at], nil
		},
	}
}
