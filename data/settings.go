package data

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Settings say how the features of a frame were made, as a JSON object whose members are the settings, for instance
// {"Width":64,"HOG":{"Orientations":9}}; those of a family of features are an object of their own, named like its block
// but for case. "" = not known. The package features makes them of images; other tools may write their own.
type Settings string

// SettingsDifference is a setting in which two frames differ.
type SettingsDifference struct {
	Name string // such as "HOG.Norm"
	A, B string // the two values as JSON; "none" for one that is zero or missing
}

// String returns "HOG.Norm is "L1" and "L2"".
func (d SettingsDifference) String() string { return fmt.Sprintf("%s is %s and %s", d.Name, d.A, d.B) }

// Validate returns an error unless the settings are "" or one JSON object.
func (s Settings) Validate() error {
	_, err := s.object()
	return err
}

// object returns the members, nil for "".
func (s Settings) object() (map[string]any, error) {
	if s == "" {
		return nil, nil
	}
	var members map[string]any
	decoder := json.NewDecoder(strings.NewReader(string(s)))
	decoder.UseNumber() // numbers are compared as they are written
	if err := decoder.Decode(&members); err != nil {
		return nil, fmt.Errorf("data: the settings of the features are no JSON object: %w", err)
	}
	if members == nil || decoder.More() {
		return nil, fmt.Errorf("data: the settings of the features are no JSON object")
	}
	return members, nil
}

// Differences returns in what two settings differ, by name. Zero and missing values are the same. A family that one of
// them lacks is passed over: its columns are missing too. Where one is not known or not valid there are none.
func (s Settings) Differences(other Settings) []SettingsDifference {
	a, errA := s.object()
	b, errB := other.object()
	if a == nil || b == nil || errA != nil || errB != nil {
		return nil
	}
	var out []SettingsDifference
	compare(&out, "", a, b)
	slices.SortFunc(out, func(x, y SettingsDifference) int { return strings.Compare(x.Name, y.Name) })
	return out
}

// compare appends the differences of two objects; prefix is their name with a dot.
func compare(out *[]SettingsDifference, prefix string, a, b map[string]any) {
	names := make([]string, 0, len(a)+len(b))
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if _, both := a[name]; !both {
			names = append(names, name)
		}
	}
	for _, name := range names {
		left, right := a[name], b[name]
		inA, isA := left.(map[string]any)
		inB, isB := right.(map[string]any)
		switch {
		case isA && isB:
			compare(out, prefix+name+".", inA, inB)
		case (isA || isB) && (left == nil || right == nil):
			// A family that one of them lacks.
		default:
			if x, y := settingText(left), settingText(right); x != y {
				*out = append(*out, SettingsDifference{prefix + name, x, y})
			}
		}
	}
}

// settingText returns a value as JSON, "none" for all that is zero.
func settingText(v any) string {
	if isZeroSetting(v) {
		return "none"
	}
	if number, ok := v.(json.Number); ok { // 1.0 is 1
		if x, err := number.Float64(); err == nil {
			return strconv.FormatFloat(x, 'g', -1, 64)
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// isZeroSetting reports whether a value says nothing: null, false, 0, "", or a list or object of such values.
func isZeroSetting(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case json.Number:
		x, err := v.Float64()
		return err == nil && x == 0
	case []any:
		return !slices.ContainsFunc(v, func(x any) bool { return !isZeroSetting(x) })
	}
	return false
}

// without returns the settings without those of the families that kept does not name.
func (s Settings) without(dropped func(block string) bool) Settings {
	members, err := s.object()
	if members == nil || err != nil {
		return s
	}
	changed := false
	for name, value := range members {
		if _, family := value.(map[string]any); family && dropped(name) {
			delete(members, name)
			changed = true
		}
	}
	if !changed {
		return s // as it was written
	}
	text, err := json.Marshal(members)
	if err != nil {
		return s
	}
	return Settings(text)
}

// settingsOf returns the settings of the frame for a selection of its blocks: without the families whose blocks are
// left out.
func (f *Frame) settingsOf(blocks []Block) Settings {
	has := func(blocks []Block, name string) bool {
		return slices.ContainsFunc(blocks, func(b Block) bool { return strings.EqualFold(b.Name, name) })
	}
	return f.Settings.without(func(name string) bool { return has(f.Blocks, name) && !has(blocks, name) })
}
