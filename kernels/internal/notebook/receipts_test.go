package notebook

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/receipt"
	"github.com/go-siamese/lab/siamese/version"
)

// around is what a notebook was executed with, with a letter for the code of the lab.
func around(code string) receipt.Notebook {
	return receipt.Notebook{Format: receipt.Format, Lab: receipt.Lab{Version: version.Version, Code: code}, Go: "go1.26"}
}

// seal gives all code cells receipts of their code and outputs, and says so for the notebook if it has a version.
func seal(nb *Notebook) {
	whole := around("x")
	nb.SetReceipt(&whole)
	for _, c := range nb.Cells {
		if c.Type() == "code" && !c.Empty() {
			c.SetReceipt(&receipt.Cell{Code: c.CodeDigest(), Outputs: c.OutputsDigest(), Seconds: 0.25})
		}
	}
}

// TestCheckReceipts: what was edited after the execution is found, with its cell; the text around may be edited.
func TestCheckReceipts(t *testing.T) {
	nb, err := Parse([]byte(strings.Replace(fit, "fine, see", "MAP@R .820 [.801, .838] see", 1)))
	if err != nil {
		t.Fatal(err)
	}
	seal(nb)
	nb.Clean("", "")
	sealed, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, old, new string
		cell           int
		want           string // the only finding; empty: none
	}{
		{"untouched", "", "", 0, ""},
		{"text", "# About", "# More about", 0, ""},
		{"a number", ".820", ".999", 4, "its outputs are not those that were executed"},
		{"the picture", "/tmp/AAAA", "/tmp/BBBB", 4, "its outputs are not those that were executed"},
		{"code", "work()", "other()", 4, "its code is not what was executed"},
		{"a parameter", "var N = 1", "var N = 2", 2, "its code is not what was executed"},
		{"an output is gone", `"name": "stderr"`, `"name": "stdout"`, 4, "its outputs are not those that were executed"},
		{"another version", "   \"version\": \"" + version.Version + "\"\n  }", "   \"version\": \"0.0.9\"\n  }", 0,
			"version 0.0.9 of the lab, this is " + version.Version},
		{"a receipt of another version", `"version": "` + version.Version + `"`, `"version": "0.0.9"`, 0, "its receipt is of version 0.0.9"},
		{"a receipt of a later format", `"format": 1`, `"format": 99`, 0, "it has no receipt"},
		{"no receipt of a cell", `"receipt": {
      "code": "` + nb.Cells[1].CodeDigest(), `"none": {
      "code": "` + nb.Cells[1].CodeDigest(), 2, "it has no receipt"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(string(sealed), test.old) {
				t.Fatalf("the fixture lacks %s:\n%s", test.old, sealed)
			}
			nb, err := Parse([]byte(strings.Replace(string(sealed), test.old, test.new, 1)))
			if err != nil {
				t.Fatal(err)
			}
			got := nb.Check()
			switch {
			case test.want == "" && len(got) == 0:
			case test.want == "" || len(got) != 1 || got[0].Cell != test.cell || !strings.Contains(got[0].Text, test.want):
				t.Errorf("found %v, want cell %d: %q alone", got, test.cell, test.want)
			}
		})
	}
}

