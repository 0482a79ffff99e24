package table

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
)

// TestRealTexts reads the files that testdata/make_real_texts.py made with pandas, numpy, polars and R's rules.
func TestRealTexts(t *testing.T) {
	var manifest []struct {
		File    string
		Columns []string
		Labels  []string
		IDs     []string
		X       [][]*float32 // nil = missing
		Options struct {
			Missing bool
			Label   string
		}
	}
	text, err := os.ReadFile(filepath.Join("testdata", "real", "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	if len(manifest) < 30 {
		t.Fatalf("only %d files", len(manifest))
	}
	for _, want := range manifest {
		t.Run(want.File, func(t *testing.T) {
			opt := Options{Schema: data.Schema{Label: want.Options.Label}, AllowMissing: want.Options.Missing}
			f, e, err := Open(t.Context(), filepath.Join("testdata", "real", want.File), opt)
			if err != nil {
				t.Fatal(err)
			}
			for _, list := range [][2][]string{{want.Columns, f.Columns}, {want.Labels, f.Labels}, {want.IDs, f.IDs}} {
				if diff := cmp.Diff(list[0], list[1]); diff != "" {
					t.Errorf("%s%v", diff, e)
				}
			}
			if f.F() != len(want.Columns) || f.N() != len(want.X) {
				t.Fatal(f)
			}
			for i, row := range want.X {
				for j, v := range row {
					if got := f.Row(i)[j]; v == nil && got == got || v != nil && got != *v {
						t.Errorf("item %d, feature %d is %g", i, j, got)
					}
				}
			}
		})
	}
}
