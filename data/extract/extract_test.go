package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/table"
)

// makeImages writes n pictures of random greys, domain/label/file, of the size that side gives number i.
func makeImages(t *testing.T, n int, side func(i int) (w, h int)) string {
	t.Helper()
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	for i := range n {
		w, h := side(i)
		m := &images.Image{W: w, H: h, C: 1 + 2*(i%2), Pix: make([]uint8, w*h*(1+2*(i%2)))}
		for k := range m.Pix {
			m.Pix[k] = uint8(rng.Uint32())
		}
		var file bytes.Buffer
		if err := png.Encode(&file, m.Std()); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, fmt.Sprintf("d%d", i%2), fmt.Sprintf("l%d", i%5), fmt.Sprintf("%05d.png", i)),
			file.Bytes())
	}
	return dir
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o644)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func fixed(w, h int) func(int) (int, int) { return func(int) (int, int) { return w, h } }

// small is a configuration that costs little.
func small() Options {
	o := DefaultOptions()
	o.Features.GLCM = features.GLCMConfig{}
	o.Folder.LabelDepth, o.Folder.DomainDepth = 2, 1
	return o
}

// gone fails when the work directory is still there.
func gone(t *testing.T, out string) {
	t.Helper()
	if _, err := os.Stat(out + ".parts"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the work directory is there: %v", err)
	}
}

// The file is, bit for bit, what the way through the memory gives, and opens as the same frame.
func TestFolder(t *testing.T) {
	for name, side := range map[string]func(int) (int, int){"one size": fixed(17, 20),
		"many sizes": func(i int) (int, int) { return 15 + i%4, 20 }} {
		dir := makeImages(t, 2*partImages+9, side)
		opt := small()
		opt.Features.GLCM = features.Default().GLCM
		opt.Features.LBP = features.LBPConfig{Points: 8, Radius: 1, Method: features.LBPUniform, Grids: []int{1}}
		if name == "many sizes" {
			opt.Features.Width, opt.Features.Height = 19, 16
		}
		images, _, err := images.Open(context.Background(), dir, opt.Folder)
		if err != nil {
			t.Fatal(err)
		}
		want, err := features.Extract(context.Background(), images, opt.Features, nil)
		if err != nil {
			t.Fatal(err)
		}
		direct, out := filepath.Join(t.TempDir(), "direct.parquet"), filepath.Join(t.TempDir(), "out.parquet")
		if err := table.Save(direct, want); err != nil {
			t.Fatal(err)
		}
		var seen []Progress
		opt.Progress = func(p Progress) { seen = append(seen, p) }
		report, err := Folder(context.Background(), dir, out, opt)
		if err != nil {
			t.Fatal(err)
		}
		if report.Items != want.N() || report.Features != want.F() || report.Resumed != 0 || report.Files != want.N() {
			t.Errorf("%s: report %+v", name, report)
		}
		if !bytes.Equal(read(t, direct), read(t, out)) {
			t.Errorf("%s: other bytes than table.Save writes", name)
		}
		got, _, err := table.Open(context.Background(), out, table.Options{NoCache: true})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(data.Frame{})); diff != "" {
			t.Errorf("%s: (-want +got) %.2000s", name, diff)
		}
		n := want.N()
		if first, last := seen[0], seen[len(seen)-1]; first != (Progress{Total: n}) ||
			last != (Progress{Total: n, Done: n, Kept: n, Writing: true}) {
			t.Errorf("%s: progress from %+v to %+v", name, first, last)
		}
		gone(t, out)
	}
}

// Stopped again and again, the work goes on where it stood and the file comes out the same, on one core too.
func TestFolderResumes(t *testing.T) {
	dir := makeImages(t, 6*partImages+1, fixed(12, 12))
	opt := small()
	whole, out := filepath.Join(t.TempDir(), "whole.parquet"), filepath.Join(t.TempDir(), "out.parquet")
	if _, err := Folder(context.Background(), dir, whole, opt); err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	resumed := 0
	for stop := 1; stop <= 3; stop++ {
		ctx, cancel := context.WithCancel(context.Background())
		var last Progress
		opt.Progress = func(p Progress) {
			last = p
			if p.Kept >= p.Resumed+partImages && p.Done > p.Kept {
				cancel()
			}
		}
		_, err := Folder(ctx, dir, out, opt)
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("stop %d: %v", stop, err)
		}
		if last.Resumed != resumed || last.Kept <= resumed {
			t.Errorf("stop %d: progress %+v after %d", stop, last, resumed)
		}
		resumed = last.Kept
		if _, err := os.Stat(out); err == nil {
			t.Fatal("half a table is there")
		}
	}
	// What a crash may leave: a part half on disk, a part of zeros, files that were being written.
	parts, err := filepath.Glob(filepath.Join(out+".parts", partPrefix+"*"))
	if err != nil || len(parts) != 3 {
		t.Fatal(parts, err)
	}
	write(t, parts[0], read(t, parts[0])[:1000])
	write(t, parts[1], make([]byte, len(read(t, parts[1]))))
	write(t, filepath.Join(out+".parts", ".part-x.123.tmp"), []byte("half"))
	write(t, filepath.Join(out+".parts", ".table.parquet.9.tmp"), []byte("half"))
	opt.Progress = nil
	report, err := Folder(context.Background(), dir, out, opt)
	if err != nil {
		t.Fatal(err)
	}
	if report.Resumed != partImages {
		t.Errorf("%d resumed, want %d", report.Resumed, partImages)
	}
	if !bytes.Equal(read(t, whole), read(t, out)) {
		t.Error("the file differs from that of a run without stops")
	}
	gone(t, out)
}

