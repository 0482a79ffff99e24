package table

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
)

// saveParts writes frames to files of a folder, by their names, and returns the folder.
func saveParts(t *testing.T, parts map[string]*data.Frame) string {
	t.Helper()
	dir := t.TempDir()
	for name, f := range parts {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := Save(path, f); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// twoOf returns a frame of two items.
func twoOf(a, b string) *data.Frame {
	return &data.Frame{Columns: []string{"f", "g"}, Blocks: []data.Block{{Name: "features", Start: 0, End: 2}},
		X: []float32{float32(len(a)), 2, 3, float32(b[0])}, IDs: []string{a, b}}
}

// TestHive: a folder that pandas partitioned is one table, as pandas reads it; the key is the domain.
func TestHive(t *testing.T) {
	dir := filepath.Join("testdata", "types", "hive")
	want := &data.Frame{Columns: []string{"f"}, Blocks: []data.Block{{Name: "f", Start: 0, End: 1}},
		X: []float32{.5, 3, 8, -1.25, 0, 2.5}, IDs: []string{"1", "2", "3", "4", "5", "6"}, Numbered: true,
		Labels: []string{"a", "c", "b", "b", "a", "c"}, Domains: []string{"a b/c", "a b/c", "a b/c", "", "", ""}}
	f, e, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, f); diff != "" {
		t.Error(diff)
	}
	if e.Domain != "domain" || e.Rows != 6 || e.File != dir || !slices.Equal(e.Ignored, []string{"fold"}) {
		t.Errorf("%+v", e)
	}
	for _, rows := range []int{0, 1, 2} {
		if diff := cmp.Diff(want, collect(t, dir, Options{BatchRows: rows})); diff != "" {
			t.Errorf("by %d rows: %s", rows, diff)
		}
	}
	// By another name, and as the label.
	named, _, err := Open(t.Context(), dir, Options{Schema: data.Schema{Label: "fold", Domain: data.NoColumn,
		Ignore: []string{"label", "domain"}}})
	if err != nil || !slices.Equal(named.Labels, []string{"1", "1", "1", "2", "2", "2"}) || named.Domains != nil {
		t.Errorf("%v %v", named, err)
	}
}

// TestFolder: parts follow each other by their names; hidden files and others are no parts.
func TestFolder(t *testing.T) {
	dir := saveParts(t, map[string]*data.Frame{"b.parquet": twoOf("c", "d"), "a/z.arrow": twoOf("a", "b"),
		"_old.parquet": twoOf("a", "b"), ".tmp/x.parquet": twoOf("a", "b"), "notes.csv": twoOf("a", "b")})
	f, e, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.IDs, []string{"a", "b", "c", "d"}) || len(f.X) != 8 || f.Row(2)[1] != 2 ||
		!strings.Contains(e.String(), "1 files of the folder") {
		t.Errorf("%v\n%s", f, e)
	}
	if got := collect(t, dir, Options{}); !slices.Equal(got.IDs, f.IDs) || !slices.Equal(got.X, f.X) {
		t.Errorf("a scan reads %v", got)
	}
}

// TestFolderRefused: parts that do not make one table.
func TestFolderRefused(t *testing.T) {
	other := twoOf("x", "y")
	other.Columns = []string{"f", "h"}
	labelled := twoOf("x", "y")
	labelled.Labels = []string{"l", "m"}
	for _, test := range []struct {
		name    string
		parts   map[string]*data.Frame
		opt     Options
		file    string
		key     string
		options []string
	}{
		{"no parts", map[string]*data.Frame{"a.csv": twoOf("a", "b")}, Options{}, "", "no Parquet", nil},
		{"other features", map[string]*data.Frame{"a.parquet": twoOf("a", "b"), "b.parquet": other}, Options{},
			"b.parquet", `"g"`, []string{"Ignore"}},
		{"ids twice", map[string]*data.Frame{"a.parquet": twoOf("a", "b"), "b.parquet": twoOf("b", "c")}, Options{},
			"", `"b"`, []string{"ID", "Ignore"}},
		{"other keys", map[string]*data.Frame{"domain=x/a.parquet": twoOf("a", "b"), "b.parquet": twoOf("c", "d")},
			Options{}, filepath.Join("domain=x", "a.parquet"), `"domain"`, nil},
		{"labels twice", map[string]*data.Frame{"label=x/a.parquet": labelled}, Options{}, "", "", nil},
		{"labels in one part", map[string]*data.Frame{"a.parquet": twoOf("a", "b"), "b.parquet": labelled}, Options{},
			"b.parquet", "label", []string{"ID", "Label", "Domain"}},
		{"the limit", map[string]*data.Frame{"a.parquet": twoOf("a", "b"), "b.parquet": twoOf("c", "d")},
			Options{MaxBytes: 80}, "", "", []string{"MaxBytes"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := saveParts(t, test.parts)
			_, _, err := Open(t.Context(), dir, test.opt)
			var fault *Error
			if !errors.As(err, &fault) || !strings.HasSuffix(fault.File, test.file) ||
				!strings.Contains(fault.Problem, test.key) ||
				test.options != nil && !slices.Equal(fault.Fix.Options(), test.options) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestFolderEmptyParts: parts without rows, as Spark writes them, are passed over, whatever their place; nothing but
// such is an error.
func TestFolderEmptyParts(t *testing.T) {
	empty := fixtureBytes(t, "wrong-empty.parquet")
	dir := saveParts(t, map[string]*data.Frame{"b.parquet": twoOf("a", "b"), "d.parquet": twoOf("c", "d")})
	for _, name := range []string{"a.parquet", "c.parquet", "e.parquet"} {
		if err := os.WriteFile(filepath.Join(dir, name), empty, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "_SUCCESS"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f, e, err := Open(t.Context(), dir, Options{})
	if err != nil || !slices.Equal(f.IDs, []string{"a", "b", "c", "d"}) || !strings.Contains(e.String(), "3 of 5 files") {
		t.Errorf("%v %v %v", f, e, err)
	}
	if got := collect(t, dir, Options{}); !slices.Equal(got.IDs, f.IDs) {
		t.Errorf("a scan reads %v", got)
	}
	for _, name := range []string{"b.parquet", "d.parquet"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err = Open(t.Context(), dir, Options{})
	says("no rows").check(t, dir, err)
	for _, err := range Scan(t.Context(), dir, Options{}) {
		says("no rows").check(t, dir, err)
	}
}

// TestManagedFolders: where a list says which files count, or writing has not ended, reading all would mix old and new.
func TestManagedFolders(t *testing.T) {
	for mark, problem := range map[string]string{"_delta_log/00000000000000000000.json": "Delta",
		"metadata/v1.metadata.json": "Iceberg", ".hoodie/hoodie.properties": "Hudi", "_temporary/0/x": "Spark"} {
		dir := saveParts(t, map[string]*data.Frame{"[a]/b.parquet": twoOf("a", "b")})
		path := filepath.Join(dir, "[a]", filepath.FromSlash(mark))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := Open(t.Context(), filepath.Join(dir, "[a]"), Options{})
		says(problem).check(t, filepath.Join(dir, "[a]"), err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "part-00000.csv.gz"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := Open(t.Context(), dir, Options{})
	says("1 files of text").check(t, dir, err)
}
