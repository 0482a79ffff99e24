package reproduce

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/kernels/internal/notebook"
)

// outputs returns the outputs of a cell from their JSON.
func outputs(t *testing.T, list ...map[string]any) []notebook.Output {
	t.Helper()
	content, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{},
		"cells": []any{map[string]any{"cell_type": "code", "source": "", "metadata": map[string]any{},
			"execution_count": 1, "outputs": list}}})
	if err != nil {
		t.Fatal(err)
	}
	nb, err := notebook.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	return nb.Cells[0].Outputs()
}

// stream is an output of text.
func stream(name, text string) map[string]any {
	return map[string]any{"output_type": "stream", "name": name, "text": text}
}

// display is an output with one form.
func display(mime, content string) map[string]any {
	return map[string]any{"output_type": "display_data", "metadata": map[string]any{},
		"data": map[string]any{mime: content}}
}

// TestPassing: an output that is volatile as a whole may be on one side only, and any other may not.
func TestPassing(t *testing.T) {
	bar, result := display("text/plain", "training: 3.1 s"), display("text/plain", "0.82")
	saved := side{outputs(t, bar, result), []string{"training: 3.1 s"}}
	if found, more := compare(saved, side{outputs(t, result), nil}, 0); len(found)+more > 0 {
		t.Errorf("differences %v", found)
	}
	if found, _ := compare(side{outputs(t, bar, result), nil}, side{outputs(t, result), nil}, 0); len(found) == 0 {
		t.Error("an output is missing, and nothing is told")
	}
	if found, _ := compare(side{outputs(t, result), []string{"training: 3.1 s"}}, side{outputs(t), nil}, 0); len(found) == 0 {
		t.Error("the result is missing, and nothing is told")
	}
}

// Numbers are the same by their value, whatever their form, and what only looks like one is text.
func TestNumbers(t *testing.T) {
	tests := []struct {
		saved, fresh string
		want         State
	}{
		{"0.82", ".82", Same},
		{"1,234.50", "1234.5", Same},
		{"1e3", "1000", Same},
		{"1.5E-2 s", "0.015 s", Same},
		{"82 %", "82.0%", Same},
		{"82%", ".82", Same},
		{"-0", "0", Same},
		{"−3", "-3", Same},
		{"+0.5", "0.5", Same},
		{"loss 0.1", "loss 0.10000000000000001", Different}, // one float64, two values
		{"0.82", "0.83", Different},
		{"12ms", "12.0ms", Same},
		{"12ms", "12s", Different},
		{"-1", "1", Different},
		{"item 007", "item 7", Different},
		{"v1.2.3", "v1.20.3", Different},
		{"1.2.3", "1.20.3", Different},
		{"commit 3e5f1a", "commit 300000f1a", Different},
		{"sha 12e2ab", "sha 1200ab", Different},
		{"2026-11-30", "2026-11-30.0", Same},
		{"2026-11-30", "2026-11-31", Different},
		{"NaN", "0.5", Different},
		{"1e999", "1e998", Different},
		{"a  b", "a b", Different},
		{"  0.5  0.25", " 0.50  .25", Same}, // aligned
		{"a\n", "a", Different},
		{"5 of 6", "6 of 6", Different},
	}
	for _, test := range tests {
		found, _ := compare(side{outputs: outputs(t, stream("stdout", test.saved))},
			side{outputs: outputs(t, stream("stdout", test.fresh))}, 0)
		if got := stateOf(found); got != test.want {
			t.Errorf("%q and %q: %s, want %s (%+v)", test.saved, test.fresh, got, test.want, found)
		}
	}
}

// A number that differs is within where the saved interval or the tolerance holds it, and the interval has not become
// another one.
func TestWithin(t *testing.T) {
	tests := []struct {
		saved, fresh string
		tolerance    float64
		want         State
	}{
		{"MAP@R .820 [.801, .838]", "MAP@R .815 [.795, .833]", 0, Within},
		{"MAP@R .820 [.801, .838]", "MAP@R .820 [.802, .838]", 0, Within},
		{"MAP@R .820 [.801, .838]", "MAP@R .800 [.780, .820]", 0, Different}, // below the saved interval
		{"MAP@R .820 [.801, .838]", "MAP@R .825 [.825, .826]", 0, Different}, // the saved value is not in the new one
		{"MAP@R .820 [.801, .838]", "MAP@R .820 [.000, 1.00]", 0, Different}, // much wider
		{"MAP@R .820 [.801, .838]", "MAP@R .815", 0, Different},
		{"gain +0.208 [+0.194 to +0.221]", "gain +0.210 [+0.195 to +0.223]", 0, Within},
		{"5 of 6 [-0.1 to +0.4, p 0.22]", "4 of 6 [-0.1 to +0.4, p 0.22]", 0, Different}, // no interval of the 5
		{".999 [.801, .838]", ".820 [.801, .838]", 0, Different},                         // no interval of a .999
		{"loss 0.100", "loss 0.101", 0.001, Within},
		{"loss 0.100", "loss 0.102", 0.001, Different},
		{"loss 0.100", "gain 0.100", 1, Different},
		{"82.0 %", "82.1 %", 0.001, Within}, // of the value .82
	}
	for _, test := range tests {
		found, _ := compare(side{outputs: outputs(t, stream("stdout", test.saved))},
			side{outputs: outputs(t, stream("stdout", test.fresh))}, test.tolerance)
		if got := stateOf(found); got != test.want {
			t.Errorf("%q and %q: %s, want %s (%+v)", test.saved, test.fresh, got, test.want, found)
		}
	}
}

