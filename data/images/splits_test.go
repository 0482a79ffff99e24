package images_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest/imagestest"
	"github.com/go-siamese/lab/data/option"
)

// folderOf writes a small picture under every name.
func folderOf(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, imagestest.SomePNG(t, uint64(i), 8, 8), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestSplitFolders(t *testing.T) {
	for _, c := range []struct {
		name    string
		files   []string
		domain  int
		labels  []string // of the files, sorted by id
		splits  []string
		refused bool
	}{
		{"three sides", []string{"test/dog/a.png", "train/cat/a.png", "val/cat/a.png"}, 0,
			[]string{"dog", "cat", "cat"}, []string{"test", "train", "val"}, false},
		{"other spellings", []string{"Testing/dog/a.png", "Training_Set/cat/a.png", "VALIDATION/cat/a.png"}, 0,
			[]string{"dog", "cat", "cat"}, []string{"Testing", "Training_Set", "VALIDATION"}, false},
		{"words before", []string{"seg_test/seg_test/dog/a.png", "seg_train/seg_train/cat/a.png"}, 0,
			[]string{"dog", "cat"}, []string{"seg_test", "seg_train"}, false},
		{"words and numbers", []string{"train2017/dog/a.png", "val2017/cat/a.png"}, 0, []string{"dog", "cat"},
			[]string{"train2017", "val2017"}, false},
		{"no separator", []string{"TestData/dog/a.png", "TrainData/cat/a.png"}, 0, []string{"dog", "cat"},
			[]string{"TestData", "TrainData"}, false},
		{"places", []string{"test_tube/a.png", "train_station/a.png"}, 0, []string{"test_tube", "train_station"}, nil,
			false},
		{"container and sides", []string{"data/test/dog/a.png", "data/train/cat/a.png"}, 0, []string{"dog", "cat"},
			[]string{"data", "test", "train"}, false},
		{"folds", []string{"fold1/dog/a.png", "fold_02/cat/a.png"}, 0, []string{"dog", "cat"},
			[]string{"fold1", "fold_02"}, false},
		{"container only", []string{"images/cat/a.png", "images/dog/a.png"}, 0, []string{"cat", "dog"},
			[]string{"images"}, false},
		{"sides below classes", []string{"cat/train/a.png", "dog/test/a.png"}, 0, []string{"cat", "dog"}, nil, false},
		{"a class called train", []string{"bus/a.png", "car/a.png", "train/a.png"}, 0, []string{"bus", "car", "train"},
			nil, false},
		{"domains too", []string{"train/eu/cat/a.png", "test/us/dog/a.png"}, 1, []string{"dog", "cat"},
			[]string{"test", "train"}, false},
		{"no level left", []string{"test/a.png", "train/a.png"}, 0, nil, nil, true},
		{"some are sides", []string{"extra/cat/a.png", "test/cat/a.png", "train/cat/a.png"}, 0, nil, nil, true},
	} {
		opt := images.DefaultFolder()
		if opt.DomainDepth = c.domain; c.domain > 0 {
			opt.LabelDepth = c.domain + 1
		}
		f, err := images.List(t.Context(), folderOf(t, c.files...), opt)
		if c.refused {
			if !slices.Equal(option.Names(err), []string{"LabelDepth"}) {
				t.Errorf("%s: %v, want an error of LabelDepth", c.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var labels []string
		for _, file := range f.Files {
			labels = append(labels, file.Label)
		}
		if diff := cmp.Diff(c.labels, labels); diff != "" {
			t.Errorf("%s: labels (-want +got)\n%s", c.name, diff)
		}
		if diff := cmp.Diff(c.splits, f.Splits); diff != "" {
			t.Errorf("%s: passed over (-want +got)\n%s", c.name, diff)
		}
		if c.domain > 0 && f.Files[0].Domain != "us" {
			t.Errorf("%s: domain %q, want us", c.name, f.Files[0].Domain)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	// What the caller says is not doubted.
	f, err := images.List(t.Context(), folderOf(t, "test/a.png", "train/a.png"), images.FolderOptions{LabelDepth: 1})
	if err != nil || f.Files[1].Label != "train" || f.Splits != nil {
		t.Errorf("%v, %v", f, err)
	}
}

func TestInventory(t *testing.T) {
	dir := folderOf(t, "a/1.png", "a/2.png", "b/1.png", "train/1.png")
	for _, name := range []string{"grey16.png", "alpha.png", "turned.jpg", "interlaced.gif"} {
		file, err := os.ReadFile(filepath.Join("testdata/images", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "b", name), file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "b", "bad.png"), []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := images.List(t.Context(), dir, images.DefaultFolder())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	v, err := f.Inventory(t.Context(), images.DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for what, diff := range map[string]string{
		"classes": cmp.Diff(map[string]int{"a": 2, "b": 5, "train": 1}, v.Classes),
		"sizes":   cmp.Diff(map[string]int{"8x8": 4, "17x12": 3, "12x17": 1}, v.Sizes),
		"modes":   cmp.Diff(map[string]int{"RGB": 5, "RGB+alpha": 1, "grey": 1, "palette": 1}, v.Modes),
		"depths":  cmp.Diff(map[string]int{"8 bits": 7, "16 bits": 1}, v.Depths),
		"formats": cmp.Diff(map[string]int{"PNG": 6, "JPEG": 1, "GIF": 1}, v.Formats),
	} {
		if diff != "" {
			t.Errorf("%s (-want +got)\n%s", what, diff)
		}
	}
	deep := v.Deep()
	if len(deep) != 1 || f.Files[deep[0]].ID != "b/grey16.png" || v.Alpha != 1 || len(v.Problems) != 1 ||
		v.Problems[0].File != "b/bad.png" {
		t.Errorf("deep %v, alpha %d, problems %v", deep, v.Alpha, v.Problems)
	}
	all := strings.Join(v.Warnings(), "\n")
	for _, want := range []string{`"train"`, "have one image", "different modes", "different sizes",
		"different depths (8 bits or fewer 7, 16 bits 1)"} {
		if !strings.Contains(all, want) {
			t.Errorf("no warning about %q:\n%s", want, all)
		}
	}
}

// A picture that shows nothing is counted by Open.
func TestFlatness(t *testing.T) {
	grey := func(values ...uint8) *images.Image {
		return &images.Image{W: len(values), H: 1, C: 1, Pix: values}
	}
	deep := func(values ...float32) *images.Image {
		return &images.Image{W: len(values), H: 1, C: 1, Deep: values, Range: [2]float64{0, 65536}}
	}
	for _, c := range []struct {
		m    *images.Image
		want images.Flatness
	}{
		{grey(7, 7, 7), images.Constant}, {grey(7, 9, 7), images.NearlyConstant}, {grey(7, 10, 7), images.Varied},
		{&images.Image{W: 2, H: 1, C: 3, Pix: []uint8{1, 90, 200, 1, 90, 200}}, images.Constant},
		{deep(4000, 4000), images.Constant}, {deep(4000, 4010), images.NearlyConstant}, {deep(0, 1), images.Varied},
	} {
		if got := c.m.Flatness(); got != c.want {
			t.Errorf("%v %v: %d, want %d", c.m.Pix, c.m.Deep, got, c.want)
		}
	}
	dir := folderOf(t, "a/1.png")
	file := filepath.Join("testdata/images", "bits1.png")
	if _, err := os.Stat(file); err != nil {
		t.Fatal(err)
	}
	flat := images.Image{W: 3, H: 3, C: 1, Pix: make([]uint8, 9)}
	writePNG(t, filepath.Join(dir, "a", "flat.png"), &flat)
	_, report, err := images.Open(t.Context(), dir, images.DefaultFolder())
	if err != nil || !slices.Equal(report.Constant, []string{"a/flat.png"}) || report.NearlyConstant != nil {
		t.Errorf("%+v, %v", report, err)
	}
}
