package widgets

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// viewType is the MIME type of a widget's view.
const viewType = "application/vnd.jupyter.widget-view+json"

// reference returns the id of the widget to which a value of a state refers; "" = it refers to none.
func reference(v any) string {
	s, _ := v.(string)
	id, ok := strings.CutPrefix(s, "IPY_MODEL_")
	if !ok {
		return ""
	}
	return id
}

// value returns a widget's value: of options their labels. nil = it has none, or none is chosen.
func (m *Manager) value(w *model) any {
	v := w.state[w.known.Value]
	options := labels(w.state)
	label := func(v any) any {
		n, ok := v.(json.Number)
		at, err := n.Int64()
		if !ok || err != nil || at < 0 || at >= int64(len(options)) {
			return nil
		}
		return options[at]
	}
	if w.known.Value != "index" {
		return v
	}
	list, ok := v.([]any)
	if !ok {
		return label(v)
	}
	chosen := make([]any, len(list))
	for i, at := range list {
		chosen[i] = label(at)
	}
	return chosen
}

// markup finds the tags of HTML.
var markup = regexp.MustCompile(`<[^<>]*>`)

// written returns what a widget of text shows, without its markup; false = it is another kind of widget, or empty.
func written(state map[string]any) (string, bool) {
	if state["_model_name"] == "OutputModel" {
		list, _ := state["outputs"].([]any)
		text := link.OutputsText(list)
		return text, text != ""
	}
	v, _ := state["value"].(string)
	return html.UnescapeString(markup.ReplaceAllString(v, "")), state["_model_name"] == "HTMLModel"
}

// text is what stands for a widget where nothing can be moved: the values and texts of all that are in it, a line for
// each; named = only the values of those with a name.
func (m *Manager) text(w *model, named bool) string {
	var lines []string
	m.lines(w, named, &lines, map[string]bool{})
	return strings.Join(lines, "\n")
}

func (m *Manager) lines(w *model, named bool, lines *[]string, seen map[string]bool) {
	if seen[w.id] {
		return
	}
	seen[w.id] = true
	title := w.known.Name
	if title == "" {
		title = w.known.Text
	}
	written, isText := written(w.state)
	switch {
	case named && (w.known.Name == "" || w.known.Value == ""):
	case isText:
		*lines = append(*lines, written)
	case w.known.Value != "" && title != "":
		*lines = append(*lines, title+" = "+shown(m.value(w)))
	case w.known.Value != "":
		*lines = append(*lines, shown(m.value(w)))
	case title != "":
		*lines = append(*lines, title)
	}
	children, _ := w.state["children"].([]any)
	for _, child := range children {
		if c := m.models[reference(child)]; c != nil {
			m.lines(c, named, lines, seen)
		}
	}
}
