package table

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Lists as the fields of speech and faces write them, and what becomes of them.
func TestPairLists(t *testing.T) {
	frame := named("cat", "dog", "cow", "7")
	want := Pairs{Left: []int32{0, 2}, Right: []int32{1, 3}, Label: []float32{1, 0}}
	weighted := want
	weighted.Weight = []float32{2, .5}
	for _, c := range []struct {
		name, text string
		opt        PairOptions
		want       Pairs
	}{
		{"VoxCeleb", "1 cat dog\n0 cow 7\n", PairOptions{}, want},
		{"Kaldi", "cat dog target\ncow 7 nontarget\n", PairOptions{}, want},
		{"Kaldi, aligned", "cat   dog\t target\r\n\r\ncow   7  nontarget", PairOptions{Comma: ' '}, want},
		{"pairs of a matcher", "cat\tdog\tmatch\ncow\t7\tnon-match\n", PairOptions{}, want},
		{"pairs of a fingerprint test", "cat\tdog\tmated\ncow\t7\tnonmated\n", PairOptions{}, want},
		{"trials with tabs", "cat\tdog\ttarget\ncow\t7\timpostor\n", PairOptions{}, want},
		{"label in the middle", "cat 1 dog\ncow 0 7\n", PairOptions{}, want},
		{"no header, commas", "cat,dog,1\ncow,7,0\n", PairOptions{}, want},
		{"no header, quotes", "\"cat\", dog ,same\ncow,7,different\n", PairOptions{}, want},
		{"label, enroll, test", "label,enroll,test\n1,cat,dog\n0,cow,7\n", PairOptions{}, want},
		{"enroll, test, target", "enroll test target\ncat dog target\ncow 7 nontarget\n", PairOptions{}, want},
		{"probe and gallery", "probe,gallery,labels\ncat,dog,1\ncow,7,0\n", PairOptions{}, want},
		{"header with blanks", "left right label weight\ncat dog 1 2\ncow 7 0 .5\n", PairOptions{}, weighted},
		{"comment", "# trials\n1 cat dog\n0 cow 7\n", PairOptions{}, want},
		{"by number", "x cat dog 1 2\ny cow 7 0 .5\n",
			PairOptions{Left: "2", Right: "3", Label: "4", Weight: "5"}, weighted},
		{"by number, turned", "cat dog 0\ncow 7 1\n", PairOptions{Left: "1", Right: "2", Label: "3", Same: "0"}, want},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, e, err := OpenPairs(t.Context(), writePairs(t, c.text), frame, c.opt)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || e.Pairs != 2 || e.Rows != 2 {
				t.Errorf("%s %+v", diff, e)
			}
		})
	}
	numbers := named("0", "1", "2")
	const left, right, label = "PairOptions.Left", "PairOptions.Right", "PairOptions.Label"
	for _, c := range []struct {
		name, text string
		opt        PairOptions
		want       fault
	}{
		{"two columns", "cat dog\n", PairOptions{}, says("2 columns", left, right, label)},
		{"four columns", "cat dog 1 1\n", PairOptions{}, says("4 columns", left, right, label)},
		{"no label", "cat dog often\n", PairOptions{}, says("label", left, right, label)},
		{"which label", "1 0 1\n0 1 0\n", PairOptions{}, says("more than one", left, right, label)},
		{"header of pandas", "0,1,2\n1,cat,dog\n", PairOptions{}, at(1, "", "pandas", left, right, label)},
		{"half named", "cat dog 1\n", PairOptions{Left: "1"}, says("not all", left, right, label)},
		{"not a label later", "1 cat dog\n" + strings.Repeat("0 cow cat\n", sampleLines) + "2 cat 7\n", PairOptions{},
			at(sampleLines+2, "1", "is 2")},
		{"ragged", "1 cat dog\n0 cow\n", PairOptions{}, at(2, "", "2 cells")},
		{"unknown", "1 cat dog\n\n0 cow elk\n", PairOptions{}, at(3, "3", `"elk"`, "PairOptions.AllowUnknown")},
		{"spelling", "1 cat DOG\n", PairOptions{}, at(1, "3", "case")},
		{"weight", "left right label weight\ncat dog 1 heavy\n", PairOptions{},
			at(2, "weight", `"heavy"`, "PairOptions.Weight")},
		{"NaN as a weight", "left right label weight\ncat dog 1 NaN\n", PairOptions{},
			at(2, "weight", "NaN", "PairOptions.Weight")},
		{"zero byte", "1 cat dog\n0 c\x00w 7\n", PairOptions{}, at(2, "", "zero bytes")},
		{"too much", "1 cat dog\n0 cow 7\n", PairOptions{MaxBytes: 12}, at(2, "", "MiB", "MaxBytes")},
		{"a quote", "cat,dog,1\nco\"w,7,0\n", PairOptions{}, at(2, "", "quote")},
		{"words turned", "cat dog same\ncow 7 different\n", PairOptions{Same: "0"}, says("words", "PairOptions.Same")},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := frame
			if c.name == "which label" {
				f = numbers
			}
			path := writePairs(t, c.text)
			_, _, err := OpenPairs(t.Context(), path, f, c.opt)
			c.want.check(t, path, err)
		})
	}
}

