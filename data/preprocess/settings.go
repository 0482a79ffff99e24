package preprocess

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data"
)

// SettingsError is the error about features that were made with other settings than those of the training items. Their
// columns may be called alike; their numbers mean something else.
type SettingsError struct {
	// Differences are the settings that differ: A is the value of the model, B that of the table. There is one at
	// least.
	Differences []data.SettingsDifference
}

// Error returns the settings with both values, at most eight of them.
func (e *SettingsError) Error() string {
	const most = 8
	var list []string
	for _, d := range e.Differences[:min(len(e.Differences), most)] {
		list = append(list, fmt.Sprintf("%s is %s in the model and %s in the table", d.Name, d.A, d.B))
	}
	text := strings.Join(list, "; ")
	if more := len(e.Differences) - most; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return "data: the features were made with other settings than those of training: " + text +
		"; make them with the settings of the model"
}

// CheckSettings returns a [*SettingsError] where features with the given settings are not those that the transform was
// fitted on, else nil: also where the settings of either side are not known.
func (t *Transform) CheckSettings(s data.Settings) error {
	if differences := t.Settings.Differences(s); len(differences) > 0 {
		return &SettingsError{differences}
	}
	return nil
}

// Unchecked reports whether features with the given settings cannot be compared with those of training: the transform
// knows its settings, and the features come without.
func (t *Transform) Unchecked(s data.Settings) bool { return t.Settings != "" && s == "" }
