package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Items of several classes are trained on and evaluated by the flag and the model; what would count them wrongly is
// refused.
func TestSeveralLabels(t *testing.T) {
	t.Parallel()
	dir, rng := t.TempDir(), rand.New(rand.NewPCG(1, 1))
	var text strings.Builder
	text.WriteString("id,label,f_0,f_1,f_2,f_3,f_4,f_5\n")
	for i := range 300 {
		var row [6]float64
		for k := range row {
			row[k] = 0.2 * rng.NormFloat64()
		}
		tags := rng.Perm(5)[:1+rng.IntN(2)]
		var names []string
		for _, c := range tags {
			row[c]++
			names = append(names, string(rune('a'+c)))
		}
		fmt.Fprintf(&text, "i%d,%s", i, strings.Join(names, " + "))
		for _, v := range row {
			fmt.Fprintf(&text, ",%.4f", v)
		}
		text.WriteString("\n")
	}
	if err := os.WriteFile(filepath.Join(dir, "items.csv"), []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	train := "train --backend go --out m.safetensors --label-separator + --layers 16,8 --epochs 2 " +
		"--pairs-per-epoch 640 --batch-pairs 32 "
	const over = "over all pairs of labelled test items (no interval): trained encoder: MAP@R 0."
	siameseSays(t, dir, train+"--loss supcon items.csv", "model: m.safetensors", "MAP@R")
	siameseSays(t, dir,
		"evaluate --backend go --split m.split.json --json report.json --html report.html m.safetensors items.csv",
		"new items: 435 pairs of 30 items", "standardised features", "trained encoder", over)
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil || !strings.Contains(string(page), over) ||
		!strings.Contains(string(page), "Evaluation on labelled pairs: new items") {
		t.Errorf("%v: %q is not in the page", err, over)
	}
	if said := siameseSays(t, dir, "report report.json", over); strings.Contains(said, "are not defined") {
		t.Errorf("MAP@R is given and not defined:\n%s", said)
	}
	siameseSays(t, dir, train+"--split m.split.json --out n.safetensors --monitor val_auc items.csv",
		"model: n.safetensors")
	siameseSays(t, dir, "evaluate --backend go --split m.split.json m.safetensors n.safetensors items.csv",
		"n.safetensors", "435 pairs")
	siameseSays(t, dir,
		"train --backend go --out one.safetensors --split m.split.json --layers 16,8 --epochs 1 "+
			"--pairs-per-epoch 64 --batch-pairs 32 items.csv", "model: one.safetensors")
	siameseSays(t, dir, strings.Replace(train, "r +", "r |",
		1)+"--split m.split.json --out wrong.safetensors items.csv", `label_separator "|" is in no label`)
	const evaluate = "evaluate --backend go --split m.split.json "
	for args, want := range map[string]string{
		evaluate + "m.safetensors one.safetensors items.csv":                `"+" and one.safetensors with ""`,
		evaluate + "one.safetensors m.safetensors items.csv":                `"" and m.safetensors with "+"`,
		evaluate + "--estimate 20 m.safetensors items.csv":                  "--estimate: ",
		"explain --backend go --split m.split.json m.safetensors items.csv": "label_separator: ",
		train + "--held-out a items.csv":                                    "--label-separator: ",
		train + "--unseen a items.csv":                                      "--unseen: a is not a file",
		train + "--preset recommended items.csv":                            "--label-separator: ",
	} {
		said, err := siameseCommand(t, dir, args).CombinedOutput()
		if err == nil || !strings.Contains(string(said), want) {
			t.Errorf("%s: %v\n%s\nwant %q", args, err, said, want)
		}
	}
}