// A changed file or configuration makes only what depends on it anew.
func TestFolderRecomputesWhatChanged(t *testing.T) {
	dir := makeImages(t, 3*partImages, fixed(12, 12))
	out := filepath.Join(t.TempDir(), "out.parquet")
	opt := small()
	bad := filepath.Join(dir, "d1", "l4", "zzz.png") // after all others
	write(t, bad, []byte("x"))
	_, err := Folder(context.Background(), dir, out, opt)
	var all *images.FilesError
	if !errors.As(err, &all) || len(all.Problems) != 1 || all.Problems[0].File != "d1/l4/zzz.png" {
		t.Fatalf("error %v", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Fatal("there is a table in spite of a corrupt image")
	}
	// Mended, the one part that holds it is computed.
	other := read(t, filepath.Join(dir, "d1", "l4", "00009.png"))
	write(t, bad, other)
	report, err := Folder(context.Background(), dir, out, opt)
	if err != nil || report.Resumed != 3*partImages || report.Items != 3*partImages+1 {
		t.Fatalf("%+v, %v", report, err)
	}
	// Skipped on request, and what is skipped is reported; then nothing has to be computed.
	write(t, bad, []byte("y"))
	if _, err := Folder(context.Background(), dir, out+"2.parquet", opt); err == nil {
		t.Fatal("no error")
	}
	opt.Folder.SkipCorrupt = true
	report, err = Folder(context.Background(), dir, out+"2.parquet", opt)
	if err != nil || report.Resumed != 3*partImages+1 || report.Items != 3*partImages || len(report.Skipped) != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	if !strings.Contains(report.String(), "d1/l4/zzz.png: the file begins like no PNG") {
		t.Errorf("report %s", report)
	}
	got, _, err := table.Open(context.Background(), out+"2.parquet", table.Options{NoCache: true})
	if err != nil || got.N() != 3*partImages {
		t.Errorf("%v, %v", got, err)
	}
	// Another configuration shares nothing.
	opt.Folder.SkipCorrupt = false
	if _, err := Folder(context.Background(), dir, out+"3.parquet", opt); err == nil {
		t.Fatal("no error")
	}
	opt.Folder.SkipCorrupt = true
	opt.Features.HOG.Norm = features.NormL1
	report, err = Folder(context.Background(), dir, out+"3.parquet", opt)
	if err != nil || report.Resumed != 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	gone(t, out+"3.parquet")
}

// What the file system did not give may come another time; it is tried again.
func TestPartsWithFaultsOfTheFileSystem(t *testing.T) {
	path := filepath.Join(t.TempDir(), "part")
	about := partHead{Rows: 2, Features: 1, Failed: map[int]string{1: strings.Repeat("\x00", 99_999)}, Retry: true}
	if err := savePart(path, []float32{1, 2}, about); err != nil {
		t.Fatal(err)
	}
	values, head, err := loadPart(path, 2, 1)
	if err != nil || !head.Retry || len(head.Failed) != 1 || values[1] != 2 {
		t.Errorf("%v, %+v, %v", values, head, err)
	}
	for _, shape := range [][2]int{{1, 2}, {2, 2}, {3, 1}} {
		if _, _, err := loadPart(path, shape[0], shape[1]); err == nil {
			t.Errorf("a part of 2 x 1 passes for one of %v", shape)
		}
	}
	whole := read(t, path)
	for _, n := range []int{0, 5, 8, 20, len(whole) - 1} {
		write(t, path, whole[:n])
		if _, _, err := loadPart(path, 2, 1); err == nil {
			t.Errorf("the first %d of %d bytes pass for a part", n, len(whole))
		}
	}
}

func TestFolderErrors(t *testing.T) {
	ctx := context.Background()
	one := makeImages(t, 3, fixed(12, 12))
	sizes := makeImages(t, 3, func(i int) (int, int) { return 12 + i, 12 })
	tiny := makeImages(t, 3, fixed(3, 3))
	where := t.TempDir()
	wrong := small()
	wrong.Features.HOG.Norm = "L3"
	for _, c := range []struct {
		name, folder, out string
		opt               Options
		want              string
	}{
		{"configuration", one, "a.parquet", wrong, "HOG.Norm"},
		{"name", one, "a.csv", small(), "a.csv"},
		{"no folder", filepath.Join(one, "zz"), "a.parquet", small(), "no such file"},
		{"sizes", sizes, "a.parquet", small(), "1 of 12 x 12 (such as d0/l0/00000.png)"},
		{"too small", tiny, "a.parquet", small(), "3 x 3"},
		{"no directory", one, "no/such/\x00/a.parquet", small(), "invalid"},
	} {
		_, err := Folder(ctx, c.folder, filepath.Join(where, c.out), c.opt)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one about %q", c.name, err, c.want)
		}
	}
	// Two at once would be in each other's way.
	out := filepath.Join(where, "busy.parquet")
	w, err := openWork(out + ".parts")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Folder(ctx, one, out, small()); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a second run: %v", err)
	}
	write(t, w.path("mine.txt"), []byte("of somebody else"))
	if err := w.close(false); err != nil {
		t.Fatal(err)
	}
	if _, err := Folder(ctx, one, out, small()); err != nil {
		t.Fatal(err)
	}
	if got := read(t, w.path("mine.txt")); len(got) == 0 {
		t.Error("somebody else's file is gone")
	}
}
