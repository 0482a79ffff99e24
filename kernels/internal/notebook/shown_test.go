package notebook_test

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/go-siamese/lab/kernels/internal/notebook"
)

// sanitised parses HTML as GitHub and editors that trust nothing show it: without scripts, style sheets, frames and
// controls, and without what listens to events. dropped is what of the rest cannot be shown: other people's files, handlers.
func sanitised(t *testing.T, text string) (root *html.Node, dropped []string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	gone := []string{"script", "style", "link", "iframe", "object", "embed", "form", "input", "button", "select", "textarea"}
	var clean func(n *html.Node)
	clean = func(n *html.Node) {
		for c := n.FirstChild; c != nil; {
			next := c.NextSibling
			if c.Type == html.ElementNode && slices.Contains(gone, c.Data) {
				n.RemoveChild(c)
			} else {
				clean(c)
			}
			c = next
		}
		for _, a := range n.Attr {
			value := strings.TrimSpace(a.Val)
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "hidden":
				dropped = append(dropped, a.Key+" of "+n.Data)
			case a.Key == "src" && !strings.HasPrefix(value, "data:image/png;") && !strings.HasPrefix(value, "data:image/jpeg;"),
				a.Key == "href" && !strings.HasPrefix(value, "#"):
				dropped = append(dropped, a.Key+" "+value[:min(len(value), 60)])
			}
		}
	}
	clean(root)
	return root, dropped
}

// textOf returns the words in a node.
func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(textOf(c) + " ")
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// displays returns what cells of a notebook display, by MIME type.
func displays(n *notebook.Notebook) (all []map[string]string) {
	for _, c := range n.Cells {
		for _, o := range c.Outputs() {
			if o.Kind() != "display_data" && o.Kind() != "execute_result" {
				continue
			}
			data := map[string]string{}
			for _, mime := range []string{"text/plain", "text/html", "image/svg+xml", "image/png"} {
				if text := o.Data(mime); text != "" {
					data[mime] = text
				}
			}
			all = append(all, data)
		}
	}
	return all
}

// TestShownWithoutScripts: what the committed notebooks show is there where no script runs and nothing is fetched, as on
// GitHub, in nbviewer and in VS Code before a notebook is trusted: every output has words, every drawing is a PNG too, and
// every table has its rows in plain HTML.
func TestShownWithoutScripts(t *testing.T) {
	paths, err := filepath.Glob("../../../notebooks/*.ipynb")
	// What a user has executed lies beside them, and is not committed.
	paths = slices.DeleteFunc(paths, func(p string) bool { return strings.HasSuffix(p, ".executed.ipynb") })
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	unsafe := regexp.MustCompile(`(?i)<script|<foreignObject|\son[a-z]+\s*=|href="(https?:)?//`)
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		n, err := notebook.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		drawings, tables := 0, 0
		for i, o := range displays(n) {
			bad := func(format string, args ...any) {
				t.Helper()
				t.Errorf("%s, display %d, %.80q: "+format, append([]any{filepath.Base(path), i + 1, o["text/plain"]}, args...)...)
			}
			if strings.TrimSpace(o["text/plain"]) == "" {
				bad("no words")
			}
			if svg, ok := o["image/svg+xml"]; ok {
				if o["image/png"] == "" || unsafe.MatchString(svg) {
					bad("an SVG without a PNG, or with what is no drawing")
				}
			}
			if text, ok := o["image/png"]; ok {
				picture, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\n", ""))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := png.Decode(bytes.NewReader(picture)); err != nil {
					bad("%v", err)
				}
				drawings++
			}
			page, ok := o["text/html"]
			if !ok {
				continue
			}
			root, dropped := sanitised(t, page)
			if len(dropped) > 0 || textOf(root) == "" {
				bad("what would not be shown: %q", dropped)
			}
			for e := range root.Descendants() {
				if e.Type != html.ElementNode || e.Data != "table" {
					continue
				}
				tables++
				cells := 0
				for c := range e.Descendants() {
					if c.Type == html.ElementNode && c.Data == "td" && textOf(c) != "" {
						cells++
					}
				}
				if cells == 0 {
					bad("a table without cells")
				}
			}
		}
		t.Logf("%s: %d pictures, %d tables", filepath.Base(path), drawings, tables)
		if drawings == 0 || tables == 0 {
			t.Errorf("%s: %d pictures, %d tables", path, drawings, tables)
		}
	}
	// The test sees what it is to see.
	for text, want := range map[string]bool{`<table><tr><td>1</td></tr></table><script>x</script>`: true,
		`<p hidden>1</p>`: false, `<img src="https://x/y.png">a`: false, `<b onclick="x">1</b>`: false,
		`<img src="data:image/png;base64,AA">a`: true, `<script>document.write("1")</script>`: false} {
		root, dropped := sanitised(t, text)
		if got := len(dropped) == 0 && textOf(root) != ""; got != want {
			t.Errorf("%s: %v %q", text, got, dropped)
		}
	}
}
