package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table"
)

// Tables of labels, groups and pairs that were escaped are read by the same flag, beside a table of items that was not,
// and in whatever format the items are.
func TestEscapeFormulasInOtherTables(t *testing.T) {
	dir := t.TempDir()
	var pairs, labels strings.Builder
	pairs.WriteString("left,right,label\n")
	labels.WriteString("id,label\n")
	f := &data.Frame{Columns: []string{"a/0"}, Blocks: []data.Block{{Name: "a", End: 1}}}
	for i := range 40 {
		f.IDs, f.X = append(f.IDs, fmt.Sprintf("=i%d", i)), append(f.X, float32(i*7%41)+.5)
		fmt.Fprintf(&labels, "'=i%d,c%d\n", i, i/2%3)
		fmt.Fprintf(&pairs, "'=i%d,'=i%d,%d\n", i, (i+1)%40, (i+1)%2)
	}
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	list, classes := write("pairs.csv", pairs.String()), write("labels.csv", labels.String())
	for _, ending := range []string{".csv", ".parquet"} {
		items := filepath.Join(dir, "items"+ending)
		if err := table.Save(items, f); err != nil {
			t.Fatal(err)
		}
		for _, flag := range []string{"--pairs=" + list, "--labels=" + classes, "--labels-of-pairs=" + list} {
			args := []string{"split", "--out=" + filepath.Join(dir, "s.json"), flag, items}
			if status, _, errOut := call(args...); status == 0 || !strings.Contains(errOut, "'=i") {
				t.Errorf("%s of %s: status %d, %s", flag, ending, status, errOut)
			}
			status, out, errOut := call(append(args, "--escape-formulas")...)
			if status != 0 || strings.Contains(out+errOut, "changes nothing") {
				t.Errorf("%s of %s, escaped: status %d, %s%s", flag, ending, status, out, errOut)
			}
		}
	}
}
