package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestElsewhere: the repository's notebooks show all that they have where nothing of theirs is trusted. GitHub strips
// scripts, style sheets, styles of elements and SVG from HTML; nbviewer puts all outputs into one page, drawings
// included; a page of an editor may have no network.
func TestElsewhere(t *testing.T) {
	paths, err := committed(filepath.Join("..", "notebooks"))
	if err != nil {
		t.Fatal(err)
	}
	outputs := 0
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		for _, data := range outputsOf(t, content) {
			outputs++
			for _, fault := range elsewhere(data, ids) {
				t.Errorf("%s: %s", filepath.Base(path), fault)
			}
		}
	}
	if outputs < 100 {
		t.Errorf("only %d outputs", outputs)
	}
}

// TestElsewhereFaults: each rule of TestElsewhere finds what breaks it.
func TestElsewhereFaults(t *testing.T) {
	const table = `<table><caption>MAP@R</caption><tr><td>.5</td></tr></table>`
	for want, data := range map[string]map[string]string{
		"":              {"text/html": table + `<script>more()</script>`, "text/plain": "MAP@R .5"},
		"no text/plain": {"text/html": table},
		"no image/png":  {"image/svg+xml": "<svg></svg>", "text/plain": "curve"},
		"SVG":           {"text/html": `<div><svg><text>.5</text></svg></div>`, "text/plain": "curve"},
		"nothing is":    {"text/html": `<script>draw(".5")</script>`, "text/plain": "curve"},
		"hidden":        {"text/html": table + `<p style="display: none">more</p>`, "text/plain": "curve"},
		"style sheet":   {"text/html": table + `<style>td {color: red}</style>`, "text/plain": "curve"},
		"from the network": {"text/html": table + `<img src="https://example.org/a.png">`,
			"text/plain": "curve"},
		"twice":     {"text/html": table + `<p id="a">1</p><p id="a">2</p>`, "text/plain": "curve"},
		"no output": {"application/x-own+json": "{}", "text/plain": "view"},
	} {
		faults := elsewhere(data, map[string]bool{})
		if want == "" && faults != nil || want != "" && (len(faults) != 1 || !strings.Contains(faults[0], want)) {
			t.Errorf("%q: %q", want, faults)
		}
	}
}

// outputsOf returns what the outputs of a notebook show, by their types.
func outputsOf(t *testing.T, content []byte) []map[string]string {
	t.Helper()
	var nb struct {
		Cells []struct {
			Outputs []struct {
				Data map[string]any
			}
		}
	}
	if err := json.Unmarshal(content, &nb); err != nil {
		t.Fatal(err)
	}
	var all []map[string]string
	for _, cell := range nb.Cells {
		for _, output := range cell.Outputs {
			data := map[string]string{}
			for mime, value := range output.Data {
				if lines, ok := value.([]any); ok { // a text, line by line
					for _, line := range lines {
						data[mime] += fmt.Sprint(line)
					}
					continue
				}
				data[mime] = fmt.Sprint(value)
			}
			if len(data) > 0 {
				all = append(all, data)
			}
		}
	}
	return all
}

// elsewhere returns what an output loses where it is not trusted. ids are those of the page so far.
func elsewhere(data map[string]string, ids map[string]bool) (faults []string) {
	has := func(mime string) bool { return strings.TrimSpace(data[mime]) != "" }
	if !has("text/plain") {
		faults = append(faults, "no text/plain")
	}
	if has("image/svg+xml") && !has("image/png") {
		faults = append(faults, "a drawing and no image/png")
	}
	usual := []string{"text/plain", "text/html", "text/markdown", "image/png", "image/svg+xml", "image/jpeg"}
	for mime := range data {
		if !slices.Contains(usual, mime) && !has("text/html") && !has("image/png") {
			faults = append(faults, "no output but of the type "+mime+" and text")
		}
	}
	if has("image/svg+xml") {
		faults = append(faults, elsewhereOf(data["image/svg+xml"], ids, true)...)
	}
	if has("text/html") {
		faults = append(faults, elsewhereOf(data["text/html"], ids, false)...)
	}
	return faults
}

// elsewhereOf is [elsewhere] of HTML, or of a drawing of its own.
func elsewhereOf(content string, ids map[string]bool, drawing bool) (faults []string) {
	root, err := html.Parse(strings.NewReader(content))
	if err != nil {
		return []string{err.Error()}
	}
	shown := false // anything that is no script
	for n := range root.Descendants() {
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" && n.Parent.Data != "script" {
			shown = true
		}
		if n.Type != html.ElementNode {
			continue
		}
		switch {
		case n.Data == "svg" && !drawing:
			faults = append(faults, "SVG within HTML")
		case n.Data == "style":
			faults = append(faults, "a style sheet")
		case n.Data == "img":
			shown = true
		}
		for _, a := range n.Attr {
			value := strings.ToLower(strings.ReplaceAll(a.Val, " ", ""))
			switch {
			case a.Key == "id" && ids[a.Val]:
				faults = append(faults, "the id "+a.Val+" twice in a page")
			case a.Key == "id":
				ids[a.Val] = true
			case a.Key == "hidden", a.Key == "style" && strings.Contains(value, "display:none"):
				faults = append(faults, "what is hidden until a script shows it: "+n.Data)
			case (a.Key == "src" || a.Key == "href") && n.Data != "a" && strings.Contains(value, "//") &&
				!strings.HasPrefix(value, "data:"):
				faults = append(faults, n.Data+" from the network: "+a.Val)
			}
		}
	}
	if !shown && !drawing {
		faults = append(faults, "nothing is there without its script")
	}
	return faults
}
