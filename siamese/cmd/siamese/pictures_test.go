package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
)

// A model knows how its features were made: other settings are refused by name, a table that does not say is told once,
// and pictures get their features with the settings of the model.
func TestModelAndPictures(t *testing.T) {
	folder, dir := pictures(t, 60, 16), t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	must := func(args ...string) (out, errOut string) {
		t.Helper()
		status, out, errOut := call(args...)
		if status != 0 {
			t.Fatalf("siamese %s: status %d, %s", strings.Join(args, " "), status, errOut)
		}
		return out, errOut
	}
	must("features", "--out", in("x.parquet"), "--hog=off", "--glcm=levels=16 grids=1", folder)
	must("train", "--backend=go", "--out", in("m.safetensors"), "--layers=8", "--epochs=1", "--pairs-per-epoch=64",
		"--batch-pairs=32", "--val-pairs=64", in("x.parquet"))
	model, err := siamese.Load(in("m.safetensors"))
	if err != nil {
		t.Fatal(err)
	}

	// The same columns, other numbers.
	must("features", "--out", in("other.parquet"), "--hog=off", "--glcm=levels=8 grids=1", folder)
	for _, args := range [][]string{
		{"embed", "--out", in("z.parquet"), in("m.safetensors"), in("other.parquet")},
		{"evaluate", "--split", in("m.split.json"), in("m.safetensors"), in("other.parquet")},
		{"search", "--query", in("other.parquet"), in("m.safetensors"), in("x.parquet")},
		{"compare", in("m.safetensors"), in("other.parquet"), "class0/0000.png", "class1/0001.png"},
		{"explain", in("m.safetensors"), in("other.parquet")},
	} {
		status, out, errOut := call(append(args, "--backend=go")...)
		if status != 1 || !strings.Contains(errOut, "GLCM.Levels is 16 in the model and 8 in the table") {
			t.Errorf("siamese %s: status %d, %s%s", args[0], status, out, errOut)
		}
	}
	other, _, err := table.Open(t.Context(), in("other.parquet"), table.Options{NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		t.Fatal(err)
	}
	_, err = model.Score(t.Context(), backend, other, 0, other, 1)
	var refused *preprocess.SettingsError
	if !errors.As(err, &refused) || len(refused.Differences) != 1 || refused.Differences[0].Name != "GLCM.Levels" {
		t.Errorf("Score: %v", err)
	}

	// The settings of the model make the same table, and so do the pictures themselves.
	must("features", "--out", in("like.parquet"), "--like", in("m.safetensors"), folder)
	want, got := read(t, in("x.parquet")), read(t, in("like.parquet"))
	if want != got {
		t.Error("--like makes another table than the settings that it stands for")
	}
	must("embed", "--backend=go", "--out", in("a.parquet"), in("m.safetensors"), in("x.parquet"))
	must("embed", "--backend=go", "--out", in("b.parquet"), in("m.safetensors"), folder)
	if read(t, in("a.parquet")) != read(t, in("b.parquet")) {
		t.Error("pictures are embedded otherwise than their table")
	}
	one, two := filepath.Join(folder, "class0", "0000.png"), filepath.Join(folder, "class1", "0001.png")
	byID, _ := must("compare", "--backend=go", in("m.safetensors"), in("x.parquet"), "class0/0000.png",
		"class1/0001.png")
	asFiles, _ := must("compare", "--backend=go", in("m.safetensors"), one, two)
	mixed, _ := must("compare", "--backend=go", in("m.safetensors"), in("x.parquet"), "class0/0000.png", two)
	cosine := func(out string) string { return strings.Fields(strings.Split(out, "\n")[1])[0] }
	if cosine(byID) != cosine(asFiles) || cosine(byID) != cosine(mixed) {
		t.Errorf("of ids %s, of files %s, of both %s", byID, asFiles, mixed)
	}
	found, _ := must("search", "--backend=go", "--k=1", "--query", one, in("m.safetensors"), in("x.parquet"))
	if !strings.Contains(found, "class0/0000.png") {
		t.Errorf("the picture is not found: %s", found)
	}

	// Of an animation the first picture is taken, and told.
	_, told := must("compare", "--backend=go", in("m.safetensors"), one,
		filepath.Join("..", "..", "..", "data", "images", "testdata", "kinds", "anim.gif"))
	if !strings.Contains(told, "anim.gif") || !strings.Contains(told, "the first is used") {
		t.Errorf("an animation: %s", told)
	}

	// A CSV file has no room for settings.
	frame, _, err := table.Open(t.Context(), in("x.parquet"), table.Options{NoCache: true})
	if err == nil {
		err = table.Save(in("x.csv"), frame)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, errOut := must("search", "--backend=go", "--query", in("x.csv"), in("m.safetensors"), in("x.csv"))
	if n := strings.Count(errOut, "does not say how its features were made"); n != 1 {
		t.Errorf("told %d times, want once: %s", n, errOut)
	}
	if status, _, errOut := call("describe", folder); status != 1 ||
		!strings.Contains(errOut, "siamese features --out") {
		t.Errorf("a folder instead of a table: status %d, %s", status, errOut)
	}
	if status, _, errOut := call("features", "--out", in("y.parquet"), "--like", in("m.safetensors"), "--grey",
		folder); status != 2 || !strings.Contains(errOut, "--grey") {
		t.Errorf("--like and another setting: status %d, %s", status, errOut)
	}
}

// read returns a file's content.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Sides of a split are no classes, which is told; a level that is asked for is taken as it is.
func TestFeaturesOfSplitFolders(t *testing.T) {
	all := t.TempDir()
	for _, side := range []string{"train", "test"} {
		if err := os.Rename(pictures(t, 6, 16), filepath.Join(all, side)); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(t.TempDir(), "x.parquet")
	for _, c := range []struct {
		args, classes []string
		warning       string
	}{
		{nil, []string{"class0", "class1", "class2"}, "taken for sides of a split"},
		{[]string{"--label-depth=1"}, []string{"test", "train"}, "called like sides of a split"},
	} {
		status, said, errOut := call(append([]string{"features", "--out", out, all}, c.args...)...)
		if status != 0 || !strings.Contains(errOut, c.warning) || !strings.Contains(said, c.classes[0]) {
			t.Fatalf("%v: status %d, %s%s", c.args, status, said, errOut)
		}
		f, _, err := table.Open(context.Background(), out, table.Options{NoCache: true})
		if err != nil {
			t.Fatal(err)
		}
		if names, _ := f.Classes(); !slices.Equal(names, c.classes) {
			t.Errorf("%v: classes %q, want %q", c.args, names, c.classes)
		}
	}
}