// What a receipt marks is left out where both sides have marked it, and there only.
func TestVolatile(t *testing.T) {
	tests := []struct {
		saved, fresh           string
		savedMarks, freshMarks []string
		want                   State
	}{
		{"trained at 6771 pairs/s, 0.5", "trained at 512 pairs/s, 0.5", []string{"6771 pairs/s"}, []string{"512 pairs/s"},
			Same},
		{"took 2 s of 12 s", "took 3 s of 12 s", []string{"2 s"}, []string{"3 s"}, Same},
		{"took 2 s of 12 s", "took 3 s of 13 s", []string{"2 s"}, []string{"3 s"}, Different},
		{"took 2 s", "took 3 s", nil, []string{"3 s"}, Different}, // one side alone
		{"took 2 s", "took 2 s", nil, []string{"2 s"}, Same},
		{"MAP 0.5 in 0.5", "MAP 0.5 in 0.7", []string{"0.5"}, []string{"0.7"}, Same},
		{"MAP 0.5 in 0.5", "MAP 0.6 in 0.7", []string{"0.5"}, []string{"0.7"}, Different},
		{"took 9.5 s  end\n", "took 10.25 s end\n", []string{"9.5 s"}, []string{"10.25 s"}, Same}, // aligned
		{"on Monday, 3 h", "on Tuesday, 3 h", []string{"Monday"}, []string{"Tuesday"}, Same},
	}
	for _, test := range tests {
		for _, mime := range []string{"text/plain", "text/html"} {
			found, _ := compare(side{outputs(t, display(mime, test.saved)), test.savedMarks},
				side{outputs(t, display(mime, test.fresh)), test.freshMarks}, 0)
			if got := stateOf(found); got != test.want {
				t.Errorf("%s %q and %q: %s, want %s (%+v)", mime, test.saved, test.fresh, got, test.want, found)
			}
		}
	}
	html := func(rate string) string { return `<div title="` + rate + `">at <b>` + rate + `</b>, .5</div>` }
	found, _ := compare(side{outputs(t, display("text/html", html("5 &lt; 6/s"))), []string{"5 &lt; 6/s"}},
		side{outputs(t, display("text/html", html("7 &lt; 8/s"))), []string{"7 &lt; 8/s"}}, 0)
	if len(found) > 0 {
		t.Errorf("marked as it stands in the HTML: %+v", found)
	}
}

// Tables are compared cell by cell, and the row and the column of what differs are named.
func TestTables(t *testing.T) {
	html := func(v string) string {
		return `<table><caption>scores</caption><tr><th>model</th><th>ROC-AUC</th><th>MAP@R</th></tr>` +
			`<tr><td>default</td><td>.9</td><td>.5 <span>[.4, .6]</span></td></tr>` +
			`<tr><td>re&lt;commended</td><td>` + v + `</td><td>.7</td></tr></table>`
	}
	plain := func(v string) string {
		return "scores of two models\nmodel           ROC-AUC  MAP@R\ndefault         .9       .5\n" +
			"re<commended  " + v + "      .7\nas expected: 1"
	}
	want := Difference{Output: 1, What: Number, Row: "re<commended", Column: "ROC-AUC", Saved: ".95", Fresh: ".96"}
	for mime, table := range map[string]func(string) string{"text/html": html, "text/plain": plain} {
		found, _ := compare(side{outputs: outputs(t, display(mime, table(".95")))},
			side{outputs: outputs(t, display(mime, table(".96")))}, 0)
		want.Part = mime
		if diff := cmp.Diff([]Difference{want}, found); diff != "" {
			t.Errorf("%s (-want +got):\n%s", mime, diff)
		}
		if found, _ := compare(side{outputs: outputs(t, display(mime, table(".95")))},
			side{outputs: outputs(t, display(mime, table("0.950")))}, 0); len(found) > 0 {
			t.Errorf("%s: %+v for the same number", mime, found)
		}
	}
	// An interval of another cell is not one of the number before it.
	beside := func(n string) string { return "<table><tr><td>" + n + "</td><td>[1, 9]</td></tr></table>" }
	if found, _ := compare(side{outputs: outputs(t, display("text/html", beside("5")))},
		side{outputs: outputs(t, display("text/html", beside("6")))}, 0); stateOf(found) != Different {
		t.Errorf("an interval of another cell: %+v", found)
	}
	found, _ := compare(side{outputs: outputs(t, display("text/html", strings.Replace(html(".1"), ".5 <", ".45 <", 1)))},
		side{outputs: outputs(t, display("text/html", html(".1")))}, 0)
	if len(found) != 1 || found[0].Excuse != Interval || found[0].Column != "MAP@R" || found[0].Row != "default" {
		t.Errorf("an interval behind a tag: %+v", found)
	}
}

