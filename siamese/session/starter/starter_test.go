package starter_test

import (
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/session/starter"
)

// sources returns the sources of a notebook's code cells.
func sources(t *testing.T, path string) []string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var nb struct {
		Cells []struct {
			Type     string `json:"cell_type"`
			Source   string
			Metadata struct{ Tags []string }
		}
	}
	if err := json.Unmarshal(content, &nb); err != nil {
		t.Fatal(err)
	}
	var out []string
	for i, c := range nb.Cells {
		if c.Type == "code" {
			out = append(out, c.Source)
		}
		if i == 1 && !slices.Equal(c.Metadata.Tags, []string{"parameters"}) {
			t.Errorf("the first code cell has the tags %q", c.Metadata.Tags)
		}
	}
	return out
}

// TestTable: columns are named by their roles, and what has none is told; nothing is replaced.
func TestTable(t *testing.T) {
	t.Chdir(t.TempDir())
	csv := "id,label,x,y,who\n"
	for _, row := range []string{"\"a\"\"1\",mug,1,2,me", "b,vase,2,3,me", "c,mug,,4,you"} {
		csv += row + "\n"
	}
	if err := os.WriteFile("my items.csv", []byte(csv), 0o644); err != nil {
		t.Fatal(err)
	}
	path, err := starter.New(t.Context(), "my items.csv", starter.Options{})
	if err != nil || path != "my items.ipynb" {
		t.Fatalf("%s, error %v", path, err)
	}
	want := []string{
		"var (\n\tFile   = \"my items.csv\"\n\tEpochs = 12 // at most\n\tSeed   = 42\n)",
		"// of texts that are ignored one may be lab.Domain(COLUMN), where items come from, or lab.Label(COLUMN)\n" +
			"items := lab.Open(File, lab.ID(\"id\"), lab.Label(\"label\"), lab.Ignore(\"who\"), lab.AllowMissing())\nitems",
		"items.Describe()", "split := items.Split(lab.Seed(Seed))\nsplit",
		"model := split.Train(lab.Set(\"Epochs\", Epochs), lab.Set(\"Seed\", Seed))\nmodel", "model.Evaluate()",
		"model.Score(\"a\\\"1\", \"c\")", "model.Similar(\"a\\\"1\", 5)",
	}
	if diff := cmp.Diff(want, sources(t, path)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = starter.New(t.Context(), "my items.csv", starter.Options{})
	if names := option.Names(err); !slices.Equal(names, []string{"to"}) {
		t.Errorf("a second time: %v", err)
	}
	if _, err = starter.New(t.Context(), "none.csv", starter.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := os.Stat("none.ipynb"); err == nil {
		t.Error("a notebook for no file")
	}
}

// TestPictures: a folder of pictures has new pictures put through the model.
func TestPictures(t *testing.T) {
	dir := t.TempDir()
	picture(t, filepath.Join(dir, "a.png"))
	path, err := starter.New(t.Context(), dir, starter.Options{To: filepath.Join(t.TempDir(), "p.ipynb")})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(sources(t, path), "\n")
	if !strings.Contains(all, "items := lab.Open(File)\n") || !strings.Contains(all, "lab.Pictures") {
		t.Error(all)
	}
}

// picture writes a picture.
func picture(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(file, image.NewGray(image.Rect(0, 0, 9, 9))), file.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestPaths: a notebook in another folder opens the file from there, since its cells run there.
func TestPaths(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"work/sub/deep", "work/my pictures", "other/data", "outside"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, link := range [][2]string{{"../other/data", "work/linked"}, {"../../outside", "work/sub/away"}} {
		if err := os.Symlink(link[0], filepath.Join(root, link[1])); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"work/my items.csv", "work/sub/in.csv", "other/data/x.csv"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte("id,label,x\na,mug,1\nb,mug,2\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	picture(t, filepath.Join(root, "work/my pictures/a.png"))
	t.Chdir(filepath.Join(root, "work"))
	for i, c := range []struct{ file, dir, want string }{
		{"my items.csv", "", "my items.csv"},
		{"./my items.csv", ".", "./my items.csv"},
		{"my items.csv", "sub", "../my items.csv"},
		{"my items.csv", "sub/deep", "../../my items.csv"},
		{"sub/in.csv", "sub", "in.csv"},
		{"my pictures", "sub", "../my pictures"},
		{"my pictures", "my pictures", "."},
		{filepath.Join(root, "outside/../other/data/x.csv"), "sub", filepath.Join(root, "outside/../other/data/x.csv")},
		{"../other/data/x.csv", filepath.Join(root, "outside"), "../other/data/x.csv"},
		{"linked/x.csv", "sub", "../linked/x.csv"},
		{"my items.csv", "sub/away", "../work/my items.csv"}, // in the folder outside, where its cells run
		{"my items.csv", "linked", "../../work/my items.csv"},
		{"linked/../data/x.csv", "sub", "../../other/data/x.csv"}, // .. of a link
	} {
		to := filepath.Join(c.dir, "n"+strconv.Itoa(i)+".ipynb")
		if _, err := starter.New(t.Context(), c.file, starter.Options{To: to}); err != nil {
			t.Errorf("%s in %s: %v", c.file, c.dir, err)
			continue
		}
		got := sources(t, to)[0]
		if !strings.Contains(got, "File   = "+strconv.Quote(c.want)+"\n") {
			t.Errorf("%s in %s: %s", c.file, c.dir, got)
		}
		back := c.want
		if !filepath.IsAbs(back) { // as the system resolves it
			back = filepath.Join(root, "work", c.dir) + "/" + back
			if filepath.IsAbs(c.dir) {
				back = c.dir + "/" + c.want
			}
		}
		want, err1 := os.Stat(c.file)
		found, err2 := os.Stat(back)
		if err1 != nil || err2 != nil || !os.SameFile(want, found) {
			t.Errorf("%s in %s: %s is not it: %v %v", c.file, c.dir, back, err1, err2)
		}
	}
	for _, to := range []string{"items.csv", "nowhere/n.ipynb", "my items.csv/n.ipynb"} {
		_, err := starter.New(t.Context(), "my items.csv", starter.Options{To: to})
		if names := option.Names(err); !slices.Equal(names, []string{"to"}) {
			t.Errorf("%s: %v", to, err)
		}
	}
}
