package table

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// lossOf is what numpy says is lost.
type lossOf struct {
	Count  int
	Row    int
	Column string
}

// TestNarrow: numbers that float32 cannot hold are counted as numpy counts them, with the place of the first, whatever
// the file.
func TestNarrow(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "narrow", "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		File           string
		Missing        bool
		Faint, Rounded lossOf
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 15 {
		t.Fatalf("only %d files", len(all))
	}
	for _, want := range all {
		t.Run(want.File, func(t *testing.T) {
			_, e, err := Open(t.Context(), filepath.Join("testdata", "narrow", want.File),
				Options{AllowMissing: want.Missing})
			if err != nil {
				t.Fatal(err)
			}
			header := 0
			if strings.HasSuffix(want.File, ".csv") {
				header = 1
			}
			for _, kind := range []struct {
				got  lossOf
				want lossOf
			}{
				{lossOf{e.Lost.Faint.Count, int(e.Lost.Faint.Row) + max(0, e.Lost.Faint.Line-header),
					e.Lost.Faint.Column}, want.Faint},
				{lossOf{e.Lost.Rounded.Count, int(e.Lost.Rounded.Row) + max(0, e.Lost.Rounded.Line-header),
					e.Lost.Rounded.Column}, want.Rounded},
			} {
				if kind.got != kind.want {
					t.Errorf("got %+v, want %+v", kind.got, kind.want)
				}
				if kind.want.Count > 0 && !slices.ContainsFunc(e.Notes, func(note string) bool {
					return strings.Contains(note, fmt.Sprint(kind.want.Count)) &&
						strings.Contains(note, fmt.Sprintf("%q", kind.want.Column))
				}) {
					t.Errorf("%+v is not told:\n%s", kind.want, e)
				}
			}
		})
	}
}

// TestNarrowText: what is lost depends on the value that a text spells, not on how it is written; float32 written in
// its shortest form loses nothing.
func TestNarrowText(t *testing.T) {
	for text, want := range map[string][2]int{
		"1e-60": {1, 0}, "-0.1e-59": {1, 0}, "1e-400": {1, 0}, "0e-400": {}, "0": {}, "1e-45": {}, "1e-40": {},
		"1.2e-45": {1, 0}, "1e-38": {}, "16777216": {}, "16777217": {0, 1}, "-16777217": {0, 1}, "16777217.0": {0, 1},
		"1.6777217e7": {0, 1}, "1.6777217E+07": {0, 1},
		"16777217.5": {}, "16777218": {}, "123456789": {0, 1}, "1e30": {},
		` 16777217 `: {0, 1}, `"16777217"`: {0, 1}, "9007199254740991": {0, 1},
	} {
		f, e, err := openBytes(t, []byte("id,f\na,"+text+"\nb,1\n"), Options{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := [2]int{e.Lost.Faint.Count, e.Lost.Rounded.Count}; got != want {
			t.Errorf("%s: %v are lost, want %v (it is %g)", text, got, want, f.X[0])
		}
	}
}

// TestNarrowFolder: the losses and missing values of all files of a folder are told, with rows of the whole table.
func TestNarrowFolder(t *testing.T) {
	dir := t.TempDir()
	content, err := os.ReadFile(filepath.Join("testdata", "narrow", "nulls.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.parquet", "b.parquet"} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, e, err := Open(t.Context(), dir, Options{AllowMissing: true})
	if err != nil {
		t.Fatal(err)
	}
	if e.Lost.Faint.Count != 4 || e.Lost.Faint.Row != 4 || e.Lost.Rounded.Count != 10 || e.Missing != 8 ||
		!strings.Contains(e.String(), "8 values were missing") {
		t.Errorf("%+v\n%s", e.Lost, e)
	}
}
