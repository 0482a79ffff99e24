package notebook

import (
	"encoding/json"
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Typed is a parameter to set whose value has a type of its own, as JSON and YAML have it: nil, bool, [json.Number],
// string, []any or map[string]any, or a slice or map of such.
type Typed struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

// Injection returns the Go that sets parameters, for the source of a notebook's parameters cell: what [Notebook.Inject]
// puts into its cell. runs is the folder that it returns. In addition:
//
//   - A string is taken as it stands for a parameter that is a string, and read as on a command line for any other.
//   - A number or a bool is no string: what the user wrote, such as 007, is not known.
//   - Lists are slices and arrays, objects are maps with their keys sorted, as deep as the parameter's type goes.
//     What that type has as any is a bool, float64, int, string, []any or map[string]any.
//   - nil fits no parameter.
//
// The error is a [*ParameterError] with all faults, or that the cell is not Go.
func Injection(cell string, sets []Typed) (source, runs string, err error) {
	return injection(cell, sets)
}

// words returns a value for a file's name.
func words(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = words(e)
		}
		return strings.Join(parts, ",")
	case map[string]any:
		parts := make([]string, 0, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, key+"="+words(v[key]))
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(v)
}

func (s Typed) set() Set { return Set{s.Name, words(s.Value)} }

func (s Typed) expression(d *declared, p parameter, typ string) (string, error) {
	var t types.Type
	if p.typ != nil { // else it is declared with a type of another package
		t = types.Default(p.typ)
	}
	return d.given(t, typ, s.Value)
}

// given returns a value as a Go expression of a type, which is nil if it cannot be told, and of which typ is the text.
func (d *declared) given(t types.Type, typ string, v any) (string, error) {
	var under types.Type
	if t != nil {
		under = t.Underlying()
	}
	basic, _ := under.(*types.Basic)
	textual := basic != nil && basic.Info()&types.IsString != 0
	if i, ok := under.(*types.Interface); ok && i.Empty() {
		return d.free(v)
	}
	switch v := v.(type) {
	case string:
		if textual {
			return strconv.Quote(v), nil
		}
		if t == nil {
			return d.expression(typ, v)
		}
		return d.ofType(t, typ, v)
	case bool, json.Number:
		if textual {
			return "", fmt.Errorf("%v was read as a %s, and it is a %s: give it as a string", v, kindOf(v), typ)
		}
		return d.given(t, typ, fmt.Sprint(v))
	case []any:
		return d.elements(under, typ, v)
	case map[string]any:
		return d.entries(under, typ, v)
	}
	return "", fmt.Errorf("%s: leave it out, and it has its default", kindOf(v))
}

// elements returns a list as Go.
func (d *declared) elements(under types.Type, typ string, list []any) (string, error) {
	var elem types.Type
	switch u := under.(type) {
	case *types.Slice:
		elem = u.Elem()
	case *types.Array:
		elem = u.Elem()
		if int(u.Len()) != len(list) {
			return "", fmt.Errorf("%d elements, %s has %d", len(list), typ, u.Len())
		}
	default:
		return "", fmt.Errorf("a list is not of type %s", typ)
	}
	parts := make([]string, len(list))
	for i, v := range list {
		var err error
		if parts[i], err = d.given(elem, typeText(elem), v); err != nil {
			return "", fmt.Errorf("element %d: %w", i+1, err)
		}
	}
	return typ + "{" + strings.Join(parts, ", ") + "}", nil
}

// entries returns an object as Go.
func (d *declared) entries(under types.Type, typ string, object map[string]any) (string, error) {
	m, ok := under.(*types.Map)
	if !ok {
		return "", fmt.Errorf("an object with keys is not of type %s", typ)
	}
	parts := make([]string, 0, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		key, err := d.given(m.Key(), typeText(m.Key()), name)
		if err != nil {
			return "", fmt.Errorf("key %q: %w", name, err)
		}
		value, err := d.given(m.Elem(), typeText(m.Elem()), object[name])
		if err != nil {
			return "", fmt.Errorf("value of %q: %w", name, err)
		}
		parts = append(parts, key+": "+value)
	}
	return typ + "{" + strings.Join(parts, ", ") + "}", nil
}

// free returns a value as Go for a place that takes any.
func (d *declared) free(v any) (string, error) {
	empty := types.NewInterfaceType(nil, nil)
	switch v := v.(type) {
	case nil:
		return "nil", nil
	case string:
		return strconv.Quote(v), nil
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return scalar(types.Typ[types.Float64], v.String())
		}
		return scalar(types.Typ[types.Int], v.String())
	case []any:
		return d.elements(types.NewSlice(empty), "[]any", v)
	case map[string]any:
		return d.entries(types.NewMap(types.Typ[types.String], empty), "map[string]any", v)
	}
	return fmt.Sprint(v), nil // a bool
}

// kindOf names the kind of a value.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null is no value"
	case bool:
		return "bool"
	case json.Number:
		return "number"
	}
	return fmt.Sprintf("a %T is no value", v)
}
