package notebook

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// hello is the fixture that the integration test executes.
func hello(t *testing.T) *Notebook {
	t.Helper()
	nb, err := Read(filepath.Join("..", "..", "testdata", "hello.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

// nbText is a notebook's JSON with the given cells.
func nbText(cells string) string {
	return `{"cells": [` + cells + `], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}`
}

// parse parses a notebook with the given cells.
func parse(t *testing.T, cells string) *Notebook {
	t.Helper()
	nb, err := Parse([]byte(nbText(cells)))
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

// wantError checks that an error has all the words.
func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q", words)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error lacks %q: %v", word, err)
		}
	}
}

func TestParseFaults(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "not a notebook: EOF"},
		{"truncated", nbText("")[:30], "unexpected EOF"},
		{"a list", "[]", "cannot unmarshal"},
		{"more text", nbText("") + "{}", "more text after its end"},
		{"old format", `{"nbformat": 3, "worksheets": []}`, "nbformat is 3; open and save it"},
		{"no format", `{}`, "nbformat is <nil>"},
		{"no cells", `{"nbformat": 4}`, "no list of cells"},
		{"cells is an object", `{"nbformat": 4, "cells": {}}`, "no list of cells"},
		{"cell is text", nbText(`"x"`), "cell 1 is not an object"},
		{"cell of no type", nbText(`{"source": ""}`), "cell 1: cell_type is <nil>"},
		{"unknown cell", nbText(`{"cell_type": "raw", "source": ""}, {"cell_type": "heading", "source": ""}`),
			"cell 2: cell_type is heading"},
		{"source is a number", nbText(`{"cell_type": "code", "source": 1}`), "source: json.Number is not text"},
		{"source line is a number", nbText(`{"cell_type": "code", "source": ["a", 1]}`), "1 is not a line of text"},
		{"outputs is text", nbText(`{"cell_type": "code", "source": "", "outputs": "x"}`), "outputs is not a list"},
		{"output is text", nbText(`{"cell_type": "code", "source": "", "outputs": ["x"]}`),
			"output 1 is not an object"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse([]byte(test.text))
			wantError(t, err, test.want)
		})
	}
}

func TestReadNamesFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bad.ipynb")
	if err := os.WriteFile(path, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Read(path)
	wantError(t, err, path)
	_, err = Read(path + ".none")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestRoundTrip sees that a notebook as Jupyter writes it is written back to the byte.
func TestRoundTrip(t *testing.T) {
	path := filepath.Join("..", "..", "testdata", "hello.ipynb")
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.ipynb")
	if err := hello(t).Write(out); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestBytes: texts are written as Python's json does, which escapes less than Go's.
func TestBytes(t *testing.T) {
	const want = "\"<&> \u2028 \u2029 \\\\u2028 \\b \\f \x7f é\""
	content, err := parse(t, `{"cell_type": "raw", "source": "<&> \u2028 \u2029 \\u2028 \u0008 \u000c \u007f é"}`).Bytes()
	if err != nil || !strings.Contains(string(content), want) {
		t.Errorf("%v, written\n%s\nwant %s", err, content, want)
	}
}

func TestCellsAndOutputs(t *testing.T) {
	nb := parse(t, `{"cell_type": "code", "source": ["a\n", "b"], "execution_count": 7,
		"metadata": {"tags": ["x", "results", 3]}, "outputs": [
		{"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]},
		{"output_type": "stream", "name": "stderr", "text": "noise\n"},
		{"output_type": "display_data", "data": {"text/html": [
			"<style>b{}</style><table><tr><th>a</th><td>1 &lt; 2</td></tr><tr><td>c</td><td></td></tr>",
			"<tr><td>longer</td>\n <td><b>2</b></td></tr></table><p>after &amp; out</p>"]}},
		{"output_type": "execute_result", "data": {"text/plain": ["plain"], "text/html": "<b>rich</b>"}},
		{"output_type": "display_data", "data": {"text/markdown": "**m**"}},
		{"output_type": "display_data", "data": {"image/png": "AAAA"}}]},
		{"cell_type": "code", "source": "  \n"}`)
	c := nb.Cells[0]
	if c.Source() != "a\nb" || c.Count() != 7 || c.Type() != "code" || c.Empty() || !nb.Cells[1].Empty() ||
		nb.Cells[1].Count() != 0 {
		t.Errorf("cell read wrong: %q %d %q", c.Source(), c.Count(), c.Type())
	}
	if diff := cmp.Diff([]string{"x", "results"}, c.Tags()); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	want := "one\ntwo\na       1 < 2\nc\nlonger  2\nafter & out\nplain\n**m**"
	if diff := cmp.Diff(want, nb.Results()); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if got := parse(t, `{"cell_type": "code", "source": "x"}`).Results(); got != "" {
		t.Errorf("results without a cell for them: %q", got)
	}
}

func TestClean(t *testing.T) {
	nb, err := Parse([]byte(`{"nbformat": 4, "nbformat_minor": 5,
		"metadata": {"title": "T", "widgets": {}, "kernelspec": {"name": "other"},
			"language_info": {"name": "go", "version": "go1.26"}},
		"cells": [{"cell_type": "code", "source": "x", "id": "a", "execution_count": 1,
			"metadata": {"tags": ["results"], "execution": {"iopub.status.busy": "2026"}, "collapsed": true},
			"outputs": [{"output_type": "display_data", "data": {"text/plain": "1"}, "metadata": {},
				"transient": {"display_id": "z"}}]},
			{"cell_type": "code", "source": "y"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	nb.SetVersion("0.1.0")
	nb.Clean("siamese-go", "Siamese Lab (Go)")
	got, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{"widgets", "iopub", "collapsed", "transient", "other"} {
		if strings.Contains(string(got), gone) {
			t.Errorf("still there: %s\n%s", gone, got)
		}
	}
	for _, kept := range []string{`"title": "T"`, `"version": "go1.26"`, `"version": "0.1.0"`, `"siamese-go"`, `"results"`, `"text/plain": "1"`,
		`"execution_count": 1`, `"execution_count": null`} {
		if !strings.Contains(string(got), kept) {
			t.Errorf("lost: %s\n%s", kept, got)
		}
	}
	again, err := Parse(got)
	if err != nil {
		t.Fatal(err)
	}
	again.Clean("", "")
	if second, _ := again.Bytes(); string(second) != string(got) || again.Kernel() != "siamese-go" {
		t.Errorf("cleaning twice is not cleaning once:\n%s", second)
	}
	again.Reset()
	if again.Cells[0].Count() != 0 || len(again.Cells[0].Outputs()) != 0 {
		t.Error("outputs survive a reset")
	}
}
