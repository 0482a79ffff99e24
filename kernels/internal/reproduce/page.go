package reproduce

import (
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/notebook"
)

//go:embed page.html
var pageSource string

// page is the template of [Report.Page]. The texts of notebooks are escaped by it.
var page = template.Must(template.New("page").Funcs(template.FuncMap{"outputs": shownOutputs}).Parse(pageSource))

// Page writes the report as one HTML page, with both sides of every cell that is not the same. It needs no network and
// has no script: texts are text, pictures are shown as such, and HTML of a cell stands in a frame of its own in which
// nothing runs or is fetched.
func (r Report) Page(w io.Writer) error { return page.Execute(w, r) }

// shown is an output as the page shows it: one of its fields is set.
type shown struct {
	Text    string
	Picture template.URL
	Frame   string // HTML for a frame
}

// pageStart begins the HTML of a frame: it may fetch nothing and run nothing.
const pageStart = `<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; ` +
	`style-src 'unsafe-inline'; img-src data:"><meta name="color-scheme" content="light dark">` +
	`<style>body{font:13px sans-serif;margin:4px}</style>`

// pictures are the MIME types of pictures that a page shows, the best first. One of SVG, as a picture, runs no scripts.
var pictures = []string{"image/png", "image/jpeg", "image/gif", "image/svg+xml"}

// shownOutputs returns the outputs of a cell for the page: of a picture the picture and its text, else the text, else
// the HTML.
func shownOutputs(outputs []notebook.Output) []shown {
	var all []shown
	for _, p := range pieces(outputs) {
		one, ok := shownPicture(p)
		text, plain := p.part("text/plain")
		markup, isHTML := p.part("text/html")
		switch {
		case ok:
			one.Text = text
		case plain:
			one.Text = text
		case isHTML:
			one.Frame = pageStart + markup
		case len(p.parts) > 0:
			one.Text = p.parts[0].Text
		}
		all = append(all, one)
	}
	return all
}

// shownPicture returns an output's picture.
func shownPicture(p piece) (one shown, ok bool) {
	for _, mime := range pictures {
		content, ok := p.part(mime)
		if !ok {
			continue
		}
		if mime == "image/svg+xml" {
			content = base64.StdEncoding.EncodeToString([]byte(content))
		} else if raw, err := decode64(content); err == nil {
			content = base64.StdEncoding.EncodeToString(raw)
		} else {
			continue
		}
		one.Picture = template.URL("data:" + mime + ";base64," + content)
		return one, true
	}
	return one, false
}

// Slug returns the verdict as a class of the page.
func (s State) Slug() string { return strings.ReplaceAll(string(s), " ", "-") }
