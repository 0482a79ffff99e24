package table

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
)

// named returns a frame of items with those ids.
func named(ids ...string) *data.Frame {
	return &data.Frame{X: make([]float32, len(ids)), Columns: []string{"x"},
		Blocks: []data.Block{{Name: "x", Start: 0, End: 1}}, IDs: ids}
}

func writePairs(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pairs.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenPairs(t *testing.T) {
	frame := named("cat", "dog", "cow", "7")
	want := Pairs{Left: []int32{0, 2}, Right: []int32{1, 3}, Label: []float32{1, 0}}
	weighted := want
	weighted.Weight = []float32{2, 0.5}
	graded := want
	graded.Label = []float32{0.75, 0}
	tests := []struct {
		name, text string
		opt        PairOptions
		want       Pairs
		unknown    int
		note       string
	}{
		{"plain", "left,right,label\ncat,dog,1\ncow,7,0\n", PairOptions{}, want, 0,
			`ids: columns "left" and "right", by their names`},
		{"weights", "left,right,label,weight\ncat,dog,1,2\ncow,7,0,0.5\n", PairOptions{}, weighted, 0,
			`weight: column "weight", by its name`},
		{"order and others", "note,Same,B,W,A\nhello,1,dog,2,cat\n\"\",0,7,.5,cow\n", PairOptions{}, weighted, 0,
			`label: column "Same"`},
		{"no weight", "a,b,same,w\ncat,dog,1,2\ncow,7,0,1\n", PairOptions{Weight: data.NoColumn}, want, 0,
			"weight: none, as given"},
		{"tabs", "id1\tid2\tis_match\ncat\tdog\t1\ncow\t7\t0\n", PairOptions{}, want, 0,
			"no column is called so, all pairs count 1"},
		{"truth values", "id1,id2,match\ncat,dog,True\ncow,7,False\n", PairOptions{}, want, 0, "labels are words"},
		{"words and weights", "id1,id2,match,weight\ncat,dog,same,2\ncow,7,Different,.5\n", PairOptions{}, weighted, 0,
			"labels are words"},
		{"words and numbers", "id1,id2,match\ncat,dog,0.75\ncow,7,no\n", PairOptions{}, graded, 0, "labels are words"},
		{"graded", "id1,id2,similarity\ncat,dog,.75\ncow,7,0\n", PairOptions{}, graded, 0, ""},
		{"named", "x,y,z,label\ncat,dog,1,5\ncow,7,0,5\n", PairOptions{Left: "x", Right: "y", Label: "z"}, want, 0,
			`left: column "x", as given`},
		{"one side named", "a,left,right,label\nq,cat,dog,1\nq,cow,7,0\n", PairOptions{Left: "left"}, want, 0, ""},
		{"pandas index", ",left,right,label\n0,cat,dog,1\n1,cow,7,0\n", PairOptions{}, want, 0, ""},
		{"unknown", "left,right,label\ncat,dog,1\ncat,wolf,1\nelk,elk,9\ncow,7,0\n", PairOptions{AllowUnknown: true},
			want, 2, "2 of 4 rows are left out"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, e, err := OpenPairs(t.Context(), writePairs(t, test.text), frame, test.opt)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if e.Unknown != test.unknown || e.Pairs != 2 || e.Rows != 2+test.unknown ||
				!strings.Contains(e.String(), test.note) {
				t.Errorf("explanation lacks %q or miscounts: %+v", test.note, e)
			}
		})
	}
}

