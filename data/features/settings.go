package features

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/go-siamese/lab/data"
)

// definition is the version of what the features are. It changes when the same pictures and configuration give other
// numbers, so that features of two versions are never mixed.
const definition = 1

// Settings returns the configuration as the settings of a frame, to be kept beside the features. The configuration
// should be resolved ([Config.Resolved]) and have the size of the images. Families that are off are left out.
func (c Config) Settings() data.Settings {
	text, err := json.Marshal(c)
	members := map[string]any{}
	if err = errors.Join(err, json.Unmarshal(text, &members)); err != nil {
		return "" // a configuration with NaN, which is not valid
	}
	members["Definition"] = definition
	for name, off := range map[string]bool{
		"HOG": c.HOG.Orientations == 0, "GLCM": c.GLCM.Levels == 0, "LBP": c.LBP.Points == 0,
	} {
		if off {
			delete(members, name)
		}
	}
	// What is zero says nothing.
	maps.DeleteFunc(members, func(_ string, v any) bool { return v == nil || v == false || v == 0.0 || v == "" })
	if c.Range == [2]float64{} {
		delete(members, "Range")
	}
	if text, err = json.Marshal(members); err != nil {
		return ""
	}
	return data.Settings(text)
}

// ParseSettings returns the configuration that made the features of a frame with these settings. It is an error when
// they are not known (""), are not of this package, or of another version of the features.
func ParseSettings(s data.Settings) (Config, error) {
	if s == "" {
		return Config{}, errors.New("it is not known how the features were made: extract them again with this lab")
	}
	var saved struct {
		Definition int
		Config
	}
	if err := json.Unmarshal([]byte(s), &saved); err != nil {
		return Config{}, fmt.Errorf("the settings of the features cannot be read: %w", err)
	}
	if saved.Definition != definition {
		return Config{}, fmt.Errorf("the features are of definition %d, and this lab makes those of definition %d: "+
			"extract all of them again with one lab", saved.Definition, definition)
	}
	return saved.Config, saved.Config.Validate()
}
