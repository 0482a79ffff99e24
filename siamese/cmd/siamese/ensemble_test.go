package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// A model of several encoders is trained by a flag and serves every command.
func TestEnsembleCommands(t *testing.T) {
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
	const training = "train --backend go --split OUT/s.json --out OUT/m.safetensors --layers 8,4 --ensemble 8,4/6 " +
		"--epochs 2 --pairs-per-epoch 128 --batch-pairs 16 --val-pairs 60 --feature-share 0.3 --state OUT/state OUT/items.csv"
	ran(training)
	m, err := siamese.Load(in("m.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]int{{8, 4}, {6}}
	if !slices.EqualFunc(m.Config.Ensemble, want, slices.Equal[[]int]) || len(m.Encoders()) != 3 {
		t.Errorf("%v, %d encoders", m.Config.Ensemble, len(m.Encoders()))
	}
	labtest.WantText(t, ran(training), "resumed after step 48")
	text := ran("describe OUT/m.safetensors")
	labtest.WantText(t, text, "by 3 encoders")
	labtest.WantText(t, text, "encoder 3 of 3: layers [6], loss mse")
	ran("evaluate --backend go --no-baselines --split OUT/s.json --json OUT/r.json OUT/m.safetensors OUT/items.csv")
	labtest.WantText(t, ran("compare --backend go OUT/m.safetensors OUT/items.csv i0 i1"), "i0  i1")
	labtest.WantText(t, ran("search --backend go --query i0 OUT/m.safetensors OUT/items.csv"), "i1")
	labtest.WantText(t, ran("explain --backend go --pair i0,i1 --background 4 --steps 5 --split OUT/s.json "+
		"OUT/m.safetensors OUT/items.csv"), "cosine")
	ran("export --out OUT/m.onnx OUT/m.safetensors")
	for _, flags := range []string{"--ensemble 8,x", "--ensemble 8,0", "--ensemble 8//8"} {
		status, _, errOut := call(strings.Fields("train --print-config " + flags)...)
		if status == 0 || !strings.Contains(errOut, "--ensemble") {
			t.Errorf("%s: %d, %s", flags, status, errOut)
		}
	}
}
