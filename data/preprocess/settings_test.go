package preprocess

import (
	"errors"
	"testing"

	"github.com/go-siamese/lab/data"
)

// Features made with other settings than those of the training items are refused by name; unknown ones are not.
func TestSettingsAreChecked(t *testing.T) {
	f := &data.Frame{X: []float32{1, 2, 3}, Columns: []string{"a"}, IDs: []string{"1", "2", "3"},
		Blocks: []data.Block{{Name: "hog", Start: 0, End: 1}}, Settings: `{"HOG":{"Norm":"L1"}}`}
	fitted, err := Fit(t.Context(), f, []int{0, 1, 2}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	other := *f
	for settings, differs := range map[data.Settings]bool{
		f.Settings: false, "": false, `{"HOG":{"Norm":"L2"}}`: true, `{"HOG":{"Norm":"L2"},"Width":3}`: true,
	} {
		other.Settings = settings
		_, err := fitted.Frame(t.Context(), &other)
		var refused *SettingsError
		if errors.As(err, &refused) != differs || (err != nil) != differs {
			t.Errorf("%s: %v", settings, err)
		}
		if differs {
			want := data.SettingsDifference{Name: "HOG.Norm", A: `"L1"`, B: `"L2"`}
			if refused.Differences[0] != want {
				t.Errorf("%s: %v", settings, refused.Differences)
			}
		}
		if fitted.Unchecked(settings) != (settings == "") {
			t.Errorf("%q: unchecked is %v", settings, fitted.Unchecked(settings))
		}
	}
	fitted.Settings = "7"
	if fitted.Validate() == nil {
		t.Error("settings that are no object are valid")
	}
}
