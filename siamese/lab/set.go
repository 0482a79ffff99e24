package lab

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/loss/spec"
)

// Setting changes the configuration of a training.
type Setting = func(*config.Config)

// Config returns the default configuration. Change its fields and train with it by [Use]; a value in last place shows
// what differs from the default.
func Config() config.Config { return config.Default() }

// Recommended is a setting: the configuration for items of seen and unseen classes.
func Recommended(c *config.Config) { *c = config.Recommended() }

// Use trains with a whole configuration.
func Use(c config.Config) Setting { return func(to *config.Config) { *to = c } }

// Set gives a field of the configuration a value, by its name in Go or in the model's file; a part's field is named
// through it, as in Set("Loss.Margin", 0.3). An integer is also a float; nothing is rounded. Set("Loss", "triplet") is
// a loss with its usual parameters, and Set("Augment", 0.3) the usual altered views for that share of a batch's items,
// which need pictures.
func Set(name string, value any) Setting {
	return func(c *config.Config) {
		if loss, ok := value.(string); ok && strings.EqualFold(name, "Loss") {
			usual, err := spec.Default(loss)
			check(err)
			value = usual
		}
		if share, ok := value.(float64); ok && strings.EqualFold(name, "Augment") {
			value = augment.Usual(share)
		}
		at, err := field(reflect.ValueOf(c).Elem(), name)
		check(err)
		if err := assign(at, value); err != nil {
			cell.Fail(fmt.Errorf("lab.Set(%q, %v): %w", name, value, err), "")
		}
	}
}

// field finds a field by its name.
func field(of reflect.Value, name string) (reflect.Value, error) {
	first, rest, within := strings.Cut(name, ".")
	var known []string
	for f, v := range of.Fields() {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if strings.EqualFold(first, f.Name) || first == tag {
			if within && v.Kind() == reflect.Struct {
				return field(v, rest)
			}
			if !within {
				return v, nil
			}
		}
		known = append(known, f.Name)
	}
	near := strings.Join(quote.Nearest(first, known, 3), " or ")
	return reflect.Value{}, fmt.Errorf("there is no setting %q: is it %s?", name, near)
}

// assign gives a field a value of another type where that loses nothing.
func assign(to reflect.Value, value any) error {
	from := reflect.ValueOf(value)
	wrong := fmt.Errorf("it is %s, not %T", kindOf(to.Type()), value)
	switch {
	case !from.IsValid():
		return wrong
	case from.Type().AssignableTo(to.Type()):
		to.Set(from)
		return nil
	case !from.CanConvert(to.Type()) || (from.Kind() == reflect.String) != (to.Kind() == reflect.String):
		return wrong
	}
	if from.CanInt() && to.CanUint() && from.Int() < 0 {
		return fmt.Errorf("it is not negative")
	}
	made := from.Convert(to.Type())
	if made.Convert(from.Type()).Interface() != from.Interface() {
		return wrong
	}
	to.Set(made)
	return nil
}

// kindOf returns a type in words.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Uint64:
		return "an integer"
	case reflect.Float64:
		return "a number"
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	}
	return "a " + t.String()
}

// unsigned returns a number that is not negative.
func unsigned(name string, n int) uint64 {
	if n < 0 {
		cell.Fail(fmt.Errorf("%s(%d): it is not negative", name, n), "")
	}
	return uint64(n)
}
