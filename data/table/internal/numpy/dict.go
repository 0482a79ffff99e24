package numpy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// pyDict reads a flat Python dictionary literal: the text form of an NPY header. Values are
// strings, truth values, tuples of whole numbers and, of structured types, lists of fields. It
// knows no more of Python than NumPy's writers use, so that nothing is evaluated and everything
// else is an error. rest is what is still to be read.
type pyDict struct{ rest string }

// errDict is the error for text that is not such a dictionary.
var errDict = errors.New("it is not a dictionary of descr, fortran_order and shape")

// parse returns the entries by their keys: string, bool, []int or []field. After
// the dictionary only the padding may come that aligns the values.
func (p *pyDict) parse() (map[string]any, error) {
	if !p.skip("{") {
		return nil, errDict
	}
	entries := make(map[string]any)
	for !p.skip("}") {
		// Keys are strings; a key that occurs twice would let two readers see two arrays.
		key, err := p.text()
		if err != nil {
			return nil, err
		}
		if _, twice := entries[key]; twice {
			return nil, fmt.Errorf("it gives %q twice", key)
		}
		if !p.skip(":") {
			return nil, errDict
		}
		if entries[key], err = p.value(); err != nil {
			return nil, err
		}
		if !p.skip(",") && !strings.HasPrefix(p.rest, "}") {
			return nil, errDict
		}
	}
	if strings.Trim(p.rest, " \n\x00") != "" {
		return nil, errors.New("something follows the dictionary")
	}
	return entries, nil
}

// skip drops spaces, then the token if it comes next, and reports whether it did.
func (p *pyDict) skip(token string) bool {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	rest, ok := strings.CutPrefix(p.rest, token)
	p.rest = rest
	return ok
}

// text reads a string in single or double quotes without escapes, which no type code has.
func (p *pyDict) text() (string, error) {
	for _, quote := range []string{"'", `"`} {
		if !p.skip(quote) {
			continue
		}
		text, rest, ok := strings.Cut(p.rest, quote)
		if !ok || strings.Contains(text, `\`) {
			return "", errDict
		}
		p.rest = rest
		return text, nil
	}
	return "", errDict
}

// value reads any value, for [pyDict.parse].
func (p *pyDict) value() (any, error) {
	switch {
	case p.skip("True"):
		return true, nil
	case p.skip("False"):
		return false, nil
	case p.skip("("):
		return p.tuple()
	case p.skip("["):
		return p.fields()
	}
	return p.text()
}

// tuple reads the rest of a tuple of whole numbers, at most 64, as many dimensions as NumPy
// allows. The suffix L is how Python 2 wrote long numbers.
func (p *pyDict) tuple() ([]int, error) {
	// Not nil: the shape () of a single value is a shape as well.
	shape := []int{}
	for !p.skip(")") {
		end := strings.IndexAny(p.rest, ",)")
		if end < 0 || len(shape) == 64 {
			return nil, errDict
		}
		// Atoi refuses what no int holds; negative sizes are for checkShape.
		d, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(p.rest[:end]), "L"))
		if err != nil {
			return nil, fmt.Errorf("the shape holds %q, which is not a size", tableerr.Shorten(p.rest[:end]))
		}
		shape = append(shape, d)
		p.rest = p.rest[end:]
		p.skip(",")
	}
	return shape, nil
}

// errFields is the error for fields that are more than a name, a type and a shape.
var errFields = errors.New("the array has fields within fields, or with titles; save its fields as columns, for " +
	"instance as Parquet")

// maxFields bounds the fields of a structured type.
const maxFields = 1 << 16

// fields reads the rest of a list of fields, such as ('hog', '<f4', (3,)).
func (p *pyDict) fields() ([]field, error) {
	all := []field{}
	for !p.skip("]") {
		if !p.skip("(") || len(all) == maxFields {
			return nil, errDict
		}
		var f field
		var err error
		if p.skip("(") {
			return nil, errFields
		}
		if f.name, err = p.text(); err != nil {
			return nil, err
		}
		if !p.skip(",") {
			return nil, errDict
		}
		if p.skip("[") {
			return nil, errFields
		}
		code, err := p.text()
		if err != nil {
			return nil, err
		}
		f.shape = []int{}
		if p.skip(",") && p.skip("(") {
			if f.shape, err = p.tuple(); err != nil {
				return nil, err
			}
		}
		if !p.skip(")") {
			return nil, errDict
		}
		p.skip(",")
		f.code = code
		all = append(all, f)
	}
	return all, nil
}