// HTML and SVG are compared by tags, attributes whatever their order, and texts.
func TestMarkup(t *testing.T) {
	svg := `<svg width="662.4pt" viewBox="0 0 662.4 216"><path d="M4,22L323.98,22L-5e1,7" style="fill:#1e5000"/></svg>`
	tests := []struct {
		name, mime, saved, fresh string
		want                     State
	}{
		{"order of attributes", "text/html", `<p class="a" id="b">x</p>`, `<p id="b" class="a">x</p>`, Same},
		{"entities", "text/html", `<p>&lt;b&gt; &#34;</p>`, `<p>&lt;b> "</p>`, Same},
		{"an attribute", "text/html", `<p style="width:12.50px">x</p>`, `<p style="width:12.5px">x</p>`, Same},
		{"another attribute", "text/html", `<p style="width:12.5px">x</p>`, `<p style="width:12.6px">x</p>`, Different},
		{"another tag", "text/html", `<p>x</p>`, `<b>x</b>`, Different},
		{"a tag that is text", "text/html", `<b>x</b>`, `&lt;b>x&lt;/b>`, Different},
		{"numbers of a path", "image/svg+xml", svg, strings.Replace(svg, "-5e1", "-50.0", 1), Same},
		{"another path", "image/svg+xml", svg, strings.Replace(svg, "323.98", "323.99", 1), Different},
		{"another colour", "image/svg+xml", svg, strings.Replace(svg, "#1e5000", "#1e5001", 1), Different},
		{"a script", "text/html", `<script>f(1)</script>`, `<script>f(2)</script>`, Different},
		{"json", "application/json", `{"a": 1.0}`, `{"a": 1}`, Same},
		{"other data", "application/pdf", "a", "b", Different},
	}
	for _, test := range tests {
		found, _ := compare(side{outputs: outputs(t, display(test.mime, test.saved))},
			side{outputs: outputs(t, display(test.mime, test.fresh))}, 0)
		if got := stateOf(found); got != test.want {
			t.Errorf("%s: %s, want %s (%+v)", test.name, got, test.want, found)
		}
	}
}

// encode returns a picture as PNG in base64. level changes the bytes, not the pixels.
func encode(t *testing.T, p image.Image, level png.CompressionLevel) string {
	t.Helper()
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: level}).Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// Pictures are compared by their pixels, whatever their bytes, also where HTML embeds them.
func TestPictures(t *testing.T) {
	grey := func(w int, values map[image.Point]uint8) image.Image {
		p := image.NewGray(image.Rect(0, 0, w, 3))
		for at, v := range values {
			p.SetGray(at.X, at.Y, color.Gray{v})
		}
		return p
	}
	a := grey(4, nil)
	colours := image.NewRGBA(a.Bounds()) // the same pixels in another form
	for i := range 12 {
		colours.Set(i%4, i/4, color.Black)
	}
	b := grey(4, map[image.Point]uint8{{X: 1, Y: 2}: 3, {X: 0, Y: 0}: 51})
	saved := encode(t, a, png.BestCompression)
	tests := []struct {
		name, fresh string
		want        []Difference
	}{
		{"other bytes", encode(t, a, png.NoCompression), nil},
		{"another form", encode(t, colours, png.BestSpeed), nil},
		{"two pixels", encode(t, b, png.BestSpeed), []Difference{{What: Picture, Pixels: 2, Largest: 51,
			SavedSize: [2]int{4, 3}, FreshSize: [2]int{4, 3}}}},
		{"another size", encode(t, grey(5, nil), png.BestSpeed), []Difference{{What: Picture,
			SavedSize: [2]int{4, 3}, FreshSize: [2]int{5, 3}}}},
		{"no picture", "AAAA", []Difference{{What: Bytes}}},
	}
	for _, test := range tests {
		for mime, form := range map[string]func(string) string{
			"image/png": func(s string) string { return s + "\n" },
			"text/html": func(s string) string { return `<img alt="x" src="data:image/png;base64,` + s + `">` },
		} {
			found, _ := compare(side{outputs: outputs(t, display(mime, form(saved)))},
				side{outputs: outputs(t, display(mime, form(test.fresh)))}, 0)
			if diff := cmp.Diff(test.want, found, cmpopts.IgnoreFields(Difference{}, "Output", "Part")); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", test.name, mime, diff)
			}
		}
	}
}

