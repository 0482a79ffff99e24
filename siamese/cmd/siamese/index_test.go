package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/search/hnsw"
)

// A search in an index finds what a search in the table of the items finds, whatever the storage, by an id and by a
// table; an index of another model and what does nothing to an index are refused.
func TestIndex(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	items := labtest.Toy("i", 4, 20, 6, 0.5, 1)
	for name, part := range map[string][]int{"items.csv": nil, "query.csv": {3, 40}} {
		f := items
		if part != nil {
			f = items.Select(part)
		}
		if err := table.Save(filepath.Join(dir, name), f); err != nil {
			t.Fatal(err)
		}
	}
	ran := func(status int, line string) (out, errOut string) {
		t.Helper()
		words := strings.Fields(line)
		for i, w := range words {
			if strings.Contains(w, ".") && w[0] > '9' {
				words[i] = filepath.Join(dir, w)
			}
		}
		got, out, errOut := call(words...)
		if got != status {
			t.Fatalf("%s: %d, want %d\n%s%s", line, got, status, out, errOut)
		}
		return out, errOut
	}
	ran(0, "split --val 0.3 --test 0.3 items.csv --out s.json")
	for _, seed := range []string{"1", "2"} {
		ran(0, "train --backend go --layers 8,4 --epochs 1 --pairs-per-epoch 128 --batch-pairs 16 --val-pairs 60 --seed "+seed+
			" items.csv --split s.json --out m"+seed+".safetensors")
	}
	for _, storage := range []string{"float32", "float16", "int8"} {
		out, _ := ran(0, "index build --backend go --storage "+storage+" --out z.index m1.safetensors items.csv")
		labtest.WantText(t, out, "80 items x 4 numbers, "+storage)
		for _, query := range []string{"i7 --expand 3", "i7 --rerank 4", "query.csv --rerank 4 --expand 3"} {
			want, _ := ran(0, "search --backend go --k 5 --query "+query+" m1.safetensors items.csv")
			if got, _ := ran(0, "index search --backend go --k 5 --query "+query+" m1.safetensors z.index"); got != want {
				t.Errorf("%s, %s:\n%s, want\n%s", storage, query, got, want)
			}
		}
		for _, query := range []string{"i7", "query.csv"} {
			want, _ := ran(0, "search --backend go --k 5 --query "+query+" m1.safetensors items.csv")
			got, _ := ran(0, "index search --backend go --k 5 --query "+query+" m1.safetensors z.index")
			if storage == "int8" {
				first, rest, _ := strings.Cut(got, "\n\n")
				labtest.WantText(t, first, "approximate: recall@5 1.000")
				got, _ = ran(0, "index search --backend go --exact --k 5 --query "+query+" m1.safetensors z.index")
				if rest != got {
					t.Errorf("%s\nis not the exact answer\n%s", rest, got)
				}
			}
			if got != want {
				t.Errorf("%s, %s:\n%s, want\n%s", storage, query, got, want)
			}
		}
	}
	for line, want := range map[string]string{
		"--query i7 m2.safetensors z.index":                    "it was made with another one",
		"--query nobody m1.safetensors z.index":                "--query: nobody is not a file",
		"--query i7 --k 1001 m1.safetensors z.index":           "--k: 1001",
		"--query i7 --label label m1.safetensors z.index":      "--label: it is about a table of queries",
		"--query i7 --ef 50 m1.safetensors z.index":            "--ef: ",
		"--query i7 --rerank 3 --exact m1.safetensors z.index": "--exact: ",
	} {
		status := 2
		if strings.Contains(want, "another") || strings.Contains(want, "nobody") {
			status = 1
		}
		_, errOut := ran(status, "index search --backend go "+line)
		labtest.WantText(t, errOut, want)
	}
	// An index with a graph, or what its making and its opening lack.
	line := "index build --backend go --engine hnsw --links 8 --ef-construction 50 --threads 2 --seed 3 --out g.index " +
		"m1.safetensors items.csv"
	if hnsw.Available() != nil {
		_, errOut := ran(1, line)
		labtest.WantText(t, errOut, "--engine: this program was built without HNSW")
	} else {
		out, errOut := ran(0, line)
		labtest.WantText(t, out, "80 items x 4 numbers, float32 with a graph")
		labtest.WantText(t, errOut, "80 of 80 items linked")
		want, _ := ran(0, "search --backend go --k 5 --query i7 m1.safetensors items.csv")
		for _, more := range []string{"", "--ef 60", "--exact"} {
			if got, _ := ran(0, "index search --backend go --k 5 --query i7 "+more+" m1.safetensors g.index"); got != want {
				t.Errorf("%s with a graph:\n%s, want\n%s", more, got, want)
			}
		}
	}
	// The nearest of one label are those that a longer list has of it.
	label := items.Labels[30]
	all, _ := ran(0, "index search --backend go --k 79 --exact --query i7 m1.safetensors z.index")
	_, some, _ := call("index", "search", "--backend", "go", "--k", "5", "--exact", "--query", "i7", "--only-label", label,
		filepath.Join(dir, "m1.safetensors"), filepath.Join(dir, "z.index"))
	wanted, rest, _ := strings.Cut(all, "\n")
	wanted += "\n"
	for line := range strings.Lines(rest) {
		if strings.HasSuffix(line, "["+label+"]\n") && strings.Count(wanted, "\n") < 6 {
			wanted += line
		}
	}
	if some != wanted {
		t.Errorf("of one label:\n%s, want\n%s", some, wanted)
	}
	_, none := ran(1, "index search --backend go --query i7 --only-domain nowhere m1.safetensors z.index")
	labtest.WantText(t, none, "no other items of this label and domain")
	// Shorter embeddings are found alike in the table and in an index of that width, and nothing else is.
	ran(0, "train --backend go --layers 8,4 --nested 2 --epochs 1 --pairs-per-epoch 128 --batch-pairs 16 --val-pairs 60 "+
		"items.csv --split s.json --out m3.safetensors")
	out, _ := ran(0, "index build --backend go --width 2 --out short.index m3.safetensors items.csv")
	labtest.WantText(t, out, "80 items x 2 numbers")
	for _, query := range []string{"i7", "query.csv"} {
		want, _ := ran(0, "search --backend go --width 2 --k 5 --query "+query+" m3.safetensors items.csv")
		if got, _ := ran(0, "index search --backend go --width 2 --k 5 --query "+query+" m3.safetensors short.index"); got != want {
			t.Errorf("2 numbers, %s:\n%s, want\n%s", query, got, want)
		}
	}
	out, _ = ran(0, "index serve --backend go --check --port 0 --width 2 m3.safetensors short.index")
	labtest.WantText(t, out, "a gallery of 80 items")
	ran(0, "index build --backend go --out long.index m3.safetensors items.csv")
	for line, want := range map[string]string{
		"index search --query i7 m3.safetensors short.index": "--width: " + filepath.Join(dir, "short.index") +
			" has the first 2",
		"index search --query i7 --width 2 m3.safetensors long.index": "has all numbers of the encoder",
		"index serve --check m3.safetensors short.index":              "give --width=2",
		"index serve --check --width 2 m3.safetensors long.index":     "has all numbers of the encoder",
		"search --query i7 m1.safetensors z.index":                    "is an index: use siamese index search",
		"serve --check m1.safetensors z.index":                        "is an index: use siamese index serve",
		"index":                                                       "siamese index --help",
		"search --query i7 --width -1 m3.safetensors items.csv":       "--width: -1",
		"embed --as int8 --out z.csv m3.safetensors items.csv":        "--as: ",
		"embed --untrained --out z.npy m3.safetensors items.csv":      "--untrained: it has no effect",
	} {
		_, errOut := ran(2, line+" --backend go")
		labtest.WantText(t, errOut, want)
	}
	_, errOut := ran(1, "embed --backend go --width 3 --out z.npy m3.safetensors items.csv")
	labtest.WantText(t, errOut, "--width: 3: the model was trained for 2 and 4 numbers")
	out, _ = ran(0, "embed --backend go --width 3 --untrained --as int8 --out z.npy m3.safetensors items.csv")
	labtest.WantText(t, out, "80 items x 3 numbers, int8")
	z, _, err := table.Open(t.Context(), filepath.Join(dir, "z.npy"), table.Options{NoCache: true})
	if err != nil || z.N() != 80 || z.F() != 3 || slices.Max(z.X) != 127 || slices.Min(z.X) < 0 { // of ReLU
		t.Errorf("int8: %v, %v", z, err)
	}
	path := filepath.Join(dir, "z.index")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-3] ^= 64
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	_, errOut = ran(1, "index search --backend go --query i7 m1.safetensors z.index")
	labtest.WantText(t, errOut, "row 79: the checksum does not match")
}
