package images_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/labtest/imagestest"
	"github.com/go-siamese/lab/data/option"
)

func TestListErrors(t *testing.T) {
	ctx := context.Background()
	gone, cancel := context.WithCancel(ctx)
	cancel()
	dir := labtest.FolderOf(t, map[string][]byte{"a.png": nil, "l/b.png": nil})
	none := labtest.FolderOf(t, map[string][]byte{"readme": []byte("text")})
	garbled := labtest.FolderOf(t, map[string][]byte{"l/\xff.png": nil})
	for _, c := range []struct {
		name, dir string
		ctx       context.Context
		opt       images.FolderOptions
		option    string   // that the error is about, "" = none
		is        error    // that it wraps, nil = any
		want      []string // all must be in its text
	}{
		{"no such folder", filepath.Join(dir, "z"), ctx, images.FolderOptions{}, "", fs.ErrNotExist, []string{dir}},
		{"a file", filepath.Join(dir, "a.png"), ctx, images.FolderOptions{}, "", nil,
			[]string{"a.png: not a directory"}},
		{"not an image", none, ctx, images.FolderOptions{}, "", nil, []string{none, "1 other", "readme: "}},
		{"too shallow", dir, ctx, images.DefaultFolder(), "LabelDepth", nil, []string{"1 of 2", "level 1", `"a.png"`}},
		{"names", garbled, ctx, images.DefaultFolder(), "", nil, []string{"UTF-8", `"l/\xff.png"`}},
		{"same depth", dir, ctx, images.FolderOptions{LabelDepth: 1, DomainDepth: 1}, "DomainDepth", nil, nil},
		{"negative depth", dir, ctx, images.FolderOptions{LabelDepth: -1}, "LabelDepth", nil, []string{"-1"}},
		{"one side", dir, ctx, images.FolderOptions{Width: 3}, "", nil, []string{"Width is 3", "Height 0"}},
		{"limit", dir, ctx, images.FolderOptions{DecodeOptions: images.DecodeOptions{MaxPixels: -1}},
			"MaxPixels", nil, []string{"-1"}},
		{"cancelled", dir, gone, images.FolderOptions{}, "", context.Canceled, nil},
	} {
		_, _, err := images.Open(c.ctx, c.dir, c.opt)
		if err == nil || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.is)
			continue
		}
		if got := strings.Join(option.Names(err), " "); got != c.option {
			t.Errorf("%s: the error is about option %q, want %q", c.name, got, c.option)
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want one about %q", c.name, err, want)
			}
		}
	}
}

// Decoding and resizing the photographs of a folder.
func BenchmarkOpen(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	files := map[string][]byte{}
	for i := range 64 {
		m := image.NewYCbCr(image.Rect(0, 0, 256, 256), image.YCbCrSubsampleRatio420)
		for k := range m.Y {
			m.Y[k] = uint8(k/256 + rng.IntN(20))
		}
		files["l/"+string(rune('0'+i))+".jpg"] = labtest.Encoded(b,
			func(buf *bytes.Buffer) error { return jpeg.Encode(buf, m, nil) })
	}
	dir := labtest.FolderOf(b, files)
	opt := images.DefaultFolder()
	opt.Width, opt.Height = 64, 64
	for b.Loop() {
		if _, _, err := images.Open(b.Context(), dir, opt); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(files)*b.N)/b.Elapsed().Seconds(), "images/s")
}

func TestOpen(t *testing.T) {
	grey := imagestest.RandomImage(rand.New(rand.NewPCG(4, 4)), 9, 8, 1)
	photo := labtest.Encoded(t, func(buf *bytes.Buffer) error { return jpeg.Encode(buf, grey.Std(), nil) })
	dir := labtest.FolderOf(t, map[string][]byte{
		"paint/cat/b.png": imagestest.SomePNG(t, 1, 9, 8), "paint/cat/a/deep.PNG": imagestest.SomePNG(t, 2, 9, 8),
		"paint/cat.png/x.JPG": photo,
		"paint/dog/no-ending": imagestest.SomePNG(t, 3, 9, 8), "photo/cat/b.png": labtest.PngOf(t, grey.Std()),
		"photo/cat/wrong-ending.gif": imagestest.SomePNG(t, 5, 9, 8),
		"paint/cat/notes.txt":        []byte("a text"), "photo/.DS_Store": []byte("x"),
		"photo/.git/c.png":  imagestest.SomePNG(t, 6, 9, 8),
		"photo/cat/._b.png": []byte("x"), "photo/images.idx": labtest.Idx(8, []uint32{1, 2, 2}, 1, 2, 3, 4),
		"photo/zero": nil,
	})
	outside := labtest.FolderOf(t, map[string][]byte{"secret.png": imagestest.SomePNG(t, 8, 9, 8)})
	for link, to := range map[string]string{
		"photo/cat/inside.png": "b.png", "photo/cat/outside.png": filepath.Join(outside, "secret.png"),
		"photo/cat/gone.png": "nowhere.png",
		"photo/loop":         "..", "photo/cat/up.png": "../../../" + filepath.Base(outside) + "/secret.png",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	opt := images.FolderOptions{LabelDepth: 2, DomainDepth: 1}
	last := 0
	opt.Progress = func(done, total int) {
		if done != last+1 || total != 7 {
			t.Errorf("progress(%d, %d) after %d", done, total, last)
		}
		last = done
	}
	got, report, err := images.Open(context.Background(), dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"paint/cat.png/x.JPG", "paint/cat/a/deep.PNG", "paint/cat/b.png", "paint/dog/no-ending", "photo/cat/b.png",
			"photo/cat/inside.png", "photo/cat/wrong-ending.gif"},
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
		"paint/cat/notes.txt": "not an image", "photo/.DS_Store": "dot", "photo/.git": "dot",
		"photo/cat/._b.png": "dot",
		"photo/images.idx":  "IDX", "photo/zero": "not an image", "photo/cat/outside.png": "out of the folder",
		"photo/cat/up.png":   "out of the folder",
		"photo/cat/gone.png": "nowhere", "photo/loop": "link to a folder",
	} {
		if !strings.Contains(reasons[file], why) {
			t.Errorf("%s is ignored for %q, want a reason about %q", file, reasons[file], why)
		}
	}
	if len(reasons) != 10 {
		t.Errorf("ignored: %v", reasons)
	}
	for _, want := range []string{"7 images", "0 skipped", "10 other"} {
		if text := report.String(); !strings.Contains(text, want) {
			t.Errorf("report %s, want %q in it", text, want)
		}
	}
}

