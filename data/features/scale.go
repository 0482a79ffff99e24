package features

import (
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/option"
)

// Scale is which range of grey values the levels of GLCM divide, in pictures of more than 8 bits a channel. Pictures of
// 8 bits always divide 0 to 255, HOG and LBP need no range: they are of the values as they are.
type Scale string

// The scales. Values outside the range count as its ends.
const (
	ScaleType  Scale = "type"  // the whole range of the type: 0 to 65535 of 16 bits, 0 to 1 of floating-point numbers
	ScaleImage Scale = "image" // from the smallest to the largest value of each picture
	ScaleData  Scale = "data"  // from the smallest to the largest value of all pictures, kept in Config.Range
)

// scales are those that may be asked for.
var scales = []Scale{ScaleType, ScaleImage, ScaleData}

// validateScale returns what is wrong with Scale and Range, each as an [*option.Error], or nil.
func (c Config) validateScale() error {
	if c.Scale != "" && !slices.Contains(scales, c.Scale) {
		return option.Errorf("Scale", "is %q, want one of %q", c.Scale, scales)
	}
	// Both ends may be equal: a data set of one value.
	if !(c.Range[0] <= c.Range[1]) || c.Range[1]-c.Range[0] > math.MaxFloat64 {
		return option.Errorf("Range", "is %v, want its ends in order", c.Range)
	}
	return nil
}

// NeedsRange reports whether deep pictures can only be used once Range is set to the extremes of all of them: GLCM is
// on and scaled by the data.
func (c Config) NeedsRange() bool {
	return c.GLCM.Levels > 0 && (c.Scale == "" || c.Scale == ScaleData) && c.Range == [2]float64{}
}

// Resolved returns the configuration with Scale, Range and Background as they apply to pictures of which some are deep
// or none is: what is kept beside the features. low and high are the extremes of the deep ones; they are used where
// [Config.NeedsRange].
func (c Config) Resolved(deep bool, low, high float64) Config {
	switch { // a range that is set stays: it is that of other pictures, such as those of a model
	case c.GLCM.Levels == 0:
		c.Scale, c.Range = "", [2]float64{}
	case !deep && c.Range == [2]float64{}:
		c.Scale = ScaleType // 8 bits
	case c.NeedsRange():
		if low == 0 && high == 0 { // nothing but zeros; two zeros would be no range at all
			high = 1
		}
		c.Scale, c.Range = ScaleData, [2]float64{low, high}
	case c.Scale == "":
		c.Scale = ScaleData
	}
	if c.Scale != ScaleData {
		c.Range = [2]float64{}
	}
	if colour, err := images.ParseBackground(c.Background); err == nil {
		c.Background = images.BackgroundName(colour)
	}
	return c
}

// rangeOf returns the range that the levels of a deep picture divide: black, and what white is below. The
// configuration is resolved.
func (c Config) rangeOf(m *images.Image) (low, high float64) {
	switch c.Scale {
	case ScaleType:
		return m.Range[0], m.Range[1]
	case ScaleImage:
		return m.MinMax()
	}
	return c.Range[0], c.Range[1]
}

// quantise writes the level of every value to levels: (v - low) / (high - low) times their number, rounded down, and
// cut to those that there are; all are 0 where there is no range.
func quantise(values []float32, low, high float64, n int, levels []uint8) {
	if !(high > low) {
		clear(levels)
		return
	}
	scale := float64(n) / (high - low)
	for i, v := range values {
		levels[i] = uint8(min(max((float64(v)-low)*scale, 0), float64(n-1)))
	}
}

// Beyond returns how many grey values of a deep picture lie outside Range and are cut to its ends before GLCM counts
// their levels: as of a picture that is brighter than all that a model was trained on. It is 0 for pictures of 8 bits,
// without GLCM, and for other scales than [ScaleData], whose ranges hold all values. The image is valid.
func (c Config) Beyond(m *images.Image) int {
	if m.Deep == nil || c.GLCM.Levels == 0 || c.Range == [2]float64{} || c.Scale != "" && c.Scale != ScaleData {
		return 0
	}
	n := 0
	for _, v := range m.Grey().Deep {
		if float64(v) < c.Range[0] || float64(v) > c.Range[1] {
			n++
		}
	}
	return n
}

// checkDeep returns an error for a deep picture that cannot be used with the configuration.
func (c Config) checkDeep(m *images.Image) error {
	if m.Deep == nil {
		return nil
	}
	if c.NeedsRange() {
		return option.Errorf("Range", "is not set, and the image has more than 8 bits a channel: set it to the "+
			"extremes of all images, or Scale to %q or %q", ScaleType, ScaleImage)
	}
	if low, _ := m.MinMax(); c.HOG.Sqrt && c.HOG.Orientations > 0 && low < 0 {
		return fmt.Errorf("the image has the value %v, which has no square root: use HOG without Sqrt", low)
	}
	return nil
}
