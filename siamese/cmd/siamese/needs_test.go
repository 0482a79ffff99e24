package main

import (
	"os"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// Work that does not fit into memory is refused with both figures, before and after the table is read.
func TestNeeds(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := table.Save("items.csv", labtest.Toy("i", 4, 15, 6, 0.5, 1)); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"split --out s.json --val 0.3 --test 0.3 items.csv",
		"train --out m.safetensors --split s.json --backend go --layers 64 --epochs 1 --pairs-per-epoch 32 " +
			"--batch-pairs 16 --val-pairs 20 items.csv"} {
		if status, _, errOut := call(strings.Fields(args)...); status != 0 {
			t.Fatal(errOut)
		}
	}
	stat, err := os.Stat("items.csv")
	if err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"describe --json=d.json items.csv":                             "describing needs about ",
		"split --out=t.json items.csv":                                 "splitting needs about ",
		"embed --backend go --out=z.csv m.safetensors items.csv":       "embedding needs about ",
		"search --backend go --query i0 m.safetensors items.csv":       "searching needs about ",
		"evaluate --backend go --split s.json m.safetensors items.csv": "evaluating needs about ",
		"train --out=n.safetensors --backend go --epochs 1 items.csv":  "training needs about ",
	} {
		for free, want := range map[int64]string{10: "reading items.csv needs about ", stat.Size()/4 + 1: want} {
			restore := memory.Pretend(free)
			// Else the table's own bound, a share of what is free, would be met first.
			status, _, errOut := call(append(strings.Fields(args), "--max-bytes=1000000")...)
			restore()
			if status != 1 || !strings.Contains(errOut, want) ||
				!strings.Contains(errOut, memory.Size(float64(free))+" are free") {
				t.Errorf("%s with %d bytes: status %d, %s", args, free, status, errOut)
			}
		}
	}
	for _, name := range []string{"d.json", "t.json", "z.csv", "n.safetensors"} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}
