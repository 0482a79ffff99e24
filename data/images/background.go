package images

import (
	"encoding/hex"
	"image/color"
	"strings"

	"github.com/go-siamese/lab/data/option"
)

// DefaultBackground is the colour that transparent pictures are laid on where nothing else is asked for.
const DefaultBackground = "white"

// ParseBackground returns the colour of a name: white, black, grey (half of the way) or #rrggbb; "" = white. Any other
// is an [*option.Error].
func ParseBackground(name string) (color.RGBA, error) {
	switch strings.ToLower(name) {
	case "", DefaultBackground:
		return color.RGBA{255, 255, 255, 255}, nil
	case "black":
		return color.RGBA{0, 0, 0, 255}, nil
	case "grey", "gray":
		return color.RGBA{128, 128, 128, 255}, nil
	}
	var rgb [3]byte
	if n, err := hex.Decode(rgb[:min(3, len(name)/2)], []byte(strings.TrimPrefix(name, "#"))); err != nil || n != 3 ||
		len(name) != 7 {
		return color.RGBA{}, option.Errorf("Background", "%q is no colour: want white, black, grey or #rrggbb", name)
	}
	return color.RGBA{rgb[0], rgb[1], rgb[2], 255}, nil
}

// sheet is a background of 16 bits a channel.
type sheet [3]uint32

// sheetOf returns the background of a colour.
func sheetOf(c color.RGBA) sheet {
	return sheet{uint32(c.R) * 0x101, uint32(c.G) * 0x101, uint32(c.B) * 0x101}
}

// under returns a colour on the background, 16 bits a channel. [color.Color.RGBA] has multiplied its channels by alpha;
// what alpha leaves is the background's.
func (s sheet) under(c color.Color) (r, g, b uint32) {
	r, g, b, a := c.RGBA()
	if rest := 0xffff - a; rest > 0 {
		// A colour may claim more than its alpha; no channel goes beyond the largest.
		r = min(0xffff, r+s[0]*rest/0xffff)
		g = min(0xffff, g+s[1]*rest/0xffff)
		b = min(0xffff, b+s[2]*rest/0xffff)
	}
	return r, g, b
}
