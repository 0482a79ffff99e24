package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/advise"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// The advice is the library's, in all three forms, and text of the data stays text in the page.
func TestAdvise(t *testing.T) {
	dir := t.TempDir()
	flagTables(t)
	text, err := os.ReadFile("items.csv")
	if err != nil {
		t.Fatal(err)
	}
	hostile := strings.ReplaceAll(string(text), ",a,", ",<b>a</b>,")
	if err := os.WriteFile("hostile.csv", []byte(hostile), 0o600); err != nil {
		t.Fatal(err)
	}
	page, file := filepath.Join(dir, "a.html"), filepath.Join(dir, "a.json")
	status, out, errOut := call("advise", "--seed=7", "--html="+page, "--json="+file, "hostile.csv")
	if status != 0 {
		t.Fatal(errOut)
	}
	frame, _, err := table.Open(t.Context(), "hostile.csv", table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := advise.Run(t.Context(), frame, advise.Options{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(out, "\n"+want.String()+"\n") || want.ByItems == nil || len(want.Refused) != 1 {
		t.Errorf("said %s, want %v", out, want)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got, expected any
	plain, err := json.Marshal(want)
	if err != nil || json.Unmarshal(written, &got) != nil || json.Unmarshal(plain, &expected) != nil {
		t.Fatalf("%s is no JSON, or %v", written, err)
	}
	if a, b := mustJSON(t, got), mustJSON(t, expected); a != b {
		t.Errorf("JSON %s, want %s", a, b)
	}
	shown, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(shown), "<b>") || !strings.Contains(string(shown), "<title>Advice</title>") ||
		!strings.Contains(string(shown), "items a class") {
		t.Errorf("page %s", shown)
	}
}

// Advice on the training items is a part of a report: on its page, in its text and in its file, of which the same page
// is made again.
func TestEvaluateAdvises(t *testing.T) {
	flagTables(t)
	status, out, errOut := call("evaluate", "--backend=go", "--no-baselines", "--split=m.split.json", "--advise",
		"--html=r.html", "--json=r.json", "m.safetensors", "items.csv")
	if status != 0 || !strings.Contains(out, "labels that look wrong: ") {
		t.Fatal(out, errOut)
	}
	if status, _, errOut := call("report", "--html=again.html", "r.json"); status != 0 {
		t.Fatal(errOut)
	}
	page, err := os.ReadFile("r.html")
	if err != nil {
		t.Fatal(err)
	}
	again, err := os.ReadFile("again.html")
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != string(again) || !strings.Contains(string(page), "<h2>Advice on the data</h2>") {
		t.Error("the page of the file is another, or has no advice")
	}
	split, err := os.ReadFile("m.split.json")
	if err != nil {
		t.Fatal(err)
	}
	var sides struct{ Train struct{ IDs []string } }
	if err := json.Unmarshal(split, &sides); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%d items of 4 classes; model: PLDA", len(sides.Train.IDs))
	if !strings.Contains(string(page), want) {
		t.Errorf("the advice is not on the training items: no %q", want)
	}
	// Of several files it is kept where they have the same, or one has some.
	files := []*savedReport{labtest.Must(readReport("r.json")), labtest.Must(readReport("r.json"))}
	names := []string{"a", "b"}
	files[0].compared.Advice = nil
	for _, reports := range [][]*savedReport{files, {files[1], files[0]}, {files[1], files[1]}} {
		var errOut strings.Builder
		if all := labtest.Must(gather(reports, names, &errOut)); all.Advice == nil || errOut.Len() > 0 {
			t.Errorf("the advice is lost: %s", errOut.String())
		}
	}
	files[0].compared.Advice = &advise.Advice{}
	var told strings.Builder
	if all := labtest.Must(gather(files, names, &told)); all.Advice != nil {
		t.Error("of different advice one is shown")
	}
	labtest.WantText(t, told.String(), "different advice")
}

// The page shows the labels that look wrong as pictures, of the built-in images without being asked.
func TestAdvisePictures(t *testing.T) {
	page := filepath.Join(t.TempDir(), "a.html")
	if status, _, errOut := call("advise", "--no-curves", "--html="+page, "builtin:12"); status != 0 {
		t.Fatal(errOut)
	}
	shown, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(shown), `href="data:image/`) || !strings.Contains(string(shown), "img-src data:") {
		t.Error("the page has no pictures, or forbids them")
	}
	known := &images.Image{W: 2, H: 2, C: 1, Pix: []byte{0, 80, 160, 240}}
	find := &finder{known: map[string]*images.Image{"a": known}}
	a := &advise.Advice{Labels: &advise.LabelCheck{Suspects: []advise.Suspect{{ID: "b"}}}}
	if err := saveAdvice(page, a, find); !slices.Equal(option.Names(err), []string{"images"}) {
		t.Errorf("no picture is there: %v", err)
	}
}

// mustJSON returns a value as JSON with its keys in order.
func mustJSON(t *testing.T, of any) string {
	t.Helper()
	text, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The model of --train is an encoder that has seen the training items alone, with batches that they fill.
func TestAdviseEncoder(t *testing.T) {
	flagTables(t)
	frame, _, err := table.Open(t.Context(), "items.csv", table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := siamese.OpenBackend("go")
	if err != nil {
		t.Fatal(err)
	}
	cfg := siamese.Recommended()
	cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch = []int{8}, 1, 2*cfg.BatchPairs
	var train, test []int
	for i := range frame.N() {
		if i < 40 {
			train = append(train, i)
		} else {
			test = append(test, i)
		}
	}
	fit := encoderOf(b, cfg)
	z, err := fit(t.Context(), frame.Select(train), frame.Select(test), 3)
	if err != nil {
		t.Fatal(err)
	}
	if z.N != len(test) || z.E <= 8 { // the features stay beside the encoder
		t.Errorf("%v", z)
	}
	for i := range z.N {
		if square := embedding.Dot(z.Row(i), z.Row(i)); math.Abs(float64(square)-1) > 1e-3 {
			t.Errorf("row %d has the length %v", i, square)
		}
	}
	again, err := fit(t.Context(), frame.Select(train), frame.Select(test), 3)
	if err != nil {
		t.Fatal(err)
	}
	other, err := fit(t.Context(), frame.Select(train), frame.Select(test), 4)
	if err != nil {
		t.Fatal(err)
	}
	same := func(a, b *embedding.Embeddings) bool {
		for k, v := range a.Values {
			if v != b.Values[k] {
				return false
			}
		}
		return true
	}
	if !same(z, again) || same(z, other) {
		t.Error("the seed does not decide on the bits")
	}
}
