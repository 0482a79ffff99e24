package show

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// accessible fails where a page has a table without a caption, a head of a column or row without scope, or a picture
// without a name, and where its policy would let anything be loaded or run.
func accessible(t *testing.T, page string) {
	t.Helper()
	has(t, page, `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; `+
		`style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"/>`)
	attribute := func(e xml.StartElement, name string) string {
		for _, a := range e.Attr {
			if a.Name.Local == name {
				return a.Value
			}
		}
		return ""
	}
	decoder := xml.NewDecoder(strings.NewReader(page))
	decoder.Strict, decoder.Entity = false, xml.HTMLEntity
	counts := make(map[string]int)
	captioned := true // the table that is read has a caption
	inCaption := false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.CharData:
			captioned = captioned || inCaption && strings.TrimSpace(string(e)) != ""
		case xml.EndElement:
			if e.Name.Local == "caption" {
				inCaption = false
			}
			if e.Name.Local == "table" && !captioned {
				t.Error("a table has no caption")
			}
		case xml.StartElement:
			counts[e.Name.Local]++
			switch e.Name.Local {
			case "table":
				captioned = false
			case "caption":
				inCaption = true
			case "th":
				if s := attribute(e, "scope"); s != "col" && s != "row" {
					t.Errorf("th with scope %q", s)
				}
			case "svg":
				named := attribute(e, "role") == "img" && attribute(e, "aria-label") != ""
				if !named && attribute(e, "aria-hidden") != "true" {
					t.Errorf("a picture without a name: %v", e.Attr)
				}
			case "img":
				if attribute(e, "alt") == "" {
					t.Errorf("a picture without alternative text: %.80v", e.Attr)
				}
			case "script", "link", "iframe", "object", "form":
				t.Errorf("the page has a %s", e.Name.Local)
			}
		}
	}
	if counts["table"] == 0 || counts["th"] == 0 {
		t.Errorf("the page has no tables: %v", counts)
	}
}

func TestPagesAreAccessible(t *testing.T) {
	other := full()
	other.Model = nasty
	for name, page := range map[string]func() (string, error){
		"items": func() (string, error) { return PageHTML(PageOptions{}, full()) },
		"pairs": func() (string, error) { return PageHTML(PageOptions{}, pairs()) },
		"two models": func() (string, error) {
			return comparisonHTML(PageOptions{}, &report.Compared{Reports: []*report.Report{full(), other},
				Differences: []*stats.Comparison{difference("other")}, Advice: advised()})
		},
		"advice": func() (string, error) {
			return PageHTML(PageOptions{Image: small, Advice: advised()})
		},
	} {
		content, err := page()
		if err != nil {
			t.Fatal(name, err)
		}
		accessible(t, content)
	}
}

// No number is shown as less than nothing: what rounds to 0 has no sign.
func TestNoNegativeZero(t *testing.T) {
	r := full()
	r.Trained.Threshold, r.Comparison = -.0001, difference("other")
	d := r.Comparison.Differences[stats.MAPAtR]
	d.Value, d.Low, d.High = -.0001, -.0002, .0001
	r.Comparison.Differences[stats.MAPAtR] = d
	for k := range r.Details.Of[0].Different {
		r.Details.Of[0].Different[k].Cosine = -.00001
	}
	page, err := PageHTML(PageOptions{}, r)
	if err != nil {
		t.Fatal(err)
	}
	hard, err := HardestOutputs(r, 9, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{page, r.String(), r.Lead().String(), content(hard), content(ReportsOutputs(r))} {
		// The ends of an interval have a dash between them, which follows a digit.
		if at := regexp.MustCompile(`[^0-9]-0\.0+[^0-9]`).FindStringIndex(text); at != nil {
			t.Errorf("%q", text[max(0, at[0]-60):at[1]])
		}
	}
}
