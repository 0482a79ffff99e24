package table

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
)

// TestRowNumbers: a column that numbers the rows is no feature, whatever it is called, unless it is kept by name.
func TestRowNumbers(t *testing.T) {
	const n = 12
	order := rand.New(rand.NewPCG(1, 2)).Perm(n)
	number := map[string]func(i int) string{
		"from 0":        strconv.Itoa,
		"from 1":        func(i int) string { return strconv.Itoa(i + 1) },
		"from 5000":     func(i int) string { return strconv.Itoa(i + 5000) },
		"as decimals":   func(i int) string { return fmt.Sprintf("%d.0", i) },
		"shuffled":      func(i int) string { return strconv.Itoa(order[i]) },
		"by tens":       func(i int) string { return strconv.Itoa(10 * i) },
		"backwards":     func(i int) string { return strconv.Itoa(n - i) },
		"again from 0":  func(i int) string { return strconv.Itoa(i % 6) },
		"with gaps":     func(i int) string { return strconv.Itoa(i * i) },
		"no whole ones": func(i int) string { return fmt.Sprintf("%d.5", i) },
	}
	anyName := []string{"from 0", "from 1", "from 5000", "as decimals", "shuffled", "by tens", "backwards"}
	for _, test := range []struct {
		name  string   // of the column
		which []string // that are left out
	}{
		{"zeile", anyName}, {"index", append(anyName, "again from 0", "with gaps")},
		{"level_0", append(anyName, "again from 0", "with gaps")},
		{"Row_Nr", append(anyName, "again from 0", "with gaps")},
		{"Unnamed: 0.1", append(anyName, "again from 0", "with gaps", "no whole ones")},
		{"__index_level_1__", append(anyName, "again from 0", "with gaps", "no whole ones")},
	} {
		for values, of := range number {
			var text strings.Builder
			fmt.Fprintf(&text, "id,%s,f/0,f/1\n", test.name)
			for i := range n {
				fmt.Fprintf(&text, "i%d,%s,%d.25,%d\n", i, of(i), i, i%3)
			}
			read := func(opt Options) (*data.Frame, *Explanation) {
				f, e, err := ReadCSV(t.Context(), strings.NewReader(text.String()), "t.csv", opt)
				if err != nil {
					t.Fatal(err)
				}
				if err := f.Validate(); err != nil {
					t.Error(err)
				}
				return f, e
			}
			f, e := read(Options{})
			out := slices.Contains(test.which, values)
			if got := !slices.Contains(f.Columns, test.name); got != out ||
				slices.Contains(e.Ignored, test.name) != out ||
				e.Features != f.F() || f.Row(3)[f.F()-2] != 3.25 || strings.Contains(strings.Join(e.Notes, "\n"),
				test.name) != (out || values == "no whole ones") { // these are told, and stay
				t.Errorf("%q, %s: left out is %t, want %t: %v\n%v", test.name, values, got, out, f, e)
			}
			if kept, _ := read(Options{Schema: data.Schema{Keep: []string{test.name}}}); kept.F() != 3 {
				t.Errorf("%q, %s is not kept: %v", test.name, values, kept)
			}
			if again, _ := read(Options{BatchRows: 4}); again.Hash() != f.Hash() {
				t.Errorf("%q, %s: another frame", test.name, values)
			}
		}
	}
}

// TestRowNumbersElsewhere: other formats, scans, tables that hold nothing else, and few rows.
func TestRowNumbersElsewhere(t *testing.T) {
	f := &data.Frame{Columns: []string{"nr", "a_0", "a_1"}, Blocks: []data.Block{{Name: "nr", End: 1},
		{Name: "a", Start: 1, End: 3}}}
	for i := range 20 {
		f.IDs = append(f.IDs, fmt.Sprint("i", i))
		f.X = append(f.X, float32(i+1), float32(i)/8, 2)
	}
	for _, ending := range []string{".parquet", ".arrow", ".npz", ".csv"} {
		path := t.TempDir() + "/f" + ending
		if err := Save(path, f); err != nil {
			t.Fatal(err)
		}
		got, e, err := Open(t.Context(), path, Options{})
		if err != nil || !slices.Equal(got.Columns, f.Columns[1:]) || len(got.Blocks) != 1 || got.Row(19)[0] != 19./8 ||
			!slices.Equal(e.Counting, []string{"nr"}) {
			t.Errorf("%s: %v %v %v", ending, got, e, err)
		}
		if ending == ".npz" {
			continue // cannot be scanned
		}
		for part, err := range Scan(t.Context(), path, Options{BatchRows: 12}) {
			if err != nil || !slices.Equal(part.Columns, f.Columns[1:]) {
				t.Errorf("%s: %v %v", ending, part, err)
			}
		}
	}
	path := t.TempDir() + "/f.parquet"
	if err := Save(path, f); err != nil {
		t.Fatal(err)
	}
	few := "id,f,g\na,1,7\nb,2,8\nc,3,8\n"
	if got, _, err := ReadCSV(t.Context(), strings.NewReader(few), "t.csv", Options{}); err != nil || got.F() != 2 {
		t.Errorf("three rows: %v %v", got, err)
	}
	alone := "f\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"
	got, e, err := ReadCSV(t.Context(), strings.NewReader(alone), "t.csv", Options{})
	if err != nil || got.F() != 1 || !strings.Contains(e.String(), "number the rows") {
		t.Errorf("nothing else: %v %v %v", got, e, err)
	}
}

// TestIndexIsID: the index that pandas and R write holds the ids where nothing else does.
func TestIndexIsID(t *testing.T) {
	for header, ids := range map[string]string{
		"Unnamed: 0,f\n": "p q", ",f\n": "p q", "Unnamed: 0,id,f\n": "1 2", "rownames,f\n": "p q",
		"row.names,id,f\n": "1 2", "Unnamed: 0.1,Unnamed: 0,f\n": "p q", "Unnamed: 0,Unnamed: 1,f\n": "1 2",
	} {
		rows := "p,1.5\nq,2\n"
		if strings.Count(header, ",") == 2 {
			rows = "p,1,1.5\nq,2,2\n"
		}
		f, e, err := ReadCSV(t.Context(), strings.NewReader(header+rows), "t.csv", Options{})
		if err != nil || strings.Join(f.IDs, " ") != ids || f.F() != 1 {
			t.Errorf("%q: %v %v %v", header, f, e, err)
		}
	}
}

// Columns of KeepCounting stay although they number the rows, in a scan too, and need not be there; the copy in the
// cache is another one than without.
func TestKeepCounting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	text := "id,nr,x\n"
	for i := range 12 {
		text += fmt.Sprintf("i%d,%d,%d.5\n", i, i, i*i%7)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	for range 2 {
		for _, c := range []struct {
			keep []string
			want string
		}{{nil, "x"}, {[]string{"nr", "none"}, "nr x"}, {[]string{"none"}, "x"}} {
			opt := Options{KeepCounting: c.keep, CacheDir: cache}
			f, e, err := Open(t.Context(), path, opt)
			if err != nil || strings.Join(f.Columns, " ") != c.want || (len(e.Counting) > 0) != (c.want == "x") {
				t.Errorf("%q: %v, columns %q, left out %q", c.keep, err, f.Columns, e.Counting)
			}
			for part, err := range Scan(t.Context(), path, opt) {
				if err != nil || strings.Join(part.Columns, " ") != c.want {
					t.Errorf("%q: scan %v, columns %q", c.keep, err, part.Columns)
				}
			}
		}
	}
}
