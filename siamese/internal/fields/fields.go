// Package fields walks the settings in a struct of plain data: all fields that are not structs, including those of
// nested structs. A setting is named by its JSON names joined with dots, such as "loss.margin".
//
// It is the one walk over the fields of siamese.Config: the command makes flags of them ([Of], [Field.Set]), a resumed
// run and a sweep compare and print them ([Differences], [Field.Text]). So a new setting appears everywhere without a
// change there. Whether values are valid is not its business.
package fields

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Field is a setting of a struct. It refers to the struct: Text reads the value that it has now.
type Field struct {
	Name  string        // path of JSON names, such as "loss.margin"
	Help  string        // of the tag help; "" = none
	Value reflect.Value // can be set where a pointer was walked
}

// Of returns the settings of a struct, or of the struct that a pointer points to, in order. Only those of a pointer can
// be set. Fields without a JSON name are left out. It panics if settings is neither.
func Of(settings any) []Field {
	return walk(nil, "", reflect.Indirect(reflect.ValueOf(settings)))
}

// walk appends the settings of struct v to to, with prefix before their names, and returns it.
func walk(to []Field, prefix string, v reflect.Value) []Field {
	// In order of declaration, which is that of the command's help.
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "" || name == "-":
		case f.Type.Kind() == reflect.Struct: // a group of settings, not one of its own
			to = walk(to, prefix+name+".", v.Field(i))
		default:
			to = append(to, Field{prefix + name, f.Tag.Get("help"), v.Field(i)})
		}
	}
	return to
}

// Difference is a setting with different values in two structs.
type Difference struct {
	Name     string // as in Field
	Was, Now any    // the values, of the field's type
}

// Differences returns the settings in which two structs of one type differ, in order; nil = none. T must be a struct.
// NaN differs from itself.
func Differences[T any](was, now T) []Difference {
	var out []Difference
	other := Of(now) // of the same type, so that settings are at the same places
	for i, f := range Of(was) {
		if a, b := f.Value.Interface(), other[i].Value.Interface(); !reflect.DeepEqual(a, b) {
			out = append(out, Difference{f.Name, a, b})
		}
	}
	return out
}

// Text returns the value as [Field.Set] reads it: "0.25", "512,128", "512,128/64", "glcm=0.5,hog=1", names of maps in
// order. Numbers have the digits that restore them exactly. An empty list or map is "", which Set refuses for a
// map.
func (f Field) Text() string {
	// Scalars print as they are parsed; lists and maps need the separators of Set.
	switch f.Value.Kind() {
	case reflect.Slice:
		words, between := make([]string, f.Value.Len()), ","
		for i := range words {
			one := f.Value.Index(i)
			if one.Kind() == reflect.Slice { // a list of lists
				words[i], between = Field{Value: one}.Text(), "/"
				continue
			}
			words[i] = fmt.Sprint(one)
		}
		return strings.Join(words, between)
	case reflect.Map:
		// By name, because a map has no order.
		weights, _ := f.Value.Interface().(map[string]float64)
		var words []string
		for _, name := range slices.Sorted(maps.Keys(weights)) {
			words = append(words, fmt.Sprintf("%s=%v", name, weights[name]))
		}
		return strings.Join(words, ",")
	}
	return fmt.Sprint(f.Value)
}

// Set parses text into the field, which must come from a pointer to a struct. Kinds are string, bool, int, uint64,
// float64, []int separated by commas and [][]int of such lists separated by slashes, "" for none, and
// map[string]float64 as NAME=NUMBER separated by commas; a list or map replaces the old one and does not write into it,
// since copies of a struct share it. On an error the field is unchanged. Errors quote the text and do not name the field, which callers
// know.
func (f Field) Set(text string) error {
	v := f.Value
	// One case for each kind that a setting has: a setting of a new kind needs one here and perhaps in Text. Parsing
	// comes before setting in all of them.
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is not true or false", text)
		}
		v.SetBool(b)
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		v.SetInt(int64(n))
	case reflect.Uint64:
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is not a whole number of at least 0", text)
		}
		v.SetUint(n)
	case reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("%q is not a number", text)
		}
		v.SetFloat(x)
	case reflect.Slice: // of int or []int: no setting has another list
		if v.Type().Elem().Kind() != reflect.Slice {
			if text == "" {
				v.SetZero()
				return nil
			}
			numbers, err := list(text)
			if err != nil {
				return err
			}
			v.Set(reflect.ValueOf(numbers))
			return nil
		}
		var lists [][]int
		for one := range strings.SplitSeq(text, "/") {
			if text == "" {
				break
			}
			numbers, err := list(one)
			if err != nil {
				return fmt.Errorf("%w, or several with / between", err)
			}
			lists = append(lists, numbers)
		}
		v.Set(reflect.ValueOf(lists))
	case reflect.Map:
		// A new map: the old one may be shared with another struct.
		weights := map[string]float64{}
		for word := range strings.SplitSeq(text, ",") {
			name, number, _ := strings.Cut(word, "=")
			x, err := strconv.ParseFloat(number, 64)
			// A name that occurs again takes the later number.
			if err != nil || name == "" {
				return fmt.Errorf("%q is not NAME=NUMBER", word)
			}
			weights[name] = x
		}
		v.Set(reflect.ValueOf(weights))
	default:
		return fmt.Errorf("a setting cannot be a %s", v.Type())
	}
	return nil
}

// list parses whole numbers separated by commas.
func list(text string) ([]int, error) {
	var numbers []int
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, fmt.Errorf("%q is not a whole number; want a list such as 512,128", word)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}
