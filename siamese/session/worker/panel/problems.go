package panel

import (
	"html"

	"github.com/go-siamese/lab/data/option"
)

// warning returns a text as a warning.
func warning(text string) string {
	return `<span role="alert" style="color:var(--jp-error-color1,#c33);line-height:1.3;white-space:normal">` +
		html.EscapeString(text) + `</span>`
}

// problemsOf returns the errors about settings by the settings' names.
func problemsOf(err error) map[string]string {
	out := map[string]string{}
	var walk func(error)
	walk = func(err error) {
		if e, ok := err.(*option.Error); ok { //nolint:errorlint // each of the joined ones, not the first
			if out[e.Option] != "" {
				out[e.Option] += "; "
			}
			out[e.Option] += e.Err.Error()
			return
		}
		switch e := err.(type) { //nolint:errorlint // the same
		case interface{ Unwrap() []error }:
			for _, one := range e.Unwrap() {
				walk(one)
			}
		case interface{ Unwrap() error }:
			walk(e.Unwrap())
		}
	}
	walk(err)
	return out
}
