package data

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// folderOf writes files, by their paths with slashes, and returns the folder.
func folderOf(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, content, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// somePNG is a PNG of random colours.
func somePNG(t testing.TB, seed uint64, w, h int) []byte {
	return pngOf(t, randomImage(rand.New(rand.NewPCG(seed, 7)), w, h, 3).Std())
}

func TestOpenImages(t *testing.T) {
	grey := randomImage(rand.New(rand.NewPCG(4, 4)), 9, 8, 1)
	photo := encoded(t, func(buf *bytes.Buffer) error { return jpeg.Encode(buf, grey.Std(), nil) })
	dir := folderOf(t, map[string][]byte{
		"paint/cat/b.png": somePNG(t, 1, 9, 8), "paint/cat/a/deep.PNG": somePNG(t, 2, 9, 8), "paint/cat.png/x.JPG": photo,
		"paint/dog/no-ending": somePNG(t, 3, 9, 8), "photo/cat/b.png": pngOf(t, grey.Std()),
		"photo/cat/wrong-ending.gif": somePNG(t, 5, 9, 8),
		"paint/cat/notes.txt":        []byte("a text"), "photo/.DS_Store": []byte("x"), "photo/.git/c.png": somePNG(t, 6, 9, 8),
		"photo/cat/._b.png": []byte("x"), "photo/images.idx": idx(8, []uint32{1, 2, 2}, 1, 2, 3, 4), "photo/zero": nil,
	})
	outside := folderOf(t, map[string][]byte{"secret.png": somePNG(t, 8, 9, 8)})
	for link, to := range map[string]string{
		"photo/cat/inside.png": "b.png", "photo/cat/outside.png": filepath.Join(outside, "secret.png"), "photo/cat/gone.png": "nowhere.png",
		"photo/loop": "..", "photo/cat/up.png": "../../../" + filepath.Base(outside) + "/secret.png",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	opt := ImageFolderOptions{LabelDepth: 2, DomainDepth: 1}
	last := 0
	opt.Progress = func(done, total int) {
		if done != last+1 || total != 7 {
			t.Errorf("progress(%d, %d) after %d", done, total, last)
		}
		last = done
	}
	got, report, err := OpenImages(context.Background(), dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"paint/cat.png/x.JPG", "paint/cat/a/deep.PNG", "paint/cat/b.png", "paint/dog/no-ending", "photo/cat/b.png", "photo/cat/inside.png", "photo/cat/wrong-ending.gif"},
		{"cat.png", "cat", "cat", "dog", "cat", "cat", "cat"},
		{"paint", "paint", "paint", "paint", "photo", "photo", "photo"},
	}
	if diff := cmp.Diff(want, [][]string{got.IDs, got.Labels, got.Domains}); diff != "" {
		t.Error("items (-want +got)", diff)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	if last != 7 {
		t.Errorf("progress ended at %d", last)
	}
	for _, i := range []int{4, 5} { // a grey PNG stays what it is, through a link too
		if diff := cmp.Diff(*grey, got.Items[i]); diff != "" {
			t.Errorf("%s (-want +got) %s", got.IDs[i], diff)
		}
	}
	reasons := map[string]string{}
	for _, p := range report.Ignored {
		reasons[p.File] = p.Err.Error()
	}
	for file, why := range map[string]string{
		"paint/cat/notes.txt": "no image", "photo/.DS_Store": "dot", "photo/.git": "dot", "photo/cat/._b.png": "dot",
		"photo/images.idx": "IDX", "photo/zero": "no image", "photo/cat/outside.png": "out of the folder", "photo/cat/up.png": "out of the folder",
		"photo/cat/gone.png": "nowhere", "photo/loop": "link to a folder",
	} {
		if !strings.Contains(reasons[file], why) {
			t.Errorf("%s is ignored for %q, want a reason about %q", file, reasons[file], why)
		}
	}
	if len(reasons) != 10 {
		t.Errorf("ignored: %v", reasons)
	}
	if text := report.String(); !strings.Contains(text, "7 images read, 0 skipped, 10 other files ignored") {
		t.Errorf("report %s", text)
	}
}

// Without depths there are neither labels nor domains; sizes may differ until features are asked for; resizing is what Features does.
func TestOpenImagesSizes(t *testing.T) {
	files := map[string][]byte{}
	for i, name := range []string{"a.png", "b.png", "c/d.png", "c/e.png"} {
		files[name] = somePNG(t, uint64(i), 20+i/2, 30)
	}
	dir := folderOf(t, files)
	raw, _, err := OpenImages(context.Background(), dir, ImageFolderOptions{})
	if err != nil || raw.Labels != nil || raw.Domains != nil || raw.N() != 4 {
		t.Fatalf("%+v, %v", raw, err)
	}
	c := DefaultFeatures()
	_, err = Features(context.Background(), raw, c, nil)
	if err == nil || !strings.Contains(err.Error(), "2 of 20 x 30 (such as item 0 (a.png)), 2 of 21 x 30 (such as item 2 (c/d.png)): set Width and Height") {
		t.Errorf("sizes that differ: %v", err)
	}
	c.Width, c.Height = 16, 12
	want, err := Features(context.Background(), raw, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	small, _, err := OpenImages(context.Background(), dir, ImageFolderOptions{Width: 16, Height: 12})
	if err != nil {
		t.Fatal(err)
	}
	c.Width, c.Height = 0, 0
	got, err := Features(context.Background(), small, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.X, got.X); diff != "" {
		t.Error("resized while opening (-want +got)", diff)
	}
}

func TestOpenImagesCorrupt(t *testing.T) {
	good := somePNG(t, 1, 9, 8)
	files := map[string][]byte{"l/good.png": good, "l/empty.png": nil, "l/text.jpg": []byte("no picture at all")}
	for i := range 12 {
		files["l/cut"+string(rune('a'+i))+".png"] = good[:len(good)-20-i]
	}
	dir := folderOf(t, files)
	opt := DefaultImageFolder()
	_, _, err := OpenImages(context.Background(), dir, opt)
	var all *FilesError
	if !errors.As(err, &all) || len(all.Problems) != 14 || all.Files != 15 {
		t.Fatalf("error %v", err)
	}
	for _, want := range []string{"14 of 15 cannot be read", "l/cuta.png: the PNG file", "and 4 more", "skipped"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
	if n := strings.Count(err.Error(), "\n"); n != 11 {
		t.Errorf("%d lines:\n%v", n+1, err)
	}
	opt.SkipCorrupt = true
	got, report, err := OpenImages(context.Background(), dir, opt)
	if err != nil || got.N() != 1 || got.Labels[0] != "l" || len(report.Skipped) != 14 || report.Skipped[12].File != "l/empty.png" {
		t.Fatalf("%+v, %+v, %v", got, report, err)
	}
	if text := report.String(); !strings.Contains(text, "1 images read, 14 skipped, 0 other") || !strings.Contains(text, "l/cuta.png") {
		t.Errorf("report %s", text)
	}
	if err := os.Remove(filepath.Join(dir, "l/good.png")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := OpenImages(context.Background(), dir, opt); !errors.As(err, &all) {
		t.Errorf("nothing but corrupt images: %v", err)
	}
}

func TestListImagesErrors(t *testing.T) {
	ctx := context.Background()
	gone, cancel := context.WithCancel(ctx)
	cancel()
	dir := folderOf(t, map[string][]byte{"a.png": nil, "l/b.png": nil})
	none := folderOf(t, map[string][]byte{"readme": []byte("text")})
	garbled := folderOf(t, map[string][]byte{"l/\xff.png": nil})
	for _, c := range []struct {
		name, dir string
		ctx       context.Context
		opt       ImageFolderOptions
		want      string
	}{
		{"no such folder", filepath.Join(dir, "z"), ctx, ImageFolderOptions{}, "no such file"},
		{"a file", filepath.Join(dir, "a.png"), ctx, ImageFolderOptions{}, "not a directory"},
		{"no image", none, ctx, ImageFolderOptions{}, "there is none, and 1 other files or folders were ignored:\n  readme: it is no image"},
		{"too shallow", dir, ctx, DefaultImageFolder(), `1 of 2 lie in no folder of level 1, which would name their label or domain: "a.png"; move`},
		{"names", garbled, ctx, DefaultImageFolder(), `names are not UTF-8: "l/\xff.png"; rename`},
		{"same depth", dir, ctx, ImageFolderOptions{LabelDepth: 1, DomainDepth: 1}, "DomainDepth: 1"},
		{"negative depth", dir, ctx, ImageFolderOptions{LabelDepth: -1}, "LabelDepth: -1"},
		{"one side", dir, ctx, ImageFolderOptions{Width: 3}, "Width is 3 and Height 0"},
		{"limit", dir, ctx, ImageFolderOptions{MaxPixels: -1}, "MaxPixels: -1"},
		{"cancelled", dir, gone, ImageFolderOptions{}, "context canceled"},
	} {
		if _, _, err := OpenImages(c.ctx, c.dir, c.opt); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one about %q", c.name, err, c.want)
		}
	}
}

// A file that changes behind the list is an error, not a picture that nobody asked for.
func TestImageFolderChanges(t *testing.T) {
	for name, change := range map[string]func(file string) error{
		"removed": os.Remove,
		"grown":   func(file string) error { return os.WriteFile(file, make([]byte, 9999), 0o644) },
		"touched": func(file string) error { return os.Chtimes(file, time.Time{}, time.Unix(1, 0)) },
	} {
		dir := folderOf(t, map[string][]byte{"a.png": somePNG(t, 1, 5, 5), "b.png": somePNG(t, 2, 5, 5)})
		f, err := ListImages(context.Background(), dir, ImageFolderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := change(filepath.Join(dir, "b.png")); err != nil {
			t.Fatal(err)
		}
		if _, _, err = f.CommonSize(context.Background(), 0); err == nil || !strings.Contains(err.Error(), "b.png has changed or gone") {
			t.Errorf("%s: %v", name, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestCommonSize(t *testing.T) {
	files := map[string][]byte{"bad.png": []byte("x")}
	for i := range 13 {
		files[string(rune('a'+i))+".png"] = somePNG(t, 1, 10+i, 8)
	}
	files["aa.png"] = files["c.png"]
	one := map[string][]byte{"a.png": files["a.png"], "bad.png": nil}
	for _, c := range []struct {
		files map[string][]byte
		want  []string // nil = 10 x 8
	}{
		{files, []string{"2 of 12 x 8 (such as aa.png), 1 of 10 x 8 (such as a.png)", "and 3 more sizes"}},
		{one, nil},
		{map[string][]byte{"bad.png": nil}, []string{"1 of 1 cannot be read", "bad.png: the file is empty"}},
	} {
		f, err := ListImages(context.Background(), folderOf(t, c.files), ImageFolderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w, h, err := f.CommonSize(context.Background(), 0)
		if c.want == nil && (err != nil || w != 10 || h != 8) {
			t.Errorf("%d x %d, %v", w, h, err)
		}
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want one about %q", err, want)
			}
		}
		f.Close()
	}
}

// The number of cores changes nothing.
func TestOpenImagesSameOnOneCore(t *testing.T) {
	files := map[string][]byte{}
	for i := range 60 {
		files[string(rune('a'+i%3))+"/"+string(rune('A'+i))+".png"] = somePNG(t, uint64(i), 5+i%7, 6)
	}
	dir := folderOf(t, files)
	opt := DefaultImageFolder()
	opt.Width, opt.Height = 8, 9
	many, _, err := OpenImages(context.Background(), dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, _, err := OpenImages(context.Background(), dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(many, one); diff != "" {
		t.Error("(-many +one)", diff)
	}
}

func TestExtractor(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	images := &Images{Items: []Image{*randomImage(rng, 28, 28, 3), *randomImage(rng, 28, 28, 1)}, IDs: []string{"a", "b"}}
	want, err := Features(context.Background(), images, DefaultFeatures(), nil)
	if err != nil {
		t.Fatal(err)
	}
	x, err := NewExtractor(DefaultFeatures(), 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float32, len(x.Columns()))
	for i := range images.Items {
		if err := x.Extract(&images.Items[i], row); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Row(i), row); diff != "" {
			t.Errorf("item %d (-want +got) %s", i, diff)
		}
	}
	for want, err := range map[string]error{
		"27 x 28 pixels, want 28 x 28": x.Extract(images.Items[0].Resize(27, 28), row),
		"room for 5":                   x.Extract(&images.Items[0], row[:5]),
		"empty":                        x.Extract(&Image{}, row),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
	if _, err := NewExtractor(DefaultFeatures(), 1<<20, 1<<20); err == nil {
		t.Error("an extractor for images of 2^40 pixels")
	}
	if _, err := NewExtractor(DefaultFeatures(), 0, 5); err == nil {
		t.Error("an extractor for empty images")
	}
}

// Decoding and resizing the photographs of a folder.
func BenchmarkOpenImages(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	files := map[string][]byte{}
	for i := range 64 {
		m := image.NewYCbCr(image.Rect(0, 0, 256, 256), image.YCbCrSubsampleRatio420)
		for k := range m.Y {
			m.Y[k] = uint8(k/256 + rng.IntN(20))
		}
		files["l/"+string(rune('0'+i))+".jpg"] = encoded(b, func(buf *bytes.Buffer) error { return jpeg.Encode(buf, m, nil) })
	}
	dir := folderOf(b, files)
	opt := DefaultImageFolder()
	opt.Width, opt.Height = 64, 64
	for b.Loop() {
		if _, _, err := OpenImages(b.Context(), dir, opt); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(files)*b.N)/b.Elapsed().Seconds(), "images/s")
}
