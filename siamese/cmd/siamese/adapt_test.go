package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese"
)

// A model is adapted to a table without labels although those of DATA are in a table beside it, and says of how many
// items; what is adapted is PLDA alone.
func TestAdapt(t *testing.T) {
	flagTables(t)
	text, err := os.ReadFile("items.csv")
	if err != nil {
		t.Fatal(err)
	}
	labels, bare, fresh := "id,label\n", "", ""
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		cells := strings.Split(line, ",")
		without := strings.Join(append(cells[:1:1], cells[2:]...), ",") + "\n"
		bare += without
		if i == 0 {
			fresh += without
			continue
		}
		labels += cells[0] + "," + cells[1] + "\n"
		if i%3 == 0 {
			fresh += "new" + without
		}
	}
	for name, text := range map[string]string{"labels.csv": labels, "bare.csv": bare, "fresh.csv": fresh} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	status, out, errOut := call("adapt", "--backend=go", "--split=m.split.json", "--labels=labels.csv",
		"--out=a.safetensors", "n.safetensors", "bare.csv", "fresh.csv")
	if status != 0 || !strings.Contains(out, "adapted to 20 items without labels") {
		t.Fatal(out, errOut)
	}
	was, err := siamese.Load("n.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	is, err := siamese.Load("a.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if is.FeaturesPLDA.Adapted != 20 || was.FeaturesPLDA.Adapted != 0 ||
		!slices.Equal(is.Layers[0].Weights, was.Layers[0].Weights) {
		t.Errorf("%v, before %v", is.FeaturesPLDA, was.FeaturesPLDA)
	}
	for _, wrong := range [][]string{{"n.safetensors", "items.csv", "nothing.csv"},
		{"m.safetensors", "items.csv", "fresh.csv"}} {
		status, _, errOut := call(append([]string{"adapt", "--backend=go", "--split=m.split.json", "--out=b.safetensors"},
			wrong...)...)
		if _, err := os.Stat("b.safetensors"); status != 1 || err == nil {
			t.Errorf("%q: status %d, %s, %v", wrong, status, errOut, err)
		}
	}
}
