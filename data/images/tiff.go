package images

import (
	"fmt"
	"image/color"
	"math"

	"golang.org/x/image/tiff"

	"github.com/go-siamese/lab/data/images/internal/rawtiff"
)

// tiffHeader returns what the first directory of a TIFF file says, and how much memory its decoder will take. Raw files
// of cameras, whose first picture is a preview, and pictures of several channels without a meaning are refused here,
// since a decoder would give something that looks like a picture.
func tiffHeader(file []byte) (header, error) {
	raw, err := rawtiff.Parse(file)
	if err != nil {
		// The other reader may know better what is wrong.
		if h, err := stdHeader(tiff.DecodeConfig)(file); err != nil || h.w < 1 || h.h < 1 {
			return h, err
		}
		return header{}, err
	}
	if raw.Raw() {
		return header{}, rawtiff.UnsupportedError("a camera's raw file (its first picture is a preview)")
	}
	if raw.Preview() {
		return header{}, rawtiff.UnsupportedError("a TIFF whose first picture is a preview or a mask of another one")
	}
	if n := raw.Unnamed(); n > 1 {
		return header{}, rawtiff.UnsupportedError(fmt.Sprintf("a TIFF with %d channels, of which %d are no colours "+
			"that are known", raw.Samples, n))
	}
	h := header{w: raw.W, h: raw.H, mode: "grey", bits: raw.Bits, float: raw.Float, alpha: raw.Alpha, frames: raw.Pages}
	if !raw.Usual() { // numbers as they are stored, of a part and of all, and the image of both kinds
		h.need = raw.Samples*(raw.Bits/8+1+4+4) + 3*(4+1)
	}
	switch raw.Photometric() {
	case rawtiff.RGB, rawtiff.YCbCr:
		h.mode = "RGB"
	case rawtiff.Palette:
		h.mode, h.bits = "palette", 8 // of its colours
	case rawtiff.CMYK:
		h.mode = "CMYK"
	case rawtiff.Lab, rawtiff.ICCLab:
		h.mode = "Lab"
	case rawtiff.WhiteIsZero, rawtiff.BlackIsZero:
	}
	return h, nil
}

// decodeTIFF returns the picture of a TIFF file by golang.org/x/image/tiff, or where that does not know its kind by
// package rawtiff.
func decodeTIFF(file []byte, on sheet) (*Image, error) {
	m, err := stdDecoder(tiff.Decode)(file, on)
	if err == nil {
		// That decoder mixes up how faxes are stored: white on black or black on white.
		if invertedFax(file) {
			for i, v := range m.Pix {
				m.Pix[i] = 255 - v
			}
		}
		return m, nil
	}
	raw, parseErr := rawtiff.Parse(file)
	if parseErr != nil {
		return nil, err
	}
	values, rawErr := raw.Decode()
	if rawErr != nil {
		return nil, rawErr
	}
	return imageOfTIFF(raw, values, on)
}

// imageOfTIFF makes an image of the numbers of a TIFF file, [H, W, samples]: deep, unless they are of 8 bits or fewer
// and not signed.
func imageOfTIFF(raw *rawtiff.File, values []float32, on sheet) (*Image, error) {
	m := &Image{W: raw.W, H: raw.H, C: 1, Range: tiffRange(raw)}
	kind := raw.Photometric()
	switch kind {
	case rawtiff.RGB, rawtiff.YCbCr, rawtiff.CMYK, rawtiff.Lab, rawtiff.ICCLab:
		m.C = 3
	}
	colours := m.C // samples that are colours
	if kind == rawtiff.CMYK {
		if colours = 4; raw.Bits != 8 || raw.Signed {
			return nil, rawtiff.UnsupportedError(fmt.Sprintf("a TIFF in CMYK colours of %d bits", raw.Bits))
		}
	}
	if raw.Samples < colours {
		return nil, fmt.Errorf("%w: %d samples of a pixel, want %d", rawtiff.ErrDamaged, raw.Samples, colours)
	}
	low, high := m.Range[0], m.Range[1]
	if !raw.Float {
		high-- // the largest value
	}
	alpha := raw.Alpha && raw.Samples == colours+1
	m.Deep = make([]float32, 0, m.W*m.H*m.C)
	for i := 0; i < len(values); i += raw.Samples {
		p := values[i : i+raw.Samples]
		if kind == rawtiff.CMYK {
			r, g, b := color.CMYKToRGB(uint8(p[0]), uint8(p[1]), uint8(p[2]), uint8(p[3]))
			m.Deep = append(m.Deep, float32(r), float32(g), float32(b))
			continue
		}
		for c, v := range p[:colours] {
			x := float64(v)
			if kind == rawtiff.WhiteIsZero {
				x = low + high - x
			}
			if alpha {
				opaque := min(max((float64(p[colours])-low)/(high-low), 0), 1)
				if !raw.Premultiplied() {
					x *= opaque
				}
				x += (1 - opaque) * (low + float64(on[c])/0xffff*(high-low))
			}
			m.Deep = append(m.Deep, float32(x))
		}
	}
	if raw.Bits > 8 || raw.Signed {
		return m, nil
	}
	scale := 255 / (math.Exp2(float64(raw.Bits)) - 1) // of few bits all levels are spread out, as in PNG
	m.Pix = make([]uint8, len(m.Deep))
	for i, v := range m.Deep {
		m.Pix[i] = uint8(min(max(float64(v)*scale+0.5, 0), 255))
	}
	m.Deep, m.Range = nil, [2]float64{}
	return m, nil
}

// tiffRange returns black, and what white is below, of the numbers of a TIFF file: by their type, as what the picture
// itself uses is not known before all of a data set is.
func tiffRange(raw *rawtiff.File) [2]float64 {
	switch {
	case raw.Float:
		return [2]float64{0, 1}
	case raw.Signed:
		half := math.Exp2(float64(raw.Bits - 1))
		return [2]float64{-half, half}
	}
	return [2]float64{0, math.Exp2(float64(raw.Bits))}
}
