package widget

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// markup finds the tags of HTML.
var markup = regexp.MustCompile(`<[^<>]*>`)

// plainText is what stands for a widget outside of the kernel: the values of those in it, a line for each.
func plainText(w Widget) (string, error) {
	d, err := w.describe()
	if err != nil {
		return "", err
	}
	var lines []string
	title := d.about.Name
	if title == "" {
		title = d.about.Text
	}
	switch v, ok := d.state[d.about.Value]; {
	case ok:
		if options, chosen := d.state["_options_labels"].([]string); chosen {
			v = labelsOf(v, options)
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return "", err
		}
		lines = append(lines, fmt.Sprintf("%s = %s", title, raw))
	case d.class == "HTML":
		lines = append(lines, html.UnescapeString(markup.ReplaceAllString(fmt.Sprint(d.state["value"]), "")))
	case d.class == classOutput:
		list, _ := d.state["outputs"].([]any)
		if text := link.OutputsText(list); text != "" {
			lines = append(lines, text)
		}
	case title != "":
		lines = append(lines, title)
	}
	for _, child := range d.children {
		text, err := plainText(child)
		if err != nil {
			return "", err
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n"), nil
}

// labelsOf returns the options at a place or several.
func labelsOf(v any, options []string) any {
	switch v := v.(type) {
	case int:
		return options[v]
	case []int:
		chosen := []string{}
		for _, at := range v {
			chosen = append(chosen, options[at])
		}
		return chosen
	}
	return v
}
