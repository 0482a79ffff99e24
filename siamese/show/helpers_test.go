package show

import (
	"encoding/xml"
	"errors"
	"image"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/history"
)

const nasty = `<script>alert("1")</script> & 'more'`

// wellFormed fails unless content is XML: every tag closed, everything escaped.
func wellFormed(t *testing.T, content string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(content))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v in %.400s", err, content)
		}
	}
}

// outside matches what would be fetched from elsewhere: names of XML spaces are not.
var outside = regexp.MustCompile(`(?i)(href|src|url\(|@import)[^>]{0,3}["'(= ]*(https?:|//|file:)` +
	`|<script|<link|<iframe`)

// selfContained fails if content refers to anything outside of it.
func selfContained(t *testing.T, content string) {
	t.Helper()
	if found := outside.FindString(content); found != "" {
		t.Errorf("%q is not self-contained", found)
	}
	rest := strings.NewReplacer(`"http://www.w3.org/2000/svg"`, "", `"http://www.w3.org/1999/xlink"`, "", "http-equiv=",
		"").Replace(content)
	if strings.Contains(rest, "http") {
		t.Errorf("an address stands in %.400s", rest)
	}
}

// content returns what front ends choose from, HTML and SVG, one after another.
func content(o Outputs) string {
	var out strings.Builder
	for _, one := range o {
		out.WriteString(one.HTML + one.SVG)
	}
	return out.String()
}

// contentOf is content for what may fail.
func contentOf(o Outputs, err error) (string, error) { return content(o), err }

// has fails unless content has all parts.
func has(t *testing.T, content string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(content, part) {
			t.Errorf("%q is not in %.600s", part, content)
		}
	}
}

// The pattern of selfContained finds what it should: without this no test would notice that it does not.
func TestOutsidePattern(t *testing.T) {
	for _, bad := range []string{`<img src="http://a/b.png">`, `<image xlink:href='https://a'/>`, `<a href=//cdn>`,
		`style="background:url(http://a)"`, `<script src="x">`} {
		if !outside.MatchString(bad) {
			t.Errorf("%s is not found", bad)
		}
	}
}

func frame() *data.Frame {
	f := &data.Frame{
		Columns: []string{"hog/0", "hog/1", "hog/2", "glcm/0"}, IDs: []string{"a", "b", nasty},
		Blocks: []data.Block{{Name: "hog", Start: 0, End: 3}, {Name: "glcm", Start: 3, End: 4}},
		Labels: []string{"shoe", "", "coat"}, Domains: []string{"x", "y", nasty},
	}
	for i := range 12 {
		f.X = append(f.X, float32(i)/3)
	}
	return f
}

func picture() *image.Gray {
	p := image.NewGray(image.Rect(0, 0, 5, 3))
	for i := range p.Pix {
		p.Pix[i] = uint8(17 * i)
	}
	return p
}

// trainedFor returns a result of n epochs.
func trainedFor(n int) *siamese.Result {
	r := &siamese.Result{Best: max(1, n-1)}
	for i := range n {
		x := float64(i)
		r.History = append(r.History, history.Epoch{Number: i + 1, Loss: 0.1 * math.Exp(-x), ValLoss: 0.09 + x/1000,
			ValAUC: 0.99 - 0.1*math.Exp(-x), ValMAP: 0.8 - 0.5*math.Exp(-x)})
	}
	return r
}

// texts returns the text elements of an SVG in order, and how wide it is.
func texts(t *testing.T, svg string) []string {
	t.Helper()
	wellFormed(t, svg)
	selfContained(t, svg)
	var out []string
	for _, m := range regexp.MustCompile(`(?s)<text[^>]*>([^<]*)</text>`).FindAllStringSubmatch(svg, -1) {
		out = append(out, m[1])
	}
	if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
		t.Error("the picture has coordinates that are not numbers")
	}
	if strings.Count(svg, "font-family:") != strings.Count(svg, "sans-serif") {
		t.Error("a text has no font to fall back to")
	}
	return out
}
