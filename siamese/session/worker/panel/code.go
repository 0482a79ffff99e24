package panel

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/internal/fields"
)

// nearest returns the preset that a configuration differs from in fewer settings, with its function in Go.
func nearest(cfg config.Config) (base config.Config, name string) {
	base, other := config.Default(), config.Recommended()
	if len(fields.Differences(other, cfg)) < len(fields.Differences(base, cfg)) {
		return other, "Recommended"
	}
	return base, "Default"
}

// GoCode returns the lines of Go that make a configuration, from the nearest preset.
func GoCode(cfg config.Config) string {
	base, name := nearest(cfg)
	text := "cfg := config." + name + "()\n"
	for _, d := range fields.Differences(base, cfg) {
		text += fmt.Sprintf("cfg.%s = %s\n", goPath(reflect.TypeOf(cfg), d.Name), literal(reflect.ValueOf(d.Now)))
	}
	return text
}

// JSONCode returns a configuration as files of configurations have it.
func JSONCode(cfg config.Config) string {
	text, err := json.MarshalIndent(cfg, "", "  ")
	if err != nil { // NaN, which no field of the form can have
		return err.Error()
	}
	return string(text)
}

// goPath returns the fields that a name of a setting goes through, as Go has them.
func goPath(t reflect.Type, name string) string {
	var path []string
	for word := range strings.SplitSeq(name, ".") {
		for i := range t.NumField() {
			f := t.Field(i)
			if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag == word {
				path, t = append(path, f.Name), f.Type
				break
			}
		}
	}
	return strings.Join(path, ".")
}

// literal returns a value of a setting as Go has it.
func literal(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return fmt.Sprintf("%q", v.String())
	case reflect.Slice:
		if v.IsNil() {
			return "nil"
		}
		if v.Type().Elem().Kind() == reflect.Slice {
			var lists []string
			for i := range v.Len() {
				lists = append(lists, strings.TrimPrefix(literal(v.Index(i)), "[]int"))
			}
			return "[][]int{" + strings.Join(lists, ", ") + "}"
		}
		return fmt.Sprintf("[]int{%s}", strings.ReplaceAll(strings.Trim(fmt.Sprint(v.Interface()), "[]"), " ", ", "))
	case reflect.Map:
		weights, _ := v.Interface().(map[string]float64)
		if weights == nil {
			return "nil"
		}
		var words []string
		for _, name := range slices.Sorted(maps.Keys(weights)) {
			words = append(words, fmt.Sprintf("%q: %v", name, weights[name]))
		}
		return "map[string]float64{" + strings.Join(words, ", ") + "}"
	}
	return fmt.Sprint(v.Interface())
}

// differences returns in which settings a configuration differs from another, in words; "" = in none.
func differences(was, now config.Config) string {
	all := fields.Of(now)
	var words []string
	for _, d := range fields.Differences(was, now) {
		i := slices.IndexFunc(all, func(f fields.Field) bool { return f.Name == d.Name })
		text := all[i].Text()
		if text == "" {
			text = "none"
		}
		words = append(words, d.Name+" "+text)
	}
	return strings.Join(words, ", ")
}
