package panel

import (
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/show"
)

// TestMarkup: what models show as text, names of pictures and warnings stay text in what a panel leaves in a notebook.
func TestMarkup(t *testing.T) {
	const nasty = `<script>alert("1")</script>`
	for what, content := range map[string]string{
		"text":    htmlOf(show.Outputs{{Text: nasty}}),
		"picture": htmlOf(show.Outputs{{Text: nasty, PNG: []byte("picture"), Width: 1}}),
		"table":   htmlOf(show.TableOutputs(nasty, []string{nasty}, [][]string{{nasty}})),
		"warning": warning(nasty),
	} {
		if strings.Contains(content, "<script") || !strings.Contains(content, "&lt;script&gt;") {
			t.Errorf("%s: %s", what, content)
		}
	}
}
