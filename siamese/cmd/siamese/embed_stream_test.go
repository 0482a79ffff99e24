package main

import (
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/search"
)

// Tables go through embed in parts where they would not fit into memory, to the same embeddings; what cannot go in
// parts is refused with how much memory it would need.
func TestEmbedInParts(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	train, many := labtest.Toy("i", 4, 20, 40, 0.5, 1), labtest.Toy("m", 4, 1500, 40, 0.5, 2)
	for name, f := range map[string]error{"i.csv": table.Save(at("i.csv"), train), "m.csv": table.Save(at("m.csv"), many),
		"m.parquet": table.Save(at("m.parquet"), many)} {
		if f != nil {
			t.Fatal(name, f)
		}
	}
	ran := func(status int, words ...string) string {
		t.Helper()
		got, out, errOut := call(words...)
		if got != status {
			t.Fatalf("%q: %d, want %d\n%s%s", words, got, status, out, errOut)
		}
		return out + errOut
	}
	ran(0, "train", "--backend=go", "--layers=8,4", "--epochs=1", "--pairs-per-epoch=128", "--batch-pairs=16",
		"--val-pairs=60", "--val=0.3", "--test=0.3", "--out="+at("m.safetensors"), at("i.csv"))
	ran(0, "embed", "--backend=go", "--out="+at("whole.npz"), at("m.safetensors"), at("m.csv"))
	if err := table.Save(at("whole2.npz"), many); err != nil {
		t.Fatal(err)
	}
	want, _, err := table.Open(t.Context(), at("whole.npz"), table.Options{NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SIAMESE_LAB_DIR", t.TempDir()) // without what was cached
	// The numbers are 960 kB.
	for name, free := range map[string]int64{"m.csv": 500_000, "m.parquet": 64_000_000} {
		restore := memory.Pretend(free)
		out := ran(0, "embed", "--backend=go", "--out="+at("parts.parquet"), at("m.safetensors"), at(name))
		if name == "m.csv" {
			refused := ran(1, "embed", "--backend=go", "--out="+at("none.npz"), at("m.safetensors"), at(name))
			labtest.WantText(t, refused, "of memory, and 500 kB are free")
			refused = ran(1, "index", "build", "--backend=go", "--storage=int8", "--out="+at("none.index"), at("m.safetensors"), at(name))
			labtest.WantText(t, refused, "an index of 8192 items", "500 kB are free")
		} else {
			ran(0, "index", "build", "--backend=go", "--storage=int8", "--out="+at("parts.index"), at("m.safetensors"), at(name))
		}
		restore()
		labtest.WantText(t, out, "6000 items x 4 numbers")
		got, _, err := table.Open(t.Context(), at("parts.parquet"), table.Options{NoCache: true})
		if err != nil || !slices.Equal(got.X, want.X) || !slices.Equal(got.IDs, want.IDs) ||
			!slices.Equal(got.Labels, want.Labels) {
			t.Errorf("%s in parts: other embeddings: %v", name, err)
		}
	}
	if left := labtest.Must(filepath.Glob(at("*.tmp"))); left != nil {
		t.Error("files are left:", left)
	}
	x := labtest.Must(search.Load(t.Context(), at("parts.index")))
	z := labtest.Must(x.Embeddings([]int{0, 4711, 5999}))
	if n := x.Stats().Items; n != 6000 || !slices.Equal(z.Row(1), want.X[4711*4:4712*4]) ||
		!slices.Equal(z.Row(2), want.X[5999*4:]) || x.Item(4711).Label != want.Labels[4711] {
		t.Errorf("an index in parts has %d items, not all of them right", n)
	}
	// An archive is read as a whole, in a folder too.
	labtest.WantText(t, ran(0, "embed", "--backend=go", "--out="+at("again.parquet"), at("m.safetensors"), at("whole2.npz")),
		"6000 items")
	ran(0, "embed", "--backend=go", "--as=int8", "--out="+at("int8.parquet"), at("m.safetensors"), at("m.csv"))
	codes, _, err := table.Open(t.Context(), at("int8.parquet"), table.Options{NoCache: true})
	if err != nil || slices.Max(codes.X) != 127 || codes.N() != want.N() {
		t.Errorf("int8 in parts: %v, %v", codes, err)
	}
}

// An id that another part of a table had is refused, as it is where the table is read as a whole.
func TestUniqueIDs(t *testing.T) {
	parts := func(ids ...[]string) iter.Seq2[*data.Frame, error] {
		return func(yield func(*data.Frame, error) bool) {
			for _, some := range ids {
				if !yield(&data.Frame{IDs: some}, nil) {
					return
				}
			}
		}
	}
	for _, one := range []struct {
		ids  [][]string
		want int // frames that come through
		says string
	}{{[][]string{{"a", "b"}, {"c"}}, 2, ""}, {[][]string{{"a", "b"}, {"c"}, {"d", "b"}}, 2, `two items have the id "b"`},
		{[][]string{{"a", "a"}}, 0, `two items have the id "a"`}} {
		got, said := 0, ""
		for f, err := range uniqueIDs("t.csv", parts(one.ids...)) {
			if err != nil {
				said = err.Error()
			} else if got++; f == nil {
				t.Error("no frame and no error")
			}
		}
		if got != one.want || !strings.Contains(said, one.says) || (said == "") != (one.says == "") {
			t.Errorf("%v: %d parts, %q", one.ids, got, said)
		}
	}
}
