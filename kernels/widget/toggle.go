package widget

import (
	"encoding/json"
	"slices"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// Checkbox is a box to tick.
type Checkbox struct {
	Name    string // by which later cells ask for the value; "" = they do not
	Label   string // what stands behind it; "" = Name
	Default bool   // whether it is ticked at first
	Look
	control[bool]
}

// Value reports whether it is ticked.
func (w *Checkbox) Value() bool { return w.now(w.Default) }

func (w *Checkbox) describe() (description, error) {
	d := start("Checkbox", w.Name, w.Label, w.Look, nil)
	return w.described(d, w.Value(), plain("value", free[bool]), link.Rule{Type: link.RuleBool})
}

// ToggleButton is a button that stays pressed.
type ToggleButton struct {
	Name    string // by which later cells ask for the value; "" = they do not
	Label   string // what stands on it; "" = Name
	Default bool   // whether it is pressed at first
	Kind    string // "primary", "success", "info", "warning" or "danger"; "" = plain
	Icon    string // name of a Font Awesome icon, such as "check"; "" = none
	Look
	control[bool]
}

// Value reports whether it is pressed.
func (w *ToggleButton) Value() bool { return w.now(w.Default) }

func (w *ToggleButton) describe() (description, error) {
	d := start("ToggleButton", w.Name, w.Label, w.Look, map[string]any{"icon": w.Icon, "button_style": w.Kind})
	if err := checkKind(d.class, w.Name, w.Kind); err != nil {
		return d, err
	}
	return w.described(d, w.Value(), plain("value", free[bool]), link.Rule{Type: link.RuleBool})
}

// Button is a button to click. When its cell has ended nobody hears it, and it is disabled.
type Button struct {
	Label string // what stands on it
	Kind  string // "primary", "success", "info", "warning" or "danger"; "" = plain
	Icon  string // name of a Font Awesome icon, such as "play"; "" = none
	Look
	model
	hear []func()
}

// OnClick calls f at every click, while the cell runs. Functions of all widgets run one at a time, apart from the
// cell's own code.
func (w *Button) OnClick(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hear = append(w.hear, f)
}

func (w *Button) describe() (description, error) {
	d := start("Button", "", w.Label, w.Look, map[string]any{"icon": w.Icon, "button_style": w.Kind})
	d.about.Text = "[" + w.Label + "]"
	w.mu.Lock()
	defer w.mu.Unlock()
	w.custom = func(content json.RawMessage, _ [][]byte) {
		var what struct {
			Event string `json:"event"`
		}
		if json.Unmarshal(content, &what) != nil || what.Event != "click" {
			return
		}
		w.client.events.add(&w.model, "", func() {
			w.mu.Lock()
			hear := w.hear
			w.mu.Unlock()
			for _, f := range hear {
				f()
			}
		})
	}
	return d, checkKind(d.class, w.Label, w.Kind)
}

// SetDisabled makes the button one that can or cannot be clicked.
func (w *Button) SetDisabled(disabled bool) error { return w.disable(disabled) }

// checkKind says that a kind of button or bar is none.
func checkKind(class, name, kind string) error {
	if slices.Contains([]string{"", "primary", "success", "info", "warning", "danger"}, kind) {
		return nil
	}
	return wrong(class, name, "%q is no Kind: it is primary, success, info, warning, danger or empty", kind)
}