func TestOpenPairsErrors(t *testing.T) {
	frame := named("cat", "dog", "cow")
	const unknown, label = "PairOptions.AllowUnknown", "PairOptions.Label"
	const left, right = "PairOptions.Left", "PairOptions.Right"
	tests := []struct {
		name, text string
		opt        PairOptions
		want       fault
	}{
		{"unknown id", "left,right,label\ncat,dog,1\ncat,dig,1\nelk,cat,1\n", PairOptions{},
			at(2, "right", `nearest: "dog", "cat", "cow" (2 of 3 rows`, unknown)},
		{"all unknown", "left,right,label\nelk,fox,1\n", PairOptions{AllowUnknown: true},
			at(1, "left", `"elk"`, unknown)},
		{"empty id", "left,right,label\n,dog,1\n", PairOptions{}, at(1, "left", "empty")},
		{"itself", "left,right,label\ncat,dog,1\ncow,cow,1\n", PairOptions{}, at(2, "right", `"cow"`)},
		{"label out of range", "left,right,label\ncat,dog,-1\n", PairOptions{}, at(1, "label", "-1")},
		{"no label", "left,right,label\ncat,dog,1\ncat,cow,perhaps\n", PairOptions{},
			at(2, "label", `"perhaps"`, label)},
		{"missing label", "left,right,label\ncat,dog,\n", PairOptions{}, at(1, "label", `""`, label)},
		{"NaN", "left,right,label\ncat,dog,NaN\n", PairOptions{}, at(1, "label", "NaN")},
		{"weight", "left,right,label,weight\ncat,dog,1,-2\n", PairOptions{}, at(1, "weight", "-2")},
		{"weight is no number", "left,right,label,weight\ncat,dog,1,heavy\n", PairOptions{},
			at(2, "weight", `"heavy"`, "PairOptions.Weight")},
		{"no ids", "from,to,label\ncat,dog,1\n", PairOptions{}, says(`"from", "to", "label"`, left, right)},
		{"ids twice", "a,b,left,right,label\ncat,dog,cat,dog,1\n", PairOptions{},
			says(`"left" and "right", and "a" and "b"`, left, right)},
		{"no label column", "a,b,weight\ncat,dog,1\n", PairOptions{}, says("label", label)},
		{"two label columns", "a,b,label,same\ncat,dog,1,1\n", PairOptions{}, says(`"label" and "same"`, label)},
		{"missing column", "a,b,label\ncat,dog,1\n", PairOptions{Weight: "importance"},
			says(`"importance"`, "PairOptions.Weight")},
		{"one column twice", "a,b,label\ncat,dog,1\n", PairOptions{Label: "b", Right: "b"},
			says(`"b" is already the right`, label)},
		{"ragged", "a,b,label\ncat,dog\n", PairOptions{}, at(2, "", "2 cells")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := writePairs(t, test.text)
			_, _, err := OpenPairs(t.Context(), path, frame, test.opt)
			test.want.check(t, path, err)
		})
	}
	if _, _, err := OpenPairs(t.Context(), writePairs(t, "a,b,label\ncat,dog,1\n"), nil, PairOptions{}); err == nil {
		t.Error("a nil frame was taken")
	}
	if _, _, err := OpenPairs(t.Context(), filepath.Join(t.TempDir(), "none.csv"), frame,
		PairOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v of a file that is not there", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := OpenPairs(ctx, writePairs(t, "a,b,label\ncat,dog,1\n"), frame, PairOptions{}); !errors.Is(err,
		context.Canceled) {
		t.Errorf("error %v of a cancelled context", err)
	}
}

func TestSavePairsRoundTrip(t *testing.T) {
	frame := named("cat", `a "quoted" one`, " spaces ", "comma, tab\tand\nline", "1e3", "Ünï", "\r\n", "NaN")
	rng := rand.New(rand.NewPCG(1, 1))
	var pairs Pairs
	for range 500 {
		l, r := rng.IntN(8), rng.IntN(7)
		if r >= l {
			r++
		}
		pairs.Left, pairs.Right = append(pairs.Left, int32(l)), append(pairs.Right, int32(r))
		pairs.Label = append(pairs.Label, rng.Float32())
	}
	weighted := pairs
	for range pairs.Label {
		weighted.Weight = append(weighted.Weight, 1e20*rng.Float32())
	}
	empty := pairs
	empty.Weight = []float32{}
	if err := SavePairs(filepath.Join(t.TempDir(), "p.csv"), frame, empty); err != nil {
		t.Errorf("an empty list of weights is not none: %v", err)
	}
	for _, ending := range []string{"csv", "tsv", "parquet"} {
		for name, want := range map[string]Pairs{"weights": weighted, "no weights": pairs} {
			t.Run(ending+" "+name, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "p."+ending)
				if err := SavePairs(path, frame, want); err != nil {
					t.Fatal(err)
				}
				got, _, err := OpenPairs(t.Context(), path, frame, PairOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestSavePairsErrors(t *testing.T) {
	frame := named("cat", "dog")
	good := Pairs{Left: []int32{0}, Right: []int32{1}, Label: []float32{1}}
	tests := []struct {
		name  string
		file  string
		frame *data.Frame
		pairs Pairs
		want  string
	}{
		{"ending", "p.xlsx", frame, good, ".csv, .parquet, .tsv"},
		{"none", "p.csv", frame, Pairs{}, "no pairs to write"},
		{"lengths", "p.csv", frame, Pairs{Left: []int32{0}, Label: []float32{1}}, "1 left items, 0 right items"},
		{"range", "p.csv", frame, Pairs{Left: []int32{0}, Right: []int32{2}, Label: []float32{1}},
			"items 0 and 2, of 2"},
		{"nil frame", "p.csv", nil, good, "nil"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), test.file)
			err := SavePairs(path, test.frame, test.pairs)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a file was left: %v", err)
			}
		})
	}
}

func ExampleOpenPairs() {
	dir, err := os.MkdirTemp("", "pairs")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "labelled.csv")
	if err := os.WriteFile(path, []byte("a,b,same\nbrick-1,brick-2,1\nbrick-1,sand-1,0\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	frame := named("brick-1", "brick-2", "sand-1")
	pairs, how, err := OpenPairs(context.Background(), path, frame, PairOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(pairs.Left, pairs.Right, pairs.Label)
	fmt.Println(strings.Join(how.Notes, "\n"))
	// Output:
	// [0 0] [1 2] [1 0]
	// ids: columns "a" and "b", by their names
	// label: column "same", by its name
	// weight: no column is called so, all pairs count 1
}
