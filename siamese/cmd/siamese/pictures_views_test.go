package main

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/origin"
)

// writePictures writes some built-in pictures to folders of their classes.
func writePictures(t *testing.T, dir string, perClass int) {
	t.Helper()
	set, err := builtin.Sample(perClass, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i := range set.Items {
		path := filepath.Join(dir, strings.ReplaceAll(set.Labels[i], "/", "-"),
			strings.ReplaceAll(set.IDs[i], "/", "-")+".png")
		var file bytes.Buffer
		if err := png.Encode(&file, set.Items[i].Std()); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// --augment trains on altered views of built-in pictures, and of those of a folder that the table was made of. Where
// there are none, or others, it is refused.
func TestAugment(t *testing.T) {
	t.Chdir(t.TempDir())
	smallTables(t, ".")
	writePictures(t, "pictures", 8)
	writePictures(t, "others", 1)
	run := func(want int, args string) string {
		t.Helper()
		status, out, errOut := call(strings.Fields(args)...)
		if status != want {
			t.Fatalf("siamese %s: status %d, want %d\n%s%s", args, status, want, out, errOut)
		}
		return out + errOut
	}
	weights := func(file string) *siamese.Model {
		t.Helper()
		m, err := siamese.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	run(0, "features --out items.parquet pictures")
	run(0, tinyTrain+"--out plain.safetensors items.parquet")
	if err := os.Rename("pictures", "moved"); err != nil { // its name tells who opened it
		t.Fatal(err)
	}
	run(0, tinyTrain+"--augment .25 --pictures moved --out altered.safetensors items.parquet")
	run(0, tinyTrain+"--augment .25 --augment-erase .3 --augment-shift 0 --out builtin.safetensors builtin:6")
	want := augment.Usual(0.25)
	if got := weights("altered.safetensors"); got.Config.Augment != want ||
		got.Layers[0].Weights[0] == weights("plain.safetensors").Layers[0].Weights[0] {
		t.Errorf("trained with %+v, want %+v", got.Config.Augment, want)
	}
	const says = "with altered views of 25 % of items: shift 0.07, rotation 10, scale 0.1, shear 8, elastic 0.03\n"
	if text := run(0, "describe altered.safetensors"); !strings.Contains(text, says) {
		t.Errorf("%s does not say %q", text, says)
	}
	for file, pictures := range map[string]bool{"plain.safetensors": false, "altered.safetensors": true} {
		data := weights(file).Origin.Data
		if got := slices.ContainsFunc(data, func(f origin.File) bool { return f.Name == "moved" }); got != pictures {
			t.Errorf("%s: the model is from %v", file, data)
		}
	}
	want.Erase, want.Shift = 0.3, 0
	if got := weights("builtin.safetensors").Config.Augment; got != want {
		t.Errorf("trained with %+v, want %+v", got, want)
	}
	for args, flag := range map[string]string{
		"--augment .25 items.csv":                          "--augment: ",
		"--pictures moved items.parquet":                   "--pictures: ",
		"--augment .25 --pictures none items.parquet":      "--pictures: ",
		"--augment .25 --pictures items.csv items.parquet": "--pictures: ",
		"--augment .25 --pictures moved builtin:6":         "--pictures: ",
	} {
		if text := run(2, tinyTrain+"--out no.safetensors "+args); !strings.Contains(text, flag) {
			t.Errorf("%s: %s, want %s", args, text, flag)
		}
	}
	for _, args := range []string{"--augment 1.5 --pictures moved", "--augment-share .25 --pictures moved"} {
		if text := run(1, tinyTrain+"--out no.safetensors "+args+" items.parquet"); !strings.Contains(text,
			"--augment-share: ") { // the latter alters nothing
			t.Errorf("%s: %s", args, text)
		}
	}
	// A folder that lacks the pictures, and a table of something else.
	for args, what := range map[string]string{"--pictures others items.parquet": "is not among",
		"--pictures moved items.csv": "not known"} {
		if text := run(1, tinyTrain+"--out no.safetensors --augment .25 "+args); !strings.Contains(text, what) {
			t.Errorf("%s: %s, want %s", args, text, what)
		}
	}
}
