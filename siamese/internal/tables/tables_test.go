package tables_test

import (
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/internal/tables"
)

// TestTable: columns are aligned, the first one left, and what is in cells stays text.
func TestTable(t *testing.T) {
	header, rows := []string{"a", "é"}, [][]string{{"<b>x", "1"}, {"y\nz", "22", "[0.1, 0.2]"}}
	want := "c & d\na      é\n<b>x   1\ny z   22  [0.1, 0.2]"
	if got := tables.Text("c & d", header, rows); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	got := tables.HTML("c & d", header, rows)
	for _, want := range []string{"c &amp; d</caption>", "&lt;b&gt;x</td>", `text-align:right`, `nowrap">[0.1, 0.2]</span>`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}

// TestConfig: only what differs is there, with both values.
func TestConfig(t *testing.T) {
	c := config.Default()
	if text, content := tables.Config(c); text != "the default configuration" || content != "" {
		t.Errorf("%q %q", text, content)
	}
	c.Loss.Margin, c.Monitor = .25, "<b>"
	text, content := tables.Config(c)
	if !strings.Contains(text, "loss.margin") || !strings.Contains(text, "0.25") || strings.Contains(text, "seed") ||
		strings.Contains(content, "<b>") || strings.Count(content, "<tr>") != 3 {
		t.Errorf("%s\n%s", text, content)
	}
}
