package widgets

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"
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

// written returns what a label or an HTML widget shows, without its markup.
func written(state map[string]any) (string, bool) {
	v, _ := state["value"].(string)
	switch state["_model_name"] {
	case "LabelModel":
		return v, true
	case "HTMLModel":
		return html.UnescapeString(markup.ReplaceAllString(v, "")), true
	}
	return "", false
}

// text is what stands for a widget where nothing can be moved: the values of all named ones in it, a line for each.
func (m *Manager) text(w *model) string {
	var lines []string
	m.lines(w, &lines, map[string]bool{})
	return strings.Join(lines, "\n")
}

func (m *Manager) lines(w *model, lines *[]string, seen map[string]bool) {
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
			m.lines(c, lines, seen)
		}
	}
}