// Items without ids are paired by row number, and only where that is asked for.
func TestPairsByRow(t *testing.T) {
	frame := named("cat", "dog", "cow")
	got, _, err := OpenPairs(t.Context(), writePairs(t, "left,right,label\n1,3,1\n"), frame, PairOptions{ByRow: true})
	if err != nil || got.Left[0] != 0 || got.Right[0] != 2 {
		t.Errorf("%v, %v", got, err)
	}
	path := writePairs(t, "left,right,label\n0,1,1\n")
	_, _, err = OpenPairs(t.Context(), path, frame, PairOptions{ByRow: true})
	at(1, "left", "from 1 to 3", "PairOptions.ByRow").check(t, path, err)
}

// Pairs of LFW name pictures by person and number.
func TestLFW(t *testing.T) {
	frame := named("Abel_Pacheco/Abel_Pacheco_0001.jpg", "Abel_Pacheco/Abel_Pacheco_0004.jpg", "Ana_Isabel_0003.png",
		"Ben_0012", "x/Cy_1.jpg", "y/Cy_0001.jpg")
	text := "1\t2\nAbel_Pacheco\t1\t4\nAbel_Pacheco\t4\t1\nAbel_Pacheco\t1\tAna_Isabel\t3\nBen\t12\tAna_Isabel\t3\n"
	want := Pairs{Left: []int32{0, 1, 0, 3}, Right: []int32{1, 0, 2, 2}, Label: []float32{1, 1, 0, 0}}
	for _, text := range []string{text, strings.ReplaceAll(text, "\t", " "), strings.Replace(text, "1\t2", "2", 1)} {
		got, e, err := OpenPairs(t.Context(), writePairs(t, text), frame, PairOptions{})
		if diff := cmp.Diff(want, got); err != nil || diff != "" || e.Format != "pairs of LFW" {
			t.Errorf("%v %s", err, diff)
		}
	}
	for name, c := range map[string]struct {
		text string
		want fault
	}{
		"cut short": {strings.TrimSuffix(text, "Ben\t12\tAna_Isabel\t3\n"),
			at(1, "", "4 pairs, and the file has 3")},
		"another line": {text + "Ben 12\n", at(6, "", "Ben 12")},
		"unknown": {strings.Replace(text, "Ben\t12", "Ben\t2", 1),
			at(5, "left", `"Ben_0002"`, "PairOptions.AllowUnknown")},
		"two files": {strings.Replace(text, "Ben\t12", "Cy\t1", 1), at(5, "left", `"Cy_0001"`)},
	} {
		path := writePairs(t, c.text)
		_, _, err := OpenPairs(t.Context(), path, frame, PairOptions{})
		t.Run(name, func(t *testing.T) { c.want.check(t, path, err) })
	}
}

// Where the classes of the items contradict all labels, 0 means same, and the file says the opposite of what is read.
func TestPairsDirection(t *testing.T) {
	frame := named("a", "b", "c", "d", "e", "f")
	frame.Labels = []string{"x", "x", "x", "y", "y", ""}
	list := func(same, different int) string {
		return fmt.Sprintf("a b %d\na c %d\nd e %d\na d %d\nb e %d\nc d %d\na f 1\n", same, same, same, different,
			different, different)
	}
	path := writePairs(t, list(0, 1))
	_, _, err := OpenPairs(t.Context(), path, frame, PairOptions{})
	says("3 of 3", "PairOptions.Same").check(t, path, errWithoutColumn(err))
	for _, c := range []struct {
		text, same string
		want       float32
	}{{list(1, 0), "", 1}, {list(0, 1), "0", 1}, {list(0, 1), "1", 0}} {
		got, _, err := OpenPairs(t.Context(), writePairs(t, c.text), frame, PairOptions{Same: c.same})
		if err != nil || got.Label[0] != c.want || got.Label[3] != 1-c.want {
			t.Errorf("same %q: %v, %v", c.same, got.Label, err)
		}
	}
	if _, _, err := OpenPairs(t.Context(), path, frame, PairOptions{Same: "2"}); err == nil {
		t.Error("2 was taken for a label")
	}
}

// errWithoutColumn takes the column, which is "3" in a list without a header, out of the error.
func errWithoutColumn(err error) error {
	if e, ok := err.(*Error); ok { //nolint:errorlint // of this package
		e.Column = ""
	}
	return err
}
