package table

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
)

// Usual names of the columns of a pair table, in lower case; upper and lower case count as equal.
var (
	// sideNames are pairs of names. All are tried, so that two that fit are found to be ambiguous.
	sideNames = [][2]string{
		{"left", "right"}, {"left_id", "right_id"}, {"id_left", "id_right"},
		{"a", "b"}, {"id_a", "id_b"}, {"ida", "idb"}, {"id1", "id2"}, {"id_1", "id_2"},
		{"item1", "item2"}, {"item_1", "item_2"}, {"item_a", "item_b"}, {"first", "second"},
		{"query", "reference"}, {"source", "target"}, {"i", "j"},
	}
	// trialNames are tried after these, so that they take nothing from tables that have one of them.
	trialNames = [][2]string{
		{"enroll", "test"}, {"enrol", "test"}, {"enrollment", "test"}, {"enrolment", "test"}, {"enroll_id", "test_id"},
		{"enrollment_id", "test_id"}, {"modelid", "segmentid"}, {"model", "segment"}, {"probe", "gallery"},
		{"file1", "file2"}, {"file_1", "file_2"}, {"path1", "path2"}, {"image1", "image2"}, {"img1", "img2"},
		{"utt1", "utt2"},
	}
	labelNames = []string{"label", "same", "is_same", "match", "is_match", "duplicate", "is_duplicate",
		"similar", "similarity", "y"}
	trialLabels = []string{"labels", "target", "is_target", "targettype"}
	weightNames = []string{"weight", "weights", "sample_weight", "w"}
)

// assign finds the columns: those that the options name, then by usual names.
func (r *pairReader) assign() error {
	given := []struct {
		option, column string
		to             *string
	}{
		{"Left", r.opt.Left, &r.e.Left}, {"Right", r.opt.Right, &r.e.Right},
		{"Label", r.opt.Label, &r.e.Label}, {"Weight", r.opt.Weight, &r.e.Weight},
	}
	taken := map[string]string{} // the role of a column
	for _, g := range given {
		switch {
		case g.column == "":
			continue
		case g.column == data.NoColumn && g.option == "Weight":
			r.note("weight: none, as given")
			continue
		case !slices.Contains(r.names, g.column):
			return r.fault(g.option, fmt.Sprintf("no column %q", g.column))
		case taken[g.column] != "":
			return r.fault(g.option, fmt.Sprintf("column %q is already the %s", g.column,
				strings.ToLower(taken[g.column])))
		}
		taken[g.column] = g.option
		*g.to = g.column
		r.note("%s: column %q, as given", strings.ToLower(g.option), g.column)
	}
	if err := r.inferSides(taken); err != nil {
		return err
	}
	taken[r.e.Left], taken[r.e.Right] = "Left", "Right"
	if r.e.Label == "" {
		for _, names := range [][]string{labelNames, trialLabels} {
			if r.e.Label != "" {
				break
			}
			if err := r.infer("Label", names, taken, &r.e.Label); err != nil {
				return err
			}
		}
		if r.e.Label == "" {
			return r.fault("Label", "no column is called label or the like")
		}
		taken[r.e.Label] = "Label"
	}
	if r.e.Weight == "" && r.opt.Weight == "" {
		if err := r.infer("Weight", weightNames, taken, &r.e.Weight); err != nil {
			return err
		}
		if r.e.Weight == "" {
			r.note("weight: no column is called so, all pairs count 1")
		}
	}
	return nil
}

// inferSides finds the two columns of ids by their names. Where one is given, its partner is looked for: "left" given
// as the left one finds "right". None or more than one pair of columns is an error.
func (r *pairReader) inferSides(taken map[string]string) error {
	if r.e.Left != "" && r.e.Right != "" {
		return nil
	}
	found := r.sidesCalled(sideNames, taken)
	if len(found) == 0 {
		found = r.sidesCalled(trialNames, taken)
	}
	switch len(found) {
	case 0:
		return r.fault("Left", "no two columns are called left and right or the like, for the ids of the two items")
	case 1:
		r.e.Left, r.e.Right = found[0][0], found[0][1]
		r.note("ids: columns %q and %q, by their names", r.e.Left, r.e.Right)
		return nil
	}
	return r.fault("Left", fmt.Sprintf("both %q and %q, and %q and %q could be the ids", found[0][0], found[0][1],
		found[1][0], found[1][1]))
}

