package link

import (
	"encoding/json"
	"strings"
)

// Widget is what the kernel is told of a widget beside the state that Jupyter knows. It travels in the metadata of
// [KindCommOpen] as "widget", and stays in the kernel.
type Widget struct {
	Name  string          `json:"name,omitempty"`  // by which later cells ask for it; "" = they do not
	Value string          `json:"value,omitempty"` // the key of the state that is the widget's value; "" = it has none
	Rules map[string]Rule `json:"rules,omitempty"` // what the browser may change, by key of the state
	Text  string          `json:"text,omitempty"`  // what stands for it in a saved notebook where no value does
	// Ended are parts of its state that it takes when its program has ended; nil = none. Numbers are float64.
	Ended map[string]any `json:"ended,omitempty"`
}

// Types of a [Rule].
const (
	RuleInt     = "int"     // a whole number
	RuleFloat   = "float"   // a finite number
	RuleBool    = "bool"    //
	RuleText    = "text"    //
	RuleIndex   = "index"   // a place in the state's list _options_labels
	RuleIndices = "indices" // different places in that list
	RuleInts    = "ints"    // two whole numbers, the second not below the first
	RuleFloats  = "floats"  // two finite numbers, the second not below the first
	RuleBytes   = "bytes"   // a binary buffer
	RuleJSON    = "json"    // anything, with binary buffers in it or not
)

// Rule says which values of a key the browser may send.
type Rule struct {
	Type string   `json:"type"`
	Min  *float64 `json:"min,omitempty"` // of numbers; nil = no bound
	Max  *float64 `json:"max,omitempty"`
	None bool     `json:"none,omitempty"` // null is a value too
}

// Ask is the body of a question of [KindState]: what the kernel knows of a widget.
type Ask struct {
	Widget string `json:"widget"`         // its name or its id
	Key    string `json:"key,omitempty"`  // of its state; "" = its value
	Show   bool   `json:"show,omitempty"` // it is about to be shown, with its id as that of the display
}

// Known is the body of the answers to [KindState] and [KindCommOpen]. A binary value is the message's one buffer.
type Known struct {
	ID       string          `json:"id,omitempty"`    // "" = there is no such widget
	Value    json.RawMessage `json:"value,omitempty"` // a chosen option is its label; nil = it has none, or it is binary
	Text     string          `json:"text,omitempty"`  // its value and those of the widgets in it, a line for each
	Names    []string        `json:"names,omitempty"` // of all widgets, where there is no such one
	Headless bool            `json:"headless,omitempty"`
}

// OutputsText returns the text that stands for outputs, as a state of JupyterLab's widget Output holds them: what was
// printed, and the text/plain of what was shown.
func OutputsText(outputs []any) string {
	var text strings.Builder
	for _, one := range outputs {
		output, _ := one.(map[string]any)
		if s, ok := output["text"].(string); ok {
			text.WriteString(s)
		}
		data, _ := output["data"].(map[string]any)
		if s, ok := data["text/plain"].(string); ok {
			text.WriteString(s + "\n")
		}
	}
	return strings.TrimRight(text.String(), "\n")
}
