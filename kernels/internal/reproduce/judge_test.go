package reproduce

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/net/html"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/receipt"
	"github.com/go-siamese/lab/kernels/internal/run"
)

// executedNotebook returns a notebook of code cells that have printed texts, with receipts; "" = no output.
func executedNotebook(t *testing.T, printed ...string) *notebook.Notebook {
	t.Helper()
	var cells []any
	for i, text := range printed {
		list := []any{}
		if text != "" {
			list = append(list, stream("stdout", text))
		}
		cells = append(cells, map[string]any{"cell_type": "code", "id": string(rune('a' + i)), "execution_count": i + 1,
			"source": "%%\nprintln(" + string(rune('a'+i)) + ")", "metadata": map[string]any{}, "outputs": list})
	}
	content, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{},
		"cells": cells})
	if err != nil {
		t.Fatal(err)
	}
	nb, err := notebook.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	nb.SetReceipt(&receipt.Notebook{Format: receipt.Format, Go: "go1.26.8", GoSum: "1", Kernel: "siamese-go",
		Lab:       receipt.Lab{Version: "0.1.0", Code: "c0de", Commit: "abc"},
		Processor: receipt.Processor{System: "linux/amd64", Kind: "A", Sets: []string{"avx", "avx2"}, Cores: 2}})
	for _, c := range nb.Cells {
		c.SetReceipt(&receipt.Cell{Code: c.CodeDigest(), Outputs: c.OutputsDigest(), Seconds: 1})
	}
	return nb
}

// change changes the receipt of a cell.
func change(c *notebook.Cell, f func(*receipt.Cell)) {
	r := c.Receipt()
	f(r)
	c.SetReceipt(r)
}

// onlyStates leaves the states of a verdict.
func onlyStates(v Notebook) []State {
	all := []State{v.State}
	for _, c := range v.Cells {
		all = append(all, c.State)
	}
	return all
}

