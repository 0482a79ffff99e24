package images

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/internal/labtest"
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
		opt       FolderOptions
		want      string
	}{
		{"no such folder", filepath.Join(dir, "z"), ctx, FolderOptions{}, "no such file"},
		{"a file", filepath.Join(dir, "a.png"), ctx, FolderOptions{}, "not a directory"},
		{"no image", none, ctx, FolderOptions{}, "there is none, and 1 other files or folders were ignored:\n  readme: it is no image"},
		{"too shallow", dir, ctx, DefaultFolder(), `1 of 2 lie in no folder of level 1, which would name their label or domain: "a.png"; move`},
		{"names", garbled, ctx, DefaultFolder(), `names are not UTF-8: "l/\xff.png"; rename`},
		{"same depth", dir, ctx, FolderOptions{LabelDepth: 1, DomainDepth: 1}, "DomainDepth: 1"},
		{"negative depth", dir, ctx, FolderOptions{LabelDepth: -1}, "LabelDepth: -1"},
		{"one side", dir, ctx, FolderOptions{Width: 3}, "Width is 3 and Height 0"},
		{"limit", dir, ctx, FolderOptions{MaxPixels: -1}, "MaxPixels: -1"},
		{"cancelled", dir, gone, FolderOptions{}, "context canceled"},
	} {
		if _, _, err := Open(c.ctx, c.dir, c.opt); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one about %q", c.name, err, c.want)
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
		files["l/"+string(rune('0'+i))+".jpg"] = labtest.Encoded(b, func(buf *bytes.Buffer) error { return jpeg.Encode(buf, m, nil) })
	}
	dir := labtest.FolderOf(b, files)
	opt := DefaultFolder()
	opt.Width, opt.Height = 64, 64
	for b.Loop() {
		if _, _, err := Open(b.Context(), dir, opt); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(files)*b.N)/b.Elapsed().Seconds(), "images/s")
}
