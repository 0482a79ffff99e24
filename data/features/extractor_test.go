package features

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/labtest/imagestest"
)

// Without depths there are neither labels nor domains; sizes may differ until features are asked for; Extract resizes.
func TestExtractSizes(t *testing.T) {
	files := map[string][]byte{}
	for i, name := range []string{"a.png", "b.png", "c/d.png", "c/e.png"} {
		files[name] = imagestest.SomePNG(t, uint64(i), 20+i/2, 30)
	}
	dir := labtest.FolderOf(t, files)
	raw, _, err := images.Open(context.Background(), dir, images.FolderOptions{})
	if err != nil || raw.Labels != nil || raw.Domains != nil || raw.N() != 4 {
		t.Fatalf("%+v, %v", raw, err)
	}
	c := Default()
	_, err = Extract(context.Background(), raw, c, nil)
	for _, want := range []string{"2 of 20 x 30", "(a.png)", "2 of 21 x 30", "(c/d.png)", "Width and Height"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("sizes that differ: %v, want %q", err, want)
		}
	}
	c.Width, c.Height = 16, 12
	want, err := Extract(context.Background(), raw, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	small, _, err := images.Open(context.Background(), dir, images.FolderOptions{Width: 16, Height: 12})
	if err != nil {
		t.Fatal(err)
	}
	c.Width, c.Height = 0, 0
	got, err := Extract(context.Background(), small, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.X, got.X); diff != "" {
		t.Error("resized while opening (-want +got)", diff)
	}
}

func TestExtractor(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	pictures := &images.Images{Items: []images.Image{*imagestest.RandomImage(rng, 28, 28, 3),
		*imagestest.RandomImage(rng, 28, 28, 1)}, IDs: []string{"a", "b"}}
	want, err := Extract(context.Background(), pictures, Default(), nil)
	if err != nil {
		t.Fatal(err)
	}
	x, err := NewExtractor(Default(), 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float32, len(x.Columns()))
	for i := range pictures.Items {
		if err := x.Extract(&pictures.Items[i], row); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Row(i), row); diff != "" {
			t.Errorf("item %d (-want +got) %s", i, diff)
		}
	}
	for want, err := range map[string]error{
		"27 x 28":    x.Extract(pictures.Items[0].Resize(27, 28), row),
		"room for 5": x.Extract(&pictures.Items[0], row[:5]),
		"empty":      x.Extract(&images.Image{}, row),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
	if _, err := NewExtractor(Default(), 1<<20, 1<<20); err == nil {
		t.Error("an extractor for images of 2^40 pixels")
	}
	if _, err := NewExtractor(Default(), 0, 5); err == nil {
		t.Error("an extractor for empty images")
	}
}
