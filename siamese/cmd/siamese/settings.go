package main

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/option"
)

// settings changes a configuration of features by the flags of the command features. A text is "off", which switches
// the family off, or settings NAME=VALUE with blanks between them; "" leaves the family as it is. A family that was off
// begins with its defaults, so that --lbp="radius=2" is enough. All faults are returned at once, each as an
// [option.Error] with the flag's name; then c may be changed in part. Whether values are in range is checked by
// [features.Config.Validate].
func settings(c *features.Config, resize, hog, glcm, lbp string) error {
	var errs []error
	if resize != "" {
		size, err := pair(resize)
		if err == nil && (size[0] < 1 || size[1] < 1) {
			err = errors.New("want 1 pixel or more each way")
		}
		if err != nil {
			errs = append(errs, option.Errorf("resize", "%q: %w", resize, err))
		}
		c.Width, c.Height = size[0], size[1]
	}
	// A family that is off is all zeros, which settings alone would not make valid.
	if lbp != "" && lbp != "off" && c.LBP.Points == 0 {
		c.LBP = features.LBPConfig{Points: 8, Radius: 1, Method: features.LBPUniform, Grids: []int{1}}
	}
	if glcm != "" && glcm != "off" && c.GLCM.Levels == 0 {
		c.GLCM = features.Default().GLCM
	}
	if hog != "" && hog != "off" && c.HOG.Orientations == 0 {
		c.HOG = features.Default().HOG
	}
	// A table of the names rather than JSON or struct tags: the names on the command line are short, angles are in
	// degrees there and pairs are written 8x8.
	for _, family := range []struct {
		flag, text string
		off        func()
		fields     map[string]func(string) error
	}{
		{"hog", hog, func() { c.HOG = features.HOGConfig{} }, map[string]func(string) error{
			"orientations": into(&c.HOG.Orientations, strconv.Atoi), "cell": into(&c.HOG.Cell, pair),
			"block": into(&c.HOG.Block, pair),
			"norm":  into(&c.HOG.Norm, named[features.BlockNorm]), "sqrt": into(&c.HOG.Sqrt, strconv.ParseBool),
		}},
		{"glcm", glcm, func() { c.GLCM = features.GLCMConfig{} }, map[string]func(string) error{
			"levels": into(&c.GLCM.Levels, strconv.Atoi), "distances": into(&c.GLCM.Distances, list(float)),
			"angles":    into(&c.GLCM.Angles, list(radians)),
			"symmetric": into(&c.GLCM.Symmetric, strconv.ParseBool), "properties": into(&c.GLCM.Properties, properties),
			"grids": into(&c.GLCM.Grids, list(strconv.Atoi)),
		}},
		{"lbp", lbp, func() { c.LBP = features.LBPConfig{} }, map[string]func(string) error{
			"points": into(&c.LBP.Points, strconv.Atoi), "radius": into(&c.LBP.Radius, float),
			"method": into(&c.LBP.Method, named[features.LBPMethod]), "grids": into(&c.LBP.Grids, list(strconv.Atoi)),
		}},
	} {
		if family.text == "off" {
			family.off()
			continue
		}
		for _, field := range strings.Fields(family.text) {
			// A missing value is "", which the parser or Validate refuses.
			name, value, _ := strings.Cut(field, "=")
			set, ok := family.fields[name]
			if !ok {
				// Sorted, since a map has no order: the message is the same every time.
				known := make([]string, 0, len(family.fields))
				for k := range family.fields {
					known = append(known, k)
				}
				slices.Sort(known)
				errs = append(errs, option.Errorf(family.flag, "unknown setting %q: use off, or some of %s", name,
					strings.Join(known, ", ")))
			} else if err := set(value); err != nil {
				errs = append(errs, option.Errorf(family.flag, "%s: %w", field, err))
			}
		}
	}
	return errors.Join(errs...)
}

// into returns a function that parses a value and stores it. If parsing fails it stores what parse returned, mostly
// zero; the caller then gives the configuration up.
func into[T any](to *T, parse func(string) (T, error)) func(string) error {
	return func(text string) (err error) {
		*to, err = parse(text)
		return err
	}
}

// list returns a function that parses values between commas. An empty text is one empty value, which number parsers
// refuse.
func list[T any](parse func(string) (T, error)) func(string) ([]T, error) {
	return func(text string) ([]T, error) {
		var out []T
		for _, s := range strings.Split(text, ",") {
			v, err := parse(s)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	}
}

// pair parses two whole numbers such as 64x48: columns x rows of pixels for --resize, rows x columns for cells and
// blocks.
func pair(text string) (out [2]int, err error) {
	a, b, _ := strings.Cut(text, "x")
	var errA, errB error
	out[0], errA = strconv.Atoi(a)
	out[1], errB = strconv.Atoi(b)
	if errA != nil || errB != nil {
		return out, errors.New("want two whole numbers, such as 64x48")
	}
	return out, nil
}

// float parses a number.
func float(text string) (float64, error) { return strconv.ParseFloat(text, 64) }

// radians parses an angle in degrees. Dividing before multiplying by pi gives multiples of 45 the bits that
// [features.Default] has, so that naming the defaults changes nothing.
func radians(text string) (float64, error) {
	degrees, err := float(text)
	return degrees / 180 * math.Pi, err
}

// named takes any name: Validate knows which there are, and checks the configuration as a whole.
func named[T ~string](text string) (T, error) { return T(text), nil }

// properties parses names of GLCM's properties between commas, or "all".
func properties(text string) ([]features.Property, error) {
	if text == "all" {
		return slices.Clone(features.Properties), nil
	}
	return list(named[features.Property])(text)
}
