package data_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
)

// Settings differ by what is written in both, by name; what is zero or of a family that one lacks is no difference.
func TestSettingsDifferences(t *testing.T) {
	const a = `{"Width":64,"Grey":false,"HOG":{"Norm":"L1","Cell":[8,8]},"GLCM":{"Levels":16},"X":[0,0],"R":1.0}`
	for _, c := range []struct {
		name string
		b    data.Settings
		want []data.SettingsDifference
	}{
		{"equal", a, nil},
		{"zeros left out", `{"R":1,"GLCM":{"Levels":16},"HOG":{"Cell":[8,8],"Norm":"L1"},"Width":64}`, nil},
		{"one family", `{"R":1,"HOG":{"Cell":[8,8],"Norm":"L1"},"Width":64}`, nil},
		{"values", `{"R":1,"Width":32,"Grey":true,"HOG":{"Norm":"L2","Cell":[8,4]},"GLCM":{"Levels":16}}`,
			[]data.SettingsDifference{{Name: "Grey", A: "none", B: "true"}, {Name: "HOG.Cell", A: "[8,8]", B: "[8,4]"},
				{Name: "HOG.Norm", A: `"L1"`, B: `"L2"`}, {Name: "Width", A: "64", B: "32"}}},
		{"one is missing", `{"HOG":{"Norm":"L1","Cell":[8,8]},"R":1}`,
			[]data.SettingsDifference{{Name: "Width", A: "64", B: "none"}}},
		{"not known", "", nil},
		{"no object", "7", nil},
	} {
		if diff := cmp.Diff(c.want, data.Settings(a).Differences(c.b)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
	for text, ok := range map[data.Settings]bool{"": true, "{}": true, a: true, "7": false, "{} {}": false,
		"null":  false,
		`{"a":`: false} {
		if err := text.Validate(); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Settings go with the items and the blocks that they are of, and are no part of the hash.
func TestSettingsOfSelections(t *testing.T) {
	f := &data.Frame{X: []float32{1, 2, 3, 4}, Columns: []string{"hog/0", "glcm/0"}, IDs: []string{"a", "b"},
		Blocks: []data.Block{{Name: "hog", Start: 0, End: 1}, {Name: "glcm", Start: 1, End: 2}}}
	without := f.Hash()
	f.Settings = `{"GLCM":{"Levels":8},"HOG":{"Orientations":9},"Other":{"A":1},"Width":64}`
	if f.Hash() != without {
		t.Error("settings change the hash")
	}
	if got := f.Select([]int{1}).Settings; got != f.Settings {
		t.Errorf("of an item: %s", got)
	}
	one, err := f.SelectBlocks("hog")
	if err != nil || one.Settings != `{"HOG":{"Orientations":9},"Other":{"A":1},"Width":64}` {
		t.Errorf("of a block: %s, %v", one.Settings, err)
	}
	all, err := f.SelectColumns([]string{"glcm/0", "hog/0"})
	if err != nil || all.Settings != f.Settings {
		t.Errorf("of all columns: %s, %v", all.Settings, err)
	}
}
