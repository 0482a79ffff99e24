package notebook

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fit is a notebook without fault, of which the tests spoil one thing each.
const fit = `{"nbformat": 4, "nbformat_minor": 5,
"metadata": {"kernelspec": {"display_name": "x", "language": "go", "name": "siamese-xla"},
 "siamese": {"version": "0.1.0"}}, "cells": [
{"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# About, see https://go.dev"]},
{"cell_type": "code", "id": "b", "execution_count": 1, "metadata": {"tags": ["parameters"]}, "outputs": [],
 "source": ["var N = 1"]},
{"cell_type": "code", "id": "c", "execution_count": null, "metadata": {}, "outputs": [], "source": []},
{"cell_type": "code", "id": "d", "execution_count": 2, "metadata": {}, "outputs": [
 {"output_type": "stream", "name": "stdout", "text": ["fine, see https://go.dev\n"]},
 {"output_type": "stream", "name": "stderr", "text": ["step 1\nexit status is good\n"]},
 {"output_type": "display_data", "metadata": {}, "data": {"image/png": "/tmp/AAAA/home/x",
  "text/html": ["<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"data:image/png;base64,/tmp/x/root/y=\"/>",
   "</svg><a href=\"https://go.dev\">go</a>"]}}
], "source": ["%%\nwork()"]}]}`

func TestCheck(t *testing.T) {
	tests := []struct {
		name, old, new string
		want           string // the only finding; empty: none
	}{
		{"fit", "", "", ""},
		{"starts with code", `"cell_type": "markdown"`, `"cell_type": "raw"`, "the first cell is not text"},
		{"not executed", `"execution_count": 2`, `"execution_count": null`, "cell 4: not executed"},
		{"counts", `"execution_count": 2`, `"execution_count": 3`, "cell 4: execution count 3 where 2 is due"},
		{"no parameters", `"tags": ["parameters"]`, `"tags": []`, "0 cells are tagged"},
		{"two parameters", `"execution_count": 2, "metadata": {}`,
			`"execution_count": 2, "metadata": {"tags": ["parameters"]}`, "2 cells are tagged"},
		{"injected", `"execution_count": 2, "metadata": {}`,
			`"execution_count": 2, "metadata": {"tags": ["injected-parameters"]}`, "cell 4: parameters of one run"},
		{"error", `{"output_type": "stream", "name": "stdout", "text": ["fine, see https://go.dev\n"]}`,
			`{"output_type": "error", "ename": "ERROR", "evalue": "no good", "traceback": []}`,
			"cell 4: failed: ERROR: no good"},
		{"words of a program", `exit status is good`, `exit status 1`, ""},
		{"no version", `"version": "0.1.0"`, `"other": 1`, "with which version of the lab"},
		{"path in the source", `work()`, `read(\"/home/ann/x\")`,
			"cell 4: the source names a path of a machine: /home/ann"},
		{"path in the text", `fine, see`, `kept in /tmp/x1`,
			"cell 4: an output (text) names a path of a machine: /tmp/x1"},
		{"Windows path", `fine, see`, `kept in C:\\Users\\ann`, "path of a machine"},
		{"path in HTML", `>go<`, `>/root/go<`, "cell 4: an output (text/html) names a path"},
		{"script", `<svg `, `<script src='https://cdn.example/x.js'></script><svg `,
			"cell 4: an output (text/html) needs the network"},
		{"script without a scheme", `<svg `, `<script src=//cdn.example/x.js></script><svg `, "needs the network"},
		{"stylesheet", `<svg `, `<link rel=stylesheet href=\"https://x\"><svg `, "needs the network"},
		{"style", `<svg `, `<style>@import 'https://x'; b{background:url(https://x)}</style><svg `,
			"needs the network"},
		{"fetch", `<svg `, `<script>fetch(\"https://x\")</script><svg `, "needs the network"},
		{"picture", `data:image/png;base64,/tmp/x/root/y=`, `https://x/y.png`, "needs the network"},
		{"widget", `"text/html":`, `"application/vnd.jupyter.widget-view+json": {"model_id": "a"}, "text/html":`,
			"cell 4: an output is a widget of a kernel that has ended"},
		{"kernel", `siamese-xla`, `python3`, `kernel "python3"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.old != "" && !strings.Contains(fit, test.old) {
				t.Fatalf("the fixture lacks %s", test.old)
			}
			nb, err := Parse([]byte(strings.Replace(fit, test.old, test.new, 1)))
			if err != nil {
				t.Fatal(err)
			}
			seal(nb)
			got := nb.Check()
			if test.want == "" {
				if len(got) > 0 {
					t.Errorf("found %v", got)
				}
				return
			}
			if len(got) != 1 || !strings.Contains(got[0].String(), test.want) {
				t.Errorf("found %v, want %q alone", got, test.want)
			}
		})
	}
}

// TestFailureOfScript: a cell of another language has no guard, and is judged by GoNB's last line.
func TestFailureOfScript(t *testing.T) {
	for source, want := range map[string]string{"%%bash\nfalse": "exit status 1", "%%\nwork()": ""} {
		content, err := json.Marshal(source)
		if err != nil {
			t.Fatal(err)
		}
		nb := parse(t, `{"cell_type": "code", "source": `+string(content)+`, "outputs": [
			{"output_type": "stream", "name": "stderr", "text": "exit status 1\n"}]}`)
		if got := nb.Cells[0].Failure(); got != want {
			t.Errorf("%q: failure %q, want %q", source, got, want)
		}
	}
}

func TestCheckFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n.ipynb")
	nb, err := Parse([]byte(fit))
	if err != nil {
		t.Fatal(err)
	}
	seal(nb)
	nb.Clean("", "")
	if err := nb.Write(path); err != nil {
		t.Fatal(err)
	}
	if got, err := CheckFile(path); err != nil || len(got) > 0 {
		t.Errorf("found %v, %v", got, err)
	}
	if err := os.WriteFile(path, []byte(fit), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := CheckFile(path); err != nil || len(got) != 2 || !strings.Contains(got[1].Text, "--inplace") {
		t.Errorf("found %v, %v", got, err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = CheckFile(path)
	wantError(t, err, path, "not a notebook")
	_, err = CheckFile(path + ".none")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}
