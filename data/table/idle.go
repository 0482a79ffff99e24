package table

import (
	"errors"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// checkIdle returns an error for every option that can do nothing to a file of the format, joined: whoever gives one
// takes the file for another one.
func checkIdle(file string, format *reading.Format, opt *Options) error {
	var problems []error
	for _, o := range []struct {
		name  string
		given bool
		does  bool
		what  string
	}{
		{"Comma", opt.Comma != 0, format.Text, "tables of text"},
		{"NoHeader", opt.NoHeader, format.Text, "tables of text"},
		{"EscapedFormulas", opt.EscapedFormulas, format.Text, "tables of text"},
		{"X", opt.X != "", format.Arrays, "NPZ archives"},
	} {
		if o.given && !o.does {
			problems = append(problems, idle(file, option.Errorf(o.name, "it is for %s, and this is %s", o.what,
				format.Name), o.name))
		}
	}
	return errors.Join(problems...)
}

// checkIdleMissing returns an error for words for a missing value where no text could be one of them: numbers of typed
// files are missing by themselves.
func checkIdleMissing(file string, format *reading.Format, opt *Options, hasText bool) error {
	if len(opt.Missing) == 0 || format.Text || hasText {
		return nil
	}
	return idle(file, option.Errorf("Missing",
		"there are no labels and domains in this %s file that could be such words", format.Name), "Missing")
}

// idle is the error about an option without effect.
func idle(file string, err error, name string) error {
	return &Error{File: file, Err: err, Fix: option.Do("leave %s out", name)}
}