// TestOutputsDigest: what editors change when they save a notebook changes no digest, and all else does.
func TestOutputsDigest(t *testing.T) {
	digest := func(outputs string) string {
		return parse(t, `{"cell_type": "code", "source": "x", "outputs": [`+outputs+`]}`).Cells[0].OutputsDigest()
	}
	show := func(data, metadata string) string {
		return `{"output_type": "display_data", "data": {` + data + `}, "metadata": {` + metadata + `}}`
	}
	stream := func(text string) string { return `{"output_type": "stream", "name": "stdout", "text": ` + text + `}` }
	for _, same := range [][]string{
		{stream(`"a\nb\n"`), stream(`["a\n", "b\n"]`), stream(`"a\n"`) + "," + stream(`"b\n"`),
			stream(`"x\ra\nc\bb\n"`)},
		{show(`"text/html": "<b>\n</b>", "image/png": "AA"`, ""), show(`"image/png": "AA", "text/html": ["<b>\n", "</b>"]`, "")},
		{show(`"application/json": {"b": 1.0, "a": [1e3, 0.10]}`, `"width": 300.0`),
			show(`"application/json": {"a": [1000, 0.1], "b": 1}`, `"width": 300`)},
		{`{"output_type": "execute_result", "execution_count": 3, "data": {"text/plain": "x"}, "metadata": {}}`,
			`{"output_type": "execute_result", "execution_count": null, "data": {"text/plain": "x"}, "metadata": {}}`},
		{show(`"text/plain": "x"`, ""), `{"output_type": "display_data", "data": {"text/plain": "x"}, "transient": {"display_id": "1"}}`},
	} {
		for _, other := range same[1:] {
			if digest(other) != digest(same[0]) {
				t.Errorf("%s and %s have other digests", same[0], other)
			}
		}
	}
	seen := map[string]string{}
	for _, outputs := range []string{"", stream(`"a"`), stream(`"a\n"`), strings.Replace(stream(`"a"`), "stdout", "stderr", 1),
		stream(`"a"`) + "," + show("", "") + "," + stream(`"b"`), show("", ""), show(`"text/plain": "a"`, ""), show(`"text/html": "a"`, ""),
		show(`"text/html": "a"`, `"x": 1`), show(`"application/json": ["a"]`, ""), show(`"application/json": "a"`, ""),
		show(`"application/json": 9007199254740993`, ""), show(`"application/json": 9007199254740992`, ""),
		show(`"application/json": null`, ""), show(`"application/json": false`, ""), show(`"application/json": ["a", "b"]`, ""),
		strings.Replace(show(`"text/plain": "a"`, ""), "display_data", "execute_result", 1),
		`{"output_type": "error", "ename": "A", "evalue": "b", "traceback": ["c"]}`,
		`{"output_type": "error", "ename": "A", "evalue": "b", "traceback": ["c", "d"]}`} {
		sum := digest(outputs)
		if before, ok := seen[sum]; ok {
			t.Errorf("%s and %s have one digest", before, outputs)
		}
		seen[sum] = outputs
	}
}

// told is a cell as the driver of a run leaves it, with what the kernel has said of it.
func told(code, outputs, lab string) string {
	sum := receipt.Digest([]byte(code))
	return `{"cell_type": "code", "source": "` + code + `", "outputs": [` + outputs + `], "metadata": {"siamese": {"cell": {"code": "` +
		sum + `", "seconds": 1, "facts": {"seed": ["7"]}}, "notebook": {"format": 1, "lab": {"version": "v", "code": "` + lab + `"}}}}}`
}

// TestSeal: the kernel's receipts get the digests of the outputs as they are kept, and are all of one execution.
func TestSeal(t *testing.T) {
	const output = `{"output_type": "stream", "name": "stdout", "text": "a"}`
	nb := parse(t, told("x", "", "1")+","+told("y", output, "2")+","+told("z", "", "2")+`, {"cell_type": "code", "source": "w", "outputs": []}`)
	if other := nb.Seal("siamese-go", []Set{{Name: "N", Value: "3"}}); !cmp.Equal(other, []int{1}) {
		t.Errorf("other code: cells %v", other)
	}
	var outputs receipt.Outputs
	outputs.Stream("stdout", "a")
	want := &receipt.Cell{Code: receipt.Digest([]byte("y")), Outputs: outputs.Digest(), Seconds: 1, Facts: map[string][]string{"seed": {"7"}}}
	if diff := cmp.Diff(want, nb.Cells[1].Receipt()); diff != "" {
		t.Errorf("the cell's (-want +got):\n%s", diff)
	}
	if nb.Cells[0].Receipt() != nil || nb.Cells[2].Receipt() == nil || nb.Cells[3].Receipt() != nil {
		t.Error("receipts are where they should not be, or lacking")
	}
	whole := nb.Receipt()
	if whole == nil || whole.Kernel != "siamese-go" || whole.Lab.Code != "2" || !cmp.Equal(whole.Parameters, map[string]string{"N": "3"}) {
		t.Errorf("the notebook's: %+v", whole)
	}
	if text, err := nb.Bytes(); err != nil || strings.Contains(string(text), `"notebook"`) || strings.Contains(string(text), `"cell"`) {
		t.Errorf("what the driver left is kept: %v\n%s", err, text)
	}
	// Before another execution there is none.
	nb.Reset()
	if nb.Receipt() != nil || nb.Cells[1].Receipt() != nil {
		t.Error("a reset keeps receipts")
	}
}