// Every cell has its verdict, and the notebook has the worst of them.
func TestJudge(t *testing.T) {
	saved := executedNotebook(t, "", "MAP .820 [.801, .838]", "loss 0.5", "9 s")
	none := executedNotebook(t, "", "", "", "")
	none.Reset()
	edited := executedNotebook(t, "", "MAP .820 [.801, .838]", "loss 0.5", "9 s")
	change(edited.Cells[2], func(r *receipt.Cell) { r.Outputs = "of other outputs" })
	timed := executedNotebook(t, "", "MAP .820 [.801, .838]", "loss 0.5", "9 s")
	change(timed.Cells[3], func(r *receipt.Cell) { r.Volatile = []string{"9 s"} })
	faster := executedNotebook(t, "", "MAP .820 [.801, .838]", "loss 0.5", "10 s")
	change(faster.Cells[3], func(r *receipt.Cell) { r.Volatile = []string{"10 s"} })
	cut := executedNotebook(t, "", "MAP .820 [.801, .838]", "boom", "")
	cut.Cells[3].SetReceipt(nil)
	part := func() *notebook.Notebook { // the last cell did not run
		nb := executedNotebook(t, "", "MAP .820 [.801, .838]", "boom")
		return nb
	}()
	failed := &run.CellError{Cell: 3, Line: "line 2: x", Message: "Panic"}
	tests := []struct {
		name         string
		saved, fresh *notebook.Notebook
		failed       error
		want         []State
	}{
		{"same", saved, saved, nil, []State{Same, Same, Same, Same, Same}},
		{"within", saved, executedNotebook(t, "", "MAP .815 [.795, .833]", "loss 0.5", "9 s"), nil,
			[]State{Within, Same, Within, Same, Same}},
		{"different", saved, executedNotebook(t, "", "MAP .815 [.795, .833]", "loss 0.4", "9 s"), nil,
			[]State{Different, Same, Within, Different, Same}},
		{"another time, marked", timed, faster, nil, []State{Same, Same, Same, Same, Same}},
		{"another time, marked once", saved, faster, nil, []State{Different, Same, Same, Same, Different}},
		{"new", none, saved, nil, []State{New, New, New, New, New}},
		{"edited", edited, saved, nil, []State{Edited, Same, Same, Edited, Same}},
		{"failed", saved, part, failed, []State{Failed, Same, Same, Failed, NotRun}},
		{"failed before it was counted", saved, executedNotebook(t, "", "MAP .820 [.801, .838]"), failed,
			[]State{Failed, Same, Same, Failed, NotRun}},
		{"not executed", saved, nil, errors.New("no kernel"), []State{Failed, NotRun, NotRun, NotRun, NotRun}},
	}
	for _, test := range tests {
		v := judge(test.saved, test.fresh, test.failed, 0)
		if diff := cmp.Diff(test.want, onlyStates(v)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if v.State.Good() != (v.State == Same || v.State == Within) {
			t.Errorf("%s: %s is good: %v", test.name, v.State, v.State.Good())
		}
	}
	v := judge(saved, part, failed, 0)
	if got := v.Cells[2].Failure; got != "line 2: x\nPanic" {
		t.Errorf("the failure is %q", got)
	}
	if v := judge(saved, nil, errors.New("no kernel"), 0); v.Error != "no kernel" {
		t.Errorf("the error is %q", v.Error)
	}
}

// Causes are what the receipts differ in, of the notebook and of each cell that is not the same, and no others.
func TestCauses(t *testing.T) {
	file := func(name, sum string) receipt.File { return receipt.File{Name: name, Bytes: 1, SHA: sum} }
	saved, fresh := executedNotebook(t, "1", "2", "3"), executedNotebook(t, "1", "3", "4")
	now := fresh.Receipt()
	now.Processor.Kind, now.Processor.Sets, now.Processor.Cores = "B", []string{"avx", "avx512f"}, 4
	now.GoSum, now.Go, now.Lab.Code, now.Lab.Commit, now.Lab.Changed = "2", "go1.27", "c0de2", "def", true
	now.Plugin = &receipt.File{Name: "plugin.so", SHA: "77"}
	now.Kernel, now.Backend = "siamese-xla", "xla"
	fresh.SetReceipt(now)
	change(saved.Cells[0], func(r *receipt.Cell) { r.Code = "older" })
	for _, c := range []*notebook.Cell{saved.Cells[0], fresh.Cells[0]} {
		change(c, func(r *receipt.Cell) { r.Written = []receipt.File{file("runs/m", "x")} })
	}
	change(saved.Cells[1], func(r *receipt.Cell) {
		r.Read = []receipt.File{file("a.csv", "1"), file("b.csv", "1"), file("runs/m", "x")}
		r.Facts = map[string][]string{"seed": {"1"}, "backend": {"go"}}
	})
	change(fresh.Cells[1], func(r *receipt.Cell) {
		r.Read = []receipt.File{file("a.csv", "2"), file("c.csv", "1"), file("runs/m", "y")}
		r.Facts = map[string][]string{"seed": {"2"}, "backend": {"go"}}
	})
	fresh.Cells[2].SetReceipt(nil)
	v := judge(saved, fresh, nil, 0)
	want := []Cause{{Processor, "", "linux/amd64 A", "linux/amd64 B"}, {Processor, "instruction sets", "avx2", "avx512f"},
		{Processor, "", "2 cores", "4 cores"}, {Plugin, "", "", "plugin.so 77"}, {Backend, "", "", "xla"},
		{Kernel, "", "siamese-go", "siamese-xla"}, {Toolchain, "", "go1.26.8", "go1.27"}, {Modules, "", "1", "2"},
		{LabCode, "", "0.1.0 commit abc code c0de", "0.1.0 commit def with changes code c0de2"}}
	if diff := cmp.Diff(want, v.Causes); diff != "" {
		t.Errorf("of the notebook (-want +got):\n%s", diff)
	}
	wantCells := [][]Cause{nil, {{What: Code, Name: "of cell 1"}, {Data, "a.csv", "1 bytes 1", "1 bytes 2"},
		{Data, "b.csv", "1 bytes 1", ""}, {Data, "c.csv", "", "1 bytes 1"},
		{Earlier, "1, which writes runs/m", "1 bytes x", "1 bytes y"}, {Told, "seed", "1", "2"}},
		{{What: Code, Name: "of cell 1"}}}
	for i, c := range v.Cells {
		if diff := cmp.Diff(wantCells[i], c.Causes); diff != "" {
			t.Errorf("cell %d (-want +got):\n%s", i+1, diff)
		}
		if c.Receipt != (i < 2) {
			t.Errorf("cell %d has both receipts: %v", i+1, c.Receipt)
		}
	}
	if v := judge(saved, saved, nil, 0); v.Causes != nil {
		t.Errorf("two equal receipts: %v", v.Causes)
	}
	saved.SetReceipt(nil)
	if v := judge(saved, fresh, nil, 0); v.Receipt || v.Causes != nil {
		t.Errorf("without a receipt: %v, %v", v.Receipt, v.Causes)
	}
}

// The JSON has what it is documented to have.
func TestJSON(t *testing.T) {
	saved, fresh := executedNotebook(t, "1", "<b>2"), executedNotebook(t, "1", "3")
	v := judge(saved, fresh, nil, 0)
	v.Notebook, v.Kernel = "a.ipynb", "siamese-go"
	var b bytes.Buffer
	if err := NewReport("0.1.0", 0.5, []Notebook{v}).JSON(&b); err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	cell := func(n int, state State, more map[string]any) map[string]any {
		all := map[string]any{"cell": float64(n), "line": "println(" + string(rune('a'+n-1)) + ")", "state": string(state),
			"seconds": 1.0, "receipt": true}
		for k, v := range more {
			all[k] = v
		}
		return all
	}
	want := map[string]any{"format": 1.0, "lab": "0.1.0", "good": false, "tolerance": 0.5, "notebooks": []any{
		map[string]any{"notebook": "a.ipynb", "state": "different", "kernel": "siamese-go", "kept": false, "seconds": 0.0,
			"receipt": true, "cells": []any{cell(1, Same, nil), cell(2, Different, map[string]any{"differences": []any{
				map[string]any{"output": 1.0, "part": "stdout", "what": "text", "saved": "<b>2", "fresh": "3"}}})}}}}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

// The page has both sides, no script and no address, and texts of notebooks stay texts.
func TestPage(t *testing.T) {
	const hostile = `<script>alert(1)</script><img src="http://a/b">`
	saved, fresh := executedNotebook(t, hostile+"1", "same"), executedNotebook(t, hostile+"2", "same")
	v := judge(saved, fresh, nil, 0)
	v.Notebook = hostile + ".ipynb"
	v.Cells[0].Line, v.Cells[0].State = hostile, Different
	v.Cells[0].Saved = outputs(t, display("text/html", "<table>"+hostile+"\"></table>"),
		display("image/svg+xml", "<svg/>"),
		display("image/png", "!"))
	v.Causes = []Cause{{What: Data, Name: hostile}}
	var b bytes.Buffer
	if err := NewReport("0.1.0", 0, []Notebook{v}).Page(&b); err != nil {
		t.Fatal(err)
	}
	frames := 0
	var look func(content string, inside bool)
	look = func(content string, inside bool) {
		z := html.NewTokenizer(strings.NewReader(content))
		for z.Next() != html.ErrorToken {
			tag := z.Token()
			if tag.Type != html.StartTagToken && tag.Type != html.SelfClosingTagToken {
				continue
			}
			if tag.Data == "script" && !inside {
				t.Errorf("the page has a script")
			}
			for _, a := range tag.Attr {
				switch {
				case a.Key == "srcdoc":
					frames++
					look(a.Val, true)
				case (a.Key == "src" || a.Key == "href") && !strings.HasPrefix(a.Val, "data:image/") && !inside:
					t.Errorf("%s has %s=%q", tag.Data, a.Key, a.Val)
				case strings.HasPrefix(a.Key, "on"):
					t.Errorf("%s has %s", tag.Data, a.Key)
				}
			}
			if tag.Data == "iframe" && !strings.Contains(tag.String(), `sandbox=""`) {
				t.Errorf("a frame is not closed: %s", tag)
			}
		}
	}
	look(b.String(), false)
	if frames != 1 {
		t.Errorf("%d frames, want that of the HTML", frames)
	}
	for _, want := range []string{"default-src &#39;none&#39;", "prefers-color-scheme: dark",
		"data:image/svg&#43;xml;base64,PHN2Zy8&#43;",
		"&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=&#34;http://a/b&#34;&gt;2", "default-src 'none'"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// The text has a line for each cell, and texts of the notebook move nothing.
func TestText(t *testing.T) {
	saved, fresh := executedNotebook(t, "1", "a 2\x1b[2J"), executedNotebook(t, "1", "a 3\x1b[2J")
	v := judge(saved, fresh, nil, 0)
	var b bytes.Buffer
	if err := v.Text(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"same       cell 1   println(a)\n", "different  cell 2   println(b)\n",
		"output 1, stdout: 2, now 3\n", "different: 1 same, 1 different of 2 cells\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "\x1b") {
		t.Errorf("the text has a control character: %q", b.String())
	}
}
