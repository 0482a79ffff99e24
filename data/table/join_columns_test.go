package table

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
)

// TestJoinColumns: a table of labels needs neither a header nor usual names where the ids of the items tell its
// columns.
func TestJoinColumns(t *testing.T) {
	files := &data.Frame{X: []float32{1, 2, 3, 4}, Columns: []string{"f"},
		Blocks: []data.Block{{Name: "f", Start: 0, End: 1}}, IDs: []string{"i/a.png", "i/b.png", "i/c.png", "i/d.png"}}
	numbers := &data.Frame{X: files.X, Columns: files.Columns, Blocks: files.Blocks, IDs: []string{"7", "8", "9", "10"}}
	for _, test := range []struct {
		name, text string
		frame      *data.Frame
		labels     []string
		id, label  string
	}{
		{"all differ, no header", "i/a.png,cat\ni/b.png,dog\ni/c.png,fox\ni/d.png,hen\n", files,
			[]string{"cat", "dog", "fox", "hen"}, "c1", "c2"},
		{"labels first", "cat;i/a.png\ndog;i/b.png\nfox;i/c.png\nhen;i/d.png\n", files,
			[]string{"cat", "dog", "fox", "hen"}, "c2", "c1"},
		{"tabs", "i/d.png\t3\ni/b.png\t1\ni/c.png\t2\ni/a.png\t0\n", files, []string{"0", "1", "2", "3"}, "c1", "c2"},
		{"numbers as ids", "7,cat\n8,dog\n9,fox\n10,hen\n", numbers, []string{"cat", "dog", "fox", "hen"}, "c1", "c2"},
		{"numbers only", "7,1\n8,1\n9,0\n10,0\n", numbers, []string{"1", "1", "0", "0"}, "c1", "c2"},
		{"other names", "file,breed\ni/a.png,cat\ni/b.png,dog\ni/c.png,fox\ni/d.png,hen\n", files,
			[]string{"cat", "dog", "fox", "hen"}, "file", "breed"},
		{"an index of pandas", ",file,breed\n0,i/a.png,cat\n1,i/b.png,dog\n2,i/c.png,fox\n3,i/d.png,hen\n", files,
			[]string{"cat", "dog", "fox", "hen"}, "file", "breed"},
		{"three columns", "fold,file,class\n0,i/a.png,cat\n1,i/b.png,dog\n0,i/c.png,fox\n1,i/d.png,hen\n", files,
			[]string{"cat", "dog", "fox", "hen"}, "file", "class"},
		{"id is another number", "id,file,label\n0,i/a.png,cat\n1,i/b.png,dog\n2,i/c.png,fox\n3,i/d.png,hen\n", files,
			[]string{"cat", "dog", "fox", "hen"}, "file", "label"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, e, err := JoinLabels(t.Context(), test.frame, labelsFile(t, test.text), JoinOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Labels, test.labels) || e.ID != test.id || e.Label != test.label || e.Labelled != 4 {
				t.Errorf("%q, %+v", got.Labels, e)
			}
			if !strings.Contains(e.String(), `"`+test.id+`"`) || !strings.Contains(e.String(), `"`+test.label+`"`) {
				t.Errorf("the columns are not told: %s", e)
			}
		})
	}
	for _, test := range []struct {
		name, text string
		options    []string
	}{
		{"two columns of ids", "file,twin,label\ni/a.png,i/b.png,1\ni/b.png,i/a.png,1\ni/c.png,i/d.png,0\n" +
			"i/d.png,i/c.png,0\n", []string{"ID"}},
		{"no label", "file,breed,age\ni/a.png,cat,1\ni/b.png,dog,2\ni/c.png,fox,3\ni/d.png,hen,4\n", []string{"Label"}},
		{"no ids of these items", "x,cat\ny,dog\nz,fox\n", []string{"ID", "JoinOptions.ByRow"}},
	} {
		_, _, err := JoinLabels(t.Context(), files, labelsFile(t, test.text), JoinOptions{})
		if fault := new(Error); !errors.As(err, &fault) || !slices.Equal(fault.Fix.Options(), test.options) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestJoinByRowOfOneColumn: a file of labels alone is joined by row whatever its header is, and a missing header is
// thought of.
func TestJoinByRowOfOneColumn(t *testing.T) {
	f := &data.Frame{X: []float32{1, 2, 3}, Columns: []string{"f"}, Blocks: []data.Block{{Name: "f", Start: 0, End: 1}},
		IDs: []string{"1", "2", "3"}, Numbered: true}
	got, _, err := JoinLabels(t.Context(), f, labelsFile(t, "breed\ncat\ndog\nfox\n"), JoinOptions{ByRow: true})
	if err != nil || !slices.Equal(got.Labels, []string{"cat", "dog", "fox"}) {
		t.Errorf("%v, %v", got, err)
	}
	_, _, err = JoinLabels(t.Context(), f, labelsFile(t, "cat\ndog\nfox\n"), JoinOptions{ByRow: true})
	if fault := new(Error); !errors.As(err, &fault) || !slices.Contains(fault.Fix.Options(), "NoHeader") {
		t.Errorf("got %v", err)
	}
}

// TestJoinUnknown: labels that are words for a missing value are counted and told.
func TestJoinUnknown(t *testing.T) {
	f := &data.Frame{X: []float32{1, 2, 3}, Columns: []string{"f"}, Blocks: []data.Block{{Name: "f", Start: 0, End: 1}},
		IDs: []string{"a", "b", "c"}}
	path := labelsFile(t, "id,label\na,NA\nb,x\nc,NA\n")
	got, e, err := JoinLabels(t.Context(), f, path, JoinOptions{})
	if err != nil || !slices.Equal(got.Labels, []string{"", "x", ""}) || e.Unknown != 2 || e.Labelled != 1 ||
		!strings.Contains(e.String(), "2 of its labels") {
		t.Errorf("%v, %v, %v", got, e, err)
	}
	got, e, err = JoinLabels(t.Context(), f, path, JoinOptions{Options: Options{Missing: []string{}}})
	if err != nil || got.Labels[0] != "NA" || e.Unknown != 0 {
		t.Errorf("%v, %v, %v", got, e, err)
	}
}

func labelsFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "labels.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