// TestStamp: a notebook that is saved by hand has receipts of what was executed, and of nothing else.
func TestStamp(t *testing.T) {
	cell := func(code, text string) string {
		return `{"cell_type": "code", "source": "` + code + `", "outputs": [{"output_type": "stream", "name": "stdout", "text": "` + text + `"}]}`
	}
	entry := func(id, code, text, lab string) receipt.Entry {
		var o receipt.Outputs
		o.Stream("stdout", text)
		return receipt.Entry{ID: id, Cell: receipt.Cell{Code: receipt.Digest([]byte(code)), Outputs: o.Digest()}, Notebook: around(lab)}
	}
	state := func(nb *Notebook) (s string) {
		if whole := nb.Receipt(); whole != nil {
			s = whole.Lab.Code
		}
		for _, c := range nb.Cells {
			switch r := c.Receipt(); {
			case r == nil:
				s += " -"
			case r.Code == c.CodeDigest() && r.Outputs == c.OutputsDigest():
				s += " ok"
			default:
				s += " wrong"
			}
		}
		return s
	}
	for _, test := range []struct {
		name  string
		cells []string
		old   bool // they have receipts, of the lab's code x
		edit  string
		kept  []receipt.Entry
		want  string
	}{
		{"nothing is known", []string{cell("a", "1")}, false, "", nil, " -"},
		{"executed", []string{cell("a", "1"), cell("b", "2")}, false, "",
			[]receipt.Entry{entry("1", "a", "1", "y"), entry("2", "b", "2", "y")}, "y ok ok"},
		{"another output", []string{cell("a", "1"), cell("b", "3")}, false, "",
			[]receipt.Entry{entry("1", "a", "1", "y"), entry("2", "b", "2", "y")}, "y ok -"},
		{"other code of the lab since", []string{cell("a", "1"), cell("b", "2")}, false, "",
			[]receipt.Entry{entry("1", "a", "1", "y"), entry("2", "b", "2", "z")}, "z - ok"},
		{"again since", []string{cell("a", "1"), cell("b", "2")}, false, "",
			[]receipt.Entry{entry("1", "a", "1", "y"), entry("2", "b", "2", "z"), entry("3", "a", "1", "z")}, "z ok ok"},
		{"unchanged", []string{cell("a", "1"), cell("b", "2")}, true, "",
			[]receipt.Entry{entry("1", "a", "1", "y")}, "x ok ok"},
		{"edited by hand", []string{cell("a", "1"), cell("b", "2")}, true, "9", nil, "x - ok"},
		{"one executed again", []string{cell("a", "1"), cell("b", "2")}, true, "9",
			[]receipt.Entry{entry("1", "a", "9", "x")}, "x ok ok"},
		{"one executed with other code", []string{cell("a", "1"), cell("b", "2")}, true, "9",
			[]receipt.Entry{entry("1", "a", "9", "y")}, "y ok -"},
		{"all edited", []string{cell("a", "1")}, true, "9", nil, " -"},
	} {
		t.Run(test.name, func(t *testing.T) {
			nb := parse(t, strings.Join(test.cells, ","))
			if test.old {
				seal(nb)
			}
			if test.edit != "" {
				nb.Cells[0].Outputs()[0].raw["text"] = test.edit
			}
			nb.Stamp(test.kept)
			if got := state(nb); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// TestCheckPrivate: what programs tell of themselves may name a path of a machine.
func TestCheckPrivate(t *testing.T) {
	nb, err := Parse([]byte(fit))
	if err != nil {
		t.Fatal(err)
	}
	seal(nb)
	r := nb.Cells[3].Receipt()
	r.Facts = map[string][]string{"cache": {"/home/ann/x"}}
	nb.Cells[3].SetReceipt(r)
	if got := nb.Check(); len(got) != 1 || got[0].Cell != 4 || !strings.Contains(got[0].Text, "/home/ann") {
		t.Errorf("found %v", got)
	}
}