// The order of outputs counts, and so does that of streams; neighbours of one stream are one text.
func TestOrder(t *testing.T) {
	both := outputs(t, stream("stdout", "a\n"), stream("stderr", "b\n"))
	if found, _ := compare(side{outputs: both},
		side{outputs: outputs(t, stream("stdout", "a"), stream("stdout", "\n"), stream("stderr", "b\n"))}, 0); found != nil {
		t.Errorf("joined: %+v", found)
	}
	for name, test := range map[string]struct {
		fresh []notebook.Output
		want  Difference
	}{
		"turned": {outputs(t, stream("stderr", "b\n"), stream("stdout", "a\n")),
			Difference{Output: 1, Part: "stderr", What: Text, Saved: "stdout: a", Fresh: "stderr: b"}},
		"fewer": {outputs(t, stream("stdout", "a\n")), Difference{Output: 2, Part: "stderr", What: Missing, Saved: "b"}},
		"more": {outputs(t, stream("stdout", "a\n"), stream("stderr", "b\n"), display("text/plain", "c")),
			Difference{Output: 3, Part: "display_data", What: Added, Fresh: "c"}},
	} {
		found, _ := compare(side{outputs: both}, side{outputs: test.fresh}, 0)
		if diff := cmp.Diff([]Difference{test.want}, found); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	found, _ := compare(side{outputs: outputs(t, display("text/plain", "a"))},
		side{outputs: outputs(t, display("text/html", "a"))}, 0)
	want := []Difference{{Output: 1, Part: "text/plain", What: Missing, Saved: "a"},
		{Output: 1, Part: "text/html", What: Added, Fresh: "a"}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("another form (-want +got):\n%s", diff)
	}
}

// Of many differences the first are told and the others counted, and one without an excuse is always told.
func TestMany(t *testing.T) {
	var saved, fresh strings.Builder
	for range 30 {
		saved.WriteString("0.5 [0.4, 0.6]\n")
		fresh.WriteString("0.51 [0.4, 0.6]\n")
	}
	found, more := compare(side{outputs: outputs(t, stream("stdout", saved.String()+"7"))},
		side{outputs: outputs(t, stream("stdout", fresh.String()+"8"))}, 0)
	if len(found) != mostFound || more != 11 || stateOf(found) != Different {
		t.Errorf("%d differences and %d more, %s", len(found), more, stateOf(found))
	}
}

// Of long texts only what differs is taken apart, and nothing that differs is lost.
func TestLong(t *testing.T) {
	defer func(n int) { longText = n }(longText)
	longText = 200
	lines := strings.Repeat("step 1 loss 0.5\n", 50)
	tests := []struct {
		saved, fresh string
		want         State
	}{
		{lines + "a 0.5\n" + lines, lines + "a 0.50\n" + lines, Same},
		{lines + "a 0.5\n" + lines, lines + "a 0.6\n" + lines, Different},
		{lines + "a 0.5\n", lines + "a 0.6\n", Different},
		{lines + "a", lines + "b", Different},
		{lines, lines + "b", Different},
		{"b" + lines, lines, Different},
		{lines, lines + lines, Different},
		{"1\n" + lines + "2", "1.0\n" + lines + "3", Different},   // far apart: the second is in the rest
		{"1\n" + lines + "2", "1.0\n" + lines + "2.0", Different}, // and is not taken apart there
		{strings.Repeat("x", 500), strings.Repeat("x", 499) + "y", Different},
		{strings.Repeat("é", 300) + "1", strings.Repeat("é", 300) + "2", Different},
		{lines + "MAP .82 [.80, .84]\n" + lines, lines + "MAP .81 [.80, .84]\n" + lines, Within},
	}
	for i, test := range tests {
		found, _ := compare(side{outputs: outputs(t, stream("stdout", test.saved))},
			side{outputs: outputs(t, stream("stdout", test.fresh))}, 0)
		if got := stateOf(found); got != test.want {
			t.Errorf("%d: %s, want %s (%+v)", i, got, test.want, found)
		}
	}
}
