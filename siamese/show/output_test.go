package show

import (
	"bytes"
	"encoding/gob"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"image"
	"image/png"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/janpfeifer/gonb/gonbui"
	gonb "github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/go-siamese/lab/data/describe"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/protocol"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// shown returns what a display sends to the kernel.
func shown(t *testing.T, display func() error) []*gonb.DisplayData {
	t.Helper()
	var out []*gonb.DisplayData
	before, wait := send, synced
	send, synced = func(d *gonb.DisplayData) { out = append(out, d) }, func() {}
	gonbui.IsNotebook = true
	defer func() { send, synced, gonbui.IsNotebook = before, wait, false }()
	if err := display(); err != nil {
		t.Fatal(err)
	}
	return out
}

// displays calls every function that shows something in a notebook.
func displays(t *testing.T) map[string]func() error {
	f := frame()
	described, err := describe.Frame(t.Context(), f, describe.Options{})
	if err != nil {
		t.Fatal(err)
	}
	leaks, err := (&split.Split{Train: []int{0}, Test: []int{2}}).Leakage(t.Context(), f, split.LeakageOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b := full()
	b.Model = nasty
	compared := &report.Compared{Reports: []*report.Report{full(), b},
		Differences: []*stats.Comparison{difference("other")}}
	why := &explained.Pair{Left: "a", Right: nasty, Blocks: []explained.BlockPart{{Name: nasty, Part: .5}}}
	trained := trainedFor(3)
	trained.Model = &siamese.Model{}
	nothing := func(show func()) func() error {
		return func() error { show(); return nil }
	}
	return map[string]func() error{
		"Frame":       nothing(func() { Frame(f, 3) }),
		"Describe":    nothing(func() { Describe(described) }),
		"Leakage":     nothing(func() { Leakage(leaks) }),
		"Reports":     nothing(func() { Reports(full()) }),
		"Protocols":   nothing(func() { Protocols(&protocol.Report{}) }),
		"Blocks":      nothing(func() { Blocks(&explained.Blocks{}) }),
		"Table":       nothing(func() { Table(nasty, []string{nasty}, [][]string{{nasty}}) }),
		"HTML":        nothing(func() { HTML("words", "<b>words</b>") }),
		"Progress":    nothing(func() { Progress()(siamese.Progress{Ended: true, Warnings: []string{nasty}}) }),
		"Image":       func() error { return Image(nasty, picture()) },
		"Grid":        func() error { return Grid(nasty, [][]Tile{{{Image: picture(), Caption: nasty}}}) },
		"History":     func() error { return History(trainedFor(4)) },
		"Trials":      func() error { return Trials(trialsOf(3)) },
		"Search":      func() error { return Search(searchOf(t, 40)) },
		"Scores":      func() error { return Scores(nasty, []float32{1, .5}, []float32{0, .25}, .5) },
		"Explanation": func() error { return Explanation(why) },
		"Compared":    func() error { return Compared(compared) },
		"Rates":       func() error { return Rates(full()) },
		"Reliability": func() error { return Reliability(full()) },
		"Hardest":     func() error { return Hardest(full(), 3, nil) },
		"Trained":     func() error { return Trained(trained, nil, siamese.TrainOptions{}) },
	}
}

// Everything that is displayed has plain text, and what a notebook shows that is not trusted: HTML that keeps its
// content without SVG and style sheets, or PNG. Pictures have no HTML, which front ends would prefer to them.
func TestDisplaysSurviveWithoutTrust(t *testing.T) {
	lost := regexp.MustCompile(`(?i)<(svg|style|script|link|iframe|img|object|embed|canvas|form)\b|\sid=|\sclass=`)
	for name, display := range displays(t) {
		list := shown(t, display)
		if len(list) == 0 {
			t.Errorf("%s shows nothing", name)
		}
		for _, d := range list {
			text, _ := d.Data[gonb.MIMETextPlain].(string)
			if strings.TrimSpace(text) == "" || strings.ContainsAny(text, "\x1b\a\r") {
				t.Errorf("%s: text %q", name, text)
			}
			content, _ := d.Data[gonb.MIMETextHTML].(string)
			picture, _ := d.Data[gonb.MIMEImagePNG].([]byte)
			if (content == "") == (picture == nil) {
				t.Errorf("%s has HTML %.80q and a picture of %d bytes, want one of them", name, content, len(picture))
				continue
			}
			if found := lost.FindString(content); found != "" {
				t.Errorf("%s: %s does not survive in a notebook that is not trusted", name, found)
			}
			if content != "" {
				wellFormed(t, "<p>"+content+"</p>")
				continue
			}
			m, err := png.Decode(bytes.NewReader(picture))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			size, _ := d.Metadata[string(gonb.MIMEImagePNG)].(map[string]int)
			if ratio := float64(m.Bounds().Dx()) / float64(size["width"]); math.Abs(ratio-2) > .02 && name != "Image" {
				t.Errorf("%s: %d pixels are shown as %d, want half as many", name, m.Bounds().Dx(), size["width"])
			}
			if len(picture) > 150_000 {
				t.Errorf("%s: a picture of %d bytes makes notebooks large", name, len(picture))
			}
			if svg, ok := d.Data[gonb.MIMEImageSVG].(string); ok {
				texts(t, svg)
				has(t, svg, `<svg role="img" aria-label="`, `xmlns="http://www.w3.org/2000/svg"`)
			}
			// The kernel reads what the cell writes with package gob, which takes types that both know.
			var wire bytes.Buffer
			var back gonb.DisplayData
			if err := errors.Join(gob.NewEncoder(&wire).Encode(d), gob.NewDecoder(&wire).Decode(&back)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// The list of displays is whole: it has every exported function that shows something.
func TestAllDisplaysAreTested(t *testing.T) {
	tested := displays(t)
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() || !strings.Contains(f.Doc.Text(), " displays ") &&
				!slices.Contains([]string{"Progress"}, f.Name.Name) {
				continue
			}
			if strings.HasSuffix(f.Name.Name, "Outputs") { // what [F] displays
				continue
			}
			seen++
			if tested[f.Name.Name] == nil {
				t.Errorf("%s is not among the displays that are tested", f.Name.Name)
			}
		}
	}
	if seen != len(tested) {
		t.Errorf("%d functions display something, %d are tested", seen, len(tested))
	}
}

func TestImage(t *testing.T) {
	for _, m := range []image.Image{nil, image.NewGray(image.Rectangle{})} {
		if Image("none", m) == nil {
			t.Errorf("%v is shown", m)
		}
	}
}

// Names with control characters are allowed in files: as characters of an SVG they would make it unreadable.
func TestControlCharactersInPictures(t *testing.T) {
	name := "a\x1b[2Jb\x00"
	why := &explained.Pair{Left: name, Right: name, Blocks: []explained.BlockPart{{Name: name, Part: .5}}}
	out, err := ExplanationOutputs(why)
	if err != nil {
		t.Fatal(err)
	}
	grid, err := GridOutputs(name, [][]Tile{{{Text: name, Caption: name}}})
	if err != nil {
		t.Fatal(err)
	}
	scores, err := ScoresOutputs(name, []float32{1}, []float32{0}, .5)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range slices.Concat(out, grid, scores) {
		texts(t, one.SVG)
		if strings.ContainsAny(one.Text, "\x1b\x00") {
			t.Errorf("%q", one.Text)
		}
	}
	has(t, content(TableOutputs(name, []string{name}, [][]string{{name}})), `a\x1b[2Jb\x00`)
}
