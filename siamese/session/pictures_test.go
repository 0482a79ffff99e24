package session_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/session"
)

// picture writes a picture of stripes, upright or not, and returns its path.
func picture(t *testing.T, path string, upright bool, rng *rand.Rand) string {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 28, 28))
	shift := rng.IntN(6)
	for y := range 28 {
		for x := range 28 {
			at := x
			if !upright {
				at = y
			}
			m.SetGray(x, y, color.Gray{Y: uint8((at+shift)/3%2*200 + rng.IntN(40))})
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, m); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPictures goes from a folder of pictures to the neighbours of a new one, shown as pictures.
func TestPictures(t *testing.T) {
	ctx, dir, rng := t.Context(), t.TempDir(), rand.New(rand.NewPCG(1, 1))
	for i := range 40 {
		label := []string{"across", "upright"}[i%2]
		picture(t, filepath.Join(dir, label, strconv.Itoa(i)+".png"), i%2 == 1, rng)
	}
	s := connect(t, t.TempDir())
	worked := false
	f, err := s.OpenWith(ctx, dir, session.OpenOptions{}, func(w session.Work) { worked = worked || w.Total == 40 })
	if err != nil {
		t.Fatal(err)
	}
	if f.N != 40 || len(f.Classes) != 2 || len(f.Blocks) != 2 || !worked {
		t.Errorf("frame %+v, progress %v", f, worked)
	}
	if !strings.Contains(f.How, "28x28 40") || !strings.Contains(f.How, "grey 40") {
		t.Errorf("of what the folder holds it says %q", f.How)
	}
	split, err := f.Split(ctx, session.SplitOptions{Val: .2, Test: .2})
	if err != nil {
		t.Fatal(err)
	}
	m, err := split.Train(ctx, small(), session.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// A new picture, with the settings of the model.
	path := picture(t, filepath.Join(t.TempDir(), "new.png"), true, rng)
	fresh, err := s.Open(ctx, path, session.OpenOptions{Settings: m.Settings})
	if err != nil || fresh.N != 1 {
		t.Fatalf("new picture: %+v, error %v", fresh, err)
	}
	near, err := m.SimilarTo(ctx, f, fresh, "new.png", 5)
	if err != nil {
		t.Fatal(err)
	}
	if len(near.List) != 5 || near.List[0].Label != "upright" {
		t.Errorf("neighbours %+v", near)
	}
	pictures, err := near.Show(ctx)
	if err != nil || !slices.ContainsFunc(pictures, func(p session.Picture) bool { return len(p.PNG) > 0 }) {
		t.Errorf("no pictures: %v, error %v", pictures, err)
	}
	score, err := m.ScoreWith(ctx, fresh, "new.png", f, near.List[0].ID)
	if err != nil || score.Cosine < near.List[0].Cosine-1e-4 || score.Cosine > near.List[0].Cosine+1e-4 {
		t.Errorf("score %+v, error %v; among the neighbours %v", score, err, near.List[0].Cosine)
	}
	// A picture that changed is no picture of these features any more.
	picture(t, filepath.Join(dir, "upright", "1.png"), false, rng)
	if pictures, err = near.Show(ctx); err != nil || slices.ContainsFunc(pictures, func(p session.Picture) bool {
		return len(p.PNG) > 0
	}) {
		t.Errorf("pictures of files that changed: error %v", err)
	}
	again, err := s.Open(ctx, dir, session.OpenOptions{})
	if err != nil || again.Known || again.Key == f.Key {
		t.Errorf("the folder changed: %+v, error %v", again, err)
	}
}

// TestPicturesRefused: a picture of a format that is not read, and pictures of several sizes, are told with the front's
// own words for what one does about them.
func TestPicturesRefused(t *testing.T) {
	ctx, rng := t.Context(), rand.New(rand.NewPCG(1, 2))
	s := connect(t, t.TempDir())
	for want, name := range map[string]string{"!SkipCorrupt": "a/x.heic", "!Width": "a/x.png"} {
		dir := t.TempDir()
		picture(t, filepath.Join(dir, "b", "1.png"), true, rng)
		picture(t, filepath.Join(dir, "a", "1.png"), true, rng)
		content := []byte("\x00\x00\x00\x1cftypheic\x00\x00\x00\x00")
		if strings.HasSuffix(name, ".png") {
			var file bytes.Buffer
			if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 20, 30))); err != nil {
				t.Fatal(err)
			}
			content = file.Bytes()
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := s.Open(ctx, dir, session.OpenOptions{})
		if err == nil {
			t.Errorf("%s is opened", name)
			continue
		}
		text := option.Text(err, func(name string) string { return "!" + name })
		if !strings.Contains(text, want) || !strings.Contains(text, name) {
			t.Errorf("%s: %s, want %s", name, text, want)
		}
	}
}

// TestViews trains on altered views of the pictures of a folder, and of the built-in ones; a table has none.
func TestViews(t *testing.T) {
	ctx, dir, rng := t.Context(), t.TempDir(), rand.New(rand.NewPCG(1, 1))
	for i := range 40 {
		label := []string{"across", "upright"}[i%2]
		picture(t, filepath.Join(dir, label, strconv.Itoa(i)+".png"), i%2 == 1, rng)
	}
	s := connect(t, t.TempDir())
	folder, err := s.Open(ctx, dir, session.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	images, err := s.Builtin(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	altered := small()
	altered.Augment = augment.Usual(0.5)
	for name, f := range map[string]*session.Frame{"folder": folder, "builtin": images} {
		split, err := f.Split(ctx, session.SplitOptions{Val: .3, Test: .2})
		if err != nil {
			t.Fatal(err)
		}
		plain, err := split.Train(ctx, small(), session.TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := split.Train(ctx, altered, session.TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if m.Digest == plain.Digest || m.Config.Augment != altered.Augment {
			t.Errorf("%s: the model is %s with %+v", name, m.Digest, m.Config.Augment)
		}
	}
	path := filepath.Join(t.TempDir(), "items.csv")
	text := "id,label,a,b\n"
	for i := range 40 {
		text += fmt.Sprintf("x%d,%s,%d.5,%d.5\n", i, []string{"p", "q"}[i%2], i%7, i*i%11)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	table, err := s.Open(ctx, path, session.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	split, err := table.Split(ctx, session.SplitOptions{Val: .3, Test: .2})
	if err != nil {
		t.Fatal(err)
	}
	_, err = split.Train(ctx, altered, session.TrainOptions{})
	if !about(err, "augment.share") {
		t.Errorf("a table: %v", err)
	}
}
