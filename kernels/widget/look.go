package widget

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// Look is what all widgets that the user works with have beside their value.
type Look struct {
	Disabled bool   // it is shown, and cannot be changed by the user
	Tooltip  string // what the page says while the pointer rests on it
	Layout   Layout
	Style    Style
}

// Layout says how large a widget is and where it stands, in the words and units of CSS: Width: "50%", Margin: "0 0 1em
// 0". What is "" is left to the page.
type Layout struct {
	Width     string `json:"width,omitempty"`
	Height    string `json:"height,omitempty"`
	MinWidth  string `json:"min_width,omitempty"`
	MaxWidth  string `json:"max_width,omitempty"`
	MinHeight string `json:"min_height,omitempty"`
	MaxHeight string `json:"max_height,omitempty"`

	Margin     string `json:"margin,omitempty"`
	Padding    string `json:"padding,omitempty"`
	Border     string `json:"border,omitempty"` // of all four sides
	Overflow   string `json:"overflow,omitempty"`
	Display    string `json:"display,omitempty"`    // "none" hides it and takes up no room
	Visibility string `json:"visibility,omitempty"` // "hidden" hides it and keeps its room

	Flex           string `json:"flex,omitempty"`
	FlexFlow       string `json:"flex_flow,omitempty"`
	AlignItems     string `json:"align_items,omitempty"`
	AlignSelf      string `json:"align_self,omitempty"`
	AlignContent   string `json:"align_content,omitempty"`
	JustifyContent string `json:"justify_content,omitempty"`
	JustifyItems   string `json:"justify_items,omitempty"`
	Order          string `json:"order,omitempty"`

	GridArea            string `json:"grid_area,omitempty"`
	GridGap             string `json:"grid_gap,omitempty"`
	GridTemplateAreas   string `json:"grid_template_areas,omitempty"`
	GridTemplateColumns string `json:"grid_template_columns,omitempty"`
	GridTemplateRows    string `json:"grid_template_rows,omitempty"`
}

// state returns the state of the layout's model; defaults is that of one without any settings.
func (l Layout) state(defaults map[string]any) (map[string]any, error) {
	full, err := overlaid(defaults, l)
	if border, ok := full["border"]; ok && err == nil {
		delete(full, "border")
		for _, side := range []string{"top", "right", "bottom", "left"} {
			full["border_"+side] = border
		}
	}
	return full, err
}

// Style says what a widget looks like, in the words of CSS. Not every widget has all of it: a setting that it does not
// have is an error when it is shown. What is "" is left to the page.
type Style struct {
	LabelWidth     string `json:"description_width,omitempty"` // "initial" = as wide as the label
	HandleColor    string `json:"handle_color,omitempty"`      // of sliders
	BarColor       string `json:"bar_color,omitempty"`         // of progress
	ButtonColor    string `json:"button_color,omitempty"`
	ButtonWidth    string `json:"button_width,omitempty"`
	Background     string `json:"background,omitempty"`
	TextColor      string `json:"text_color,omitempty"`
	TextDecoration string `json:"text_decoration,omitempty"`
	FontFamily     string `json:"font_family,omitempty"`
	FontSize       string `json:"font_size,omitempty"`
	FontStyle      string `json:"font_style,omitempty"`
	FontVariant    string `json:"font_variant,omitempty"`
	FontWeight     string `json:"font_weight,omitempty"`
}

// state returns the state of the style's model for a class of widgets.
func (s Style) state(class string, defaults map[string]any) (map[string]any, error) {
	full, err := overlaid(defaults, s)
	for key := range full {
		if _, ok := defaults[key]; !ok && err == nil {
			err = fmt.Errorf("the style of %s has no %s", class, strings.ReplaceAll(key, "_", " "))
		}
	}
	return full, err
}

// overlaid returns defaults with the fields of v over it.
func overlaid(defaults map[string]any, v any) (map[string]any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	full, over := maps.Clone(defaults), map[string]any{}
	if err := link.Decode(raw, &over); err != nil {
		return nil, err
	}
	maps.Copy(full, over)
	return full, nil
}
