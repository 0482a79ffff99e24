package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/report"
)

// A model with PLDA serves every command: its cosines are those of PLDA's vectors, and its report shows what it adds.
func TestPLDACommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := table.Save(in("items.csv"), labtest.Toy("i", 4, 20, 6, 0.5, 1)); err != nil {
		t.Fatal(err)
	}
	ran := func(line string) string {
		t.Helper()
		args := strings.Fields(strings.ReplaceAll(line, "OUT", dir))
		status, out, errOut := call(args...)
		if status != 0 {
			t.Fatalf("%s: %d\n%s%s", line, status, out, errOut)
		}
		return out
	}
	ran("split --out OUT/s.json --val 0.3 --test 0.3 OUT/items.csv")
	ran("train --backend go --split OUT/s.json --out OUT/m.safetensors --layers 8,4 --epochs 1 --pairs-per-epoch 128 " +
		"--batch-pairs 16 --val-pairs 60 --feature-share 0.3 --plda both OUT/items.csv")
	text := ran("describe OUT/m.safetensors")
	for _, want := range []string{"the encoder compared by PLDA of 4 components", "features compared by PLDA of 6 components"} {
		labtest.WantText(t, text, want)
	}
	labtest.WantText(t, ran("evaluate --backend go --no-baselines --split OUT/s.json --json OUT/r.json OUT/m.safetensors "+
		"OUT/items.csv"), report.PlainName)
	compared, err := report.Load(in("r.json"))
	if err != nil {
		t.Fatal(err)
	}
	if v := compared.One().Variant; v == nil || v.Name != report.PlainName {
		t.Errorf("variant %+v", v)
	}
	labtest.WantText(t, ran("compare --backend go OUT/m.safetensors OUT/items.csv i0 i1"), "i0  i1")
	labtest.WantText(t, ran("search --backend go --query i0 OUT/m.safetensors OUT/items.csv"), "i1")
	labtest.WantText(t, ran("explain --backend go --pair i0,i1 --background 4 --steps 5 --split OUT/s.json OUT/m.safetensors "+
		"OUT/items.csv"), "cosine")
	// What does not fit is an error of the flag.
	for _, flags := range []string{"--plda features", "--plda yes --feature-share 0.3"} {
		status, _, errOut := call(strings.Fields("train --print-config " + flags)...)
		if status == 0 || !strings.Contains(errOut, "--plda") {
			t.Errorf("%s: %d, %s", flags, status, errOut)
		}
	}
}