func TestOpenCorrupt(t *testing.T) {
	good := imagestest.SomePNG(t, 1, 9, 8)
	files := map[string][]byte{"l/good.png": good, "l/empty.png": nil, "l/text.jpg": []byte("no picture at all")}
	for i := range 12 {
		files["l/cut"+string(rune('a'+i))+".png"] = good[:len(good)-20-i]
	}
	dir := labtest.FolderOf(t, files)
	opt := images.DefaultFolder()
	_, _, err := images.Open(context.Background(), dir, opt)
	var all *images.FilesError
	if !errors.As(err, &all) || len(all.Problems) != 14 || all.Files != 15 {
		t.Fatalf("error %v", err)
	}
	for _, want := range []string{"14 of 15", "l/cuta.png: the PNG file", "4 more"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
	if n := strings.Count(err.Error(), "\n"); n != 11 {
		t.Errorf("%d lines:\n%v", n+1, err)
	}
	opt.SkipCorrupt = true
	got, report, err := images.Open(context.Background(), dir, opt)
	if err != nil || got.N() != 1 || got.Labels[0] != "l" || len(report.Skipped) != 14 ||
		report.Skipped[12].File != "l/empty.png" {
		t.Fatalf("%+v, %+v, %v", got, report, err)
	}
	for _, want := range []string{"1 images", "14 skipped", "0 other", "l/cuta.png"} {
		if text := report.String(); !strings.Contains(text, want) {
			t.Errorf("report %s, want %q in it", text, want)
		}
	}
	if err := os.Remove(filepath.Join(dir, "l/good.png")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := images.Open(context.Background(), dir, opt); !errors.As(err, &all) {
		t.Errorf("nothing but corrupt images: %v", err)
	}
}

// A file that changes behind the list is an error, not a picture that nobody asked for.
func TestFolderChanges(t *testing.T) {
	for name, change := range map[string]func(file string) error{
		"removed": os.Remove,
		"grown":   func(file string) error { return os.WriteFile(file, make([]byte, 9999), 0o644) },
		"touched": func(file string) error { return os.Chtimes(file, time.Time{}, time.Unix(1, 0)) },
	} {
		dir := labtest.FolderOf(t, map[string][]byte{"a.png": imagestest.SomePNG(t, 1, 5, 5),
			"b.png": imagestest.SomePNG(t, 2, 5, 5)})
		f, err := images.List(context.Background(), dir, images.FolderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := change(filepath.Join(dir, "b.png")); err != nil {
			t.Fatal(err)
		}
		if _, _, err = f.CommonSize(context.Background(), images.DecodeOptions{}); err == nil ||
			!strings.Contains(err.Error(), "b.png has changed") {
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
		files[string(rune('a'+i))+".png"] = imagestest.SomePNG(t, 1, 10+i, 8)
	}
	files["aa.png"] = files["c.png"]
	one := map[string][]byte{"a.png": files["a.png"], "bad.png": nil}
	for _, c := range []struct {
		files map[string][]byte
		want  []string // nil = 10 x 8
	}{
		{files, []string{"2 of 12 x 8 (such as aa.png), 1 of 10 x 8 (such as a.png)", "and 3 more sizes"}},
		{one, nil},
		{map[string][]byte{"bad.png": nil}, []string{"1 of 1", "bad.png: ", "empty"}},
	} {
		f, err := images.List(context.Background(), labtest.FolderOf(t, c.files), images.FolderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w, h, err := f.CommonSize(context.Background(), images.DecodeOptions{})
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
func TestOpenSameOnOneCore(t *testing.T) {
	files := map[string][]byte{}
	for i := range 60 {
		files[string(rune('a'+i%3))+"/"+string(rune('A'+i))+".png"] = imagestest.SomePNG(t, uint64(i), 5+i%7, 6)
	}
	dir := labtest.FolderOf(t, files)
	opt := images.DefaultFolder()
	opt.Width, opt.Height = 8, 9
	many, _, err := images.Open(context.Background(), dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, _, err := images.Open(context.Background(), dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(many, one); diff != "" {
		t.Error("(-many +one)", diff)
	}
}
