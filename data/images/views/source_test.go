package views

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/parallel"
)

// builtinFrame returns a few built-in pictures and their features.
func builtinFrame(t *testing.T, change func(*features.Config)) (*images.Images, *data.Frame) {
	t.Helper()
	pictures, err := builtin.Sample(2, 1)
	if err != nil {
		t.Fatal(err)
	}
	c := features.Default()
	if change != nil {
		change(&c)
	}
	f, err := features.Extract(t.Context(), pictures, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pictures, f
}

func viewsOf(t *testing.T, s augment.Source, f *data.Frame, o augment.Options) augment.Views {
	t.Helper()
	v, err := s.Views(t.Context(), f, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func row(t *testing.T, v augment.Views, f *data.Frame, item int, key augment.Key) []float32 {
	t.Helper()
	out := make([]float32, f.F())
	if err := v.Row(out, item, key); err != nil {
		t.Fatal(err)
	}
	return out
}

// A view without alterations has the features of the picture, to the bit, also where pictures are resized and made
// grey.
func TestIdentityFeatures(t *testing.T) {
	for name, change := range map[string]func(*features.Config){
		"as they are": nil, "resized": func(c *features.Config) { c.Width, c.Height = 20, 24 },
		"grey": func(c *features.Config) { c.Grey = true },
	} {
		pictures, f := builtinFrame(t, change)
		// In another order, and without some columns.
		f, err := f.Select([]int{7, 3, 11}).SelectColumns([]string{f.Columns[5], f.Columns[2], f.Columns[f.F()-1]})
		if err != nil {
			t.Fatal(err)
		}
		v := viewsOf(t, Of(pictures), f, augment.Options{})
		for i := range f.N() {
			if got := row(t, v, f, i, augment.Key{Seed: 1, Epoch: 2}); !slices.Equal(got, f.Row(i)) {
				t.Errorf("%s: item %d has %v, want %v", name, i, got, f.Row(i))
			}
		}
	}
}

// Views depend on their key and the item's id alone: not on cores, other items or the order.
func TestKeys(t *testing.T) {
	pictures, f := builtinFrame(t, nil)
	o := augment.Usual(1)
	v := viewsOf(t, Of(pictures), f, o)
	key := augment.Key{Seed: 1, Epoch: 2, View: 3}
	want := make([][]float32, f.N())
	for i := range want {
		want[i] = row(t, v, f, i, key)
	}
	got := make([]float32, 8*f.N()*f.F())
	parallel.For(8*f.N(), func(k int) {
		if err := v.Row(got[k*f.F():(k+1)*f.F()], k%f.N(), key); err != nil {
			t.Error(err)
		}
	})
	for k := range 8 * f.N() {
		if !slices.Equal(got[k*f.F():(k+1)*f.F()], want[k%f.N()]) {
			t.Fatalf("item %d differs from goroutine to goroutine", k%f.N())
		}
	}
	one := f.Select([]int{9})
	if !slices.Equal(row(t, viewsOf(t, Of(pictures), one, o), one, 0, key), want[9]) {
		t.Error("the view of an item depends on the others")
	}
	for _, other := range []augment.Key{{Seed: 2, Epoch: 2, View: 3}, {Seed: 1, Epoch: 3, View: 3},
		{Seed: 1, Epoch: 2, View: 4}} {
		if slices.Equal(row(t, v, f, 9, other), want[9]) {
			t.Errorf("%v gives the view of %v", other, key)
		}
	}
}

// A folder of the same pictures gives the same views.
func TestFolder(t *testing.T) {
	pictures, f := builtinFrame(t, nil)
	dir := t.TempDir()
	for i, id := range pictures.IDs {
		var file bytes.Buffer
		if err := png.Encode(&file, pictures.Items[i].Std()); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(id)+".png")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		pictures.IDs[i], f.IDs[i] = id+".png", id+".png"
	}
	o, key := augment.Usual(1), augment.Key{Seed: 1, Epoch: 1}
	f = f.Select([]int{12, 4})
	a, b := viewsOf(t, Of(pictures), f, o), viewsOf(t, Folder(dir), f, o)
	for i := range f.N() {
		if !slices.Equal(row(t, a, f, i, key), row(t, b, f, i, key)) {
			t.Errorf("item %d has other views from its file", i)
		}
	}
	f.IDs[1] = "none.png"
	if _, err := Folder(dir).Views(t.Context(), f, o); err == nil || !strings.Contains(err.Error(), `"none.png"`) {
		t.Errorf("an item without a picture: %v", err)
	}
}

func TestRefused(t *testing.T) {
	pictures, f := builtinFrame(t, nil)
	for name, test := range map[string]struct {
		change func(*data.Frame)
		want   string // in the error
	}{
		"a table of anything": {func(f *data.Frame) { f.Settings = "" }, "not known"},
		"another column":      {func(f *data.Frame) { f.Columns[3] = "price" }, `"price"`},
		"an unknown item":     {func(f *data.Frame) { f.IDs[2] = "nobody" }, `"nobody"`},
		"other pictures":      {func(f *data.Frame) { f.IDs[0], f.IDs[1] = f.IDs[1], f.IDs[0] }, "hog/"},
		"a changed value":     {func(f *data.Frame) { f.X[f.F()+1] -= 0.5 }, f.Columns[1]},
	} {
		changed := f.Select([]int{0, 1, 2})
		changed.Columns = slices.Clone(f.Columns)
		test.change(changed)
		_, err := Of(pictures).Views(t.Context(), changed, augment.Usual(0.5))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q in it", name, err, test.want)
		}
	}
}

// BenchmarkRow is one view of 28x28 pixels with its 1,776 features; most of it is the features.
func BenchmarkRow(b *testing.B) {
	pictures, err := builtin.Sample(2, 1)
	if err != nil {
		b.Fatal(err)
	}
	f, err := features.Extract(b.Context(), pictures, features.Default(), nil)
	if err != nil {
		b.Fatal(err)
	}
	v, err := Of(pictures).Views(b.Context(), f, augment.Usual(1))
	if err != nil {
		b.Fatal(err)
	}
	row := make([]float32, f.F())
	k := 0
	for b.Loop() {
		if err := v.Row(row, k%f.N(), augment.Key{Seed: 1, Epoch: 1, View: k}); err != nil {
			b.Fatal(err)
		}
		k++
	}
}