// sidesCalled returns the pairs of columns that fit a pair of names and what is given.
func (r *pairReader) sidesCalled(all [][2]string, taken map[string]string) (found [][2]string) {
	for _, names := range all {
		left, right := r.e.Left, r.e.Right
		switch { // a given side matches its own name only
		case left != "" && !strings.EqualFold(left, names[0]), right != "" && !strings.EqualFold(right, names[1]):
			continue
		}
		if left == "" {
			left = r.called(names[0], taken)
		}
		if right == "" {
			right = r.called(names[1], taken)
		}
		if left != "" && right != "" {
			found = append(found, [2]string{left, right})
		}
	}
	return found
}

// called returns the column with that name, upper and lower case alike, or "". Columns that have a role are passed
// over.
func (r *pairReader) called(name string, taken map[string]string) string {
	for _, column := range r.names {
		if strings.EqualFold(column, name) && taken[column] == "" {
			return column
		}
	}
	return ""
}

// infer sets *to to the column with one of the names; there may be none, and two are an error. option names the option
// that would settle it.
func (r *pairReader) infer(option string, names []string, taken map[string]string, to *string) error {
	for _, name := range names {
		column := r.called(name, taken)
		switch {
		case column == "":
		case *to == "":
			*to = column
		default:
			return r.fault(option, fmt.Sprintf("both %q and %q could be the %s", *to, column, strings.ToLower(option)))
		}
	}
	if *to != "" {
		r.note("%s: column %q, by its name", strings.ToLower(option), *to)
	}
	return nil
}

// fault is an error about a column that an option of [PairOptions] names, or could.
func (r *pairReader) fault(name, problem string) error {
	fix := option.Do("rename the column").Or("name it in %s", "PairOptions."+name)
	if name == "Left" {
		fix = option.Do("call them left and right").Or("name them in %s and %s", "PairOptions.Left",
			"PairOptions.Right")
	}
	return &Error{File: r.path, Problem: fmt.Sprintf("%s; the columns are %s", problem, listing.Quoted(r.names)),
		Fix: fix}
}

// labelWords are labels that are no numbers, in lower case.
var labelWords = map[string]float32{
	"true": 1, "yes": 1, "same": 1, "match": 1, "similar": 1, "positive": 1, "duplicate": 1, "t": 1, "y": 1,
	"matched": 1, "equal": 1, "mated": 1, "unmatched": 0, "non-match": 0, "nonmatch": 0, "non_match": 0, "mismatch": 0,
	"mismatched": 0, "unequal": 0, "non-mated": 0, "nonmated": 0, "unique": 0, "diff": 0,
	"false": 0, "no": 0, "different": 0, "no match": 0, "dissimilar": 0, "negative": 0, "distinct": 0, "f": 0, "n": 0,
	// Of trials, in the recognition of speakers and faces.
	"target": 1, "tgt": 1, "genuine": 1, "client": 1,
	"nontarget": 0, "non-target": 0, "non_target": 0, "impostor": 0, "imposter": 0, "imp": 0,
}

// labelOf returns the label that a text stands for, false = none. word = it is a word and no number.
func labelOf(text string) (label float32, word, ok bool) {
	if label, ok := labelWords[strings.ToLower(text)]; ok {
		return label, true, true
	}
	number, err := strconv.ParseFloat(text, 32)
	return float32(number), false, err == nil
}

// words returns the labels [N] that a column of words stands for, which is the frame's Labels. Numbers among the words
// are taken, too; their range is checked by match.
func (r *pairReader) words(f *data.Frame) ([]float32, error) {
	labels := make([]float32, f.N())
	for k := range labels {
		text := ""
		if f.Labels != nil {
			text = strings.TrimSpace(f.Labels[k])
		}
		label, _, ok := labelOf(text)
		if !ok {
			return nil, r.noLabel(k, text)
		}
		labels[k] = label
	}
	return labels, nil
}

// noLabel returns the error for a text of row k (from 0) that stands for no label.
func (r *pairReader) noLabel(k int, text string) *Error {
	return r.fail(k, r.e.Label, fmt.Sprintf("%q is not a label", text),
		option.Do("write 1 or same, 0 or different, or a number between 0 and 1").
			Or("name another column in %s", "PairOptions.Label"))
}
