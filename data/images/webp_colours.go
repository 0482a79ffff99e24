package images

import (
	"image"
	"io"

	"golang.org/x/image/webp"
)

// decodeStill decodes a WebP file that is not animated. In one with losses black is 16 and white 235 (ITU-R BT.601),
// where the standard library's [image.YCbCr] has 0 and 255 as JPEG does: golang.org/x/image/webp gives the former for
// the latter, so that pictures would come out paler than they are. The result has red, green, blue and alpha.
func decodeStill(r io.Reader) (image.Image, error) {
	picture, err := webp.Decode(r)
	if err != nil {
		return nil, err
	}
	var from *image.YCbCr
	alpha := func(int, int) uint8 { return 0xff }
	switch picture := picture.(type) {
	case *image.YCbCr:
		from = picture
	case *image.NYCbCrA:
		from = &picture.YCbCr
		alpha = func(x, y int) uint8 { return picture.A[picture.AOffset(x, y)] }
	default:
		return picture, nil
	}
	out := image.NewNRGBA(from.Rect)
	for y := from.Rect.Min.Y; y < from.Rect.Max.Y; y++ {
		for x := from.Rect.Min.X; x < from.Rect.Max.X; x++ {
			chroma, to := from.COffset(x, y), out.Pix[out.PixOffset(x, y):][:4]
			to[0], to[1], to[2] = studioRGB(int(from.Y[from.YOffset(x, y)]), int(from.Cb[chroma]), int(from.Cr[chroma]))
			to[3] = alpha(x, y)
		}
	}
	return out, nil
}

// studioRGB converts a colour whose black is 16 and white 235. Numbers and rounding are those of libwebp
// (src/dsp/yuv.h), so that greys are its to the bit.
func studioRGB(y, u, v int) (r, g, b uint8) {
	times := func(v, factor int) int { return v * factor >> 8 }
	clip := func(v int) uint8 { return uint8(min(max(v>>6, 0), 255)) }
	y = times(y, 19077)
	return clip(y + times(v, 26149) - 14234), clip(y - times(u, 6419) - times(v, 13320) + 8708),
		clip(y + times(u, 33050) - 17685)
}
