package images

import (
	"bytes"
	"image"
	imagedraw "image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/bmp"
)

// imageFormat is a kind of image file, recognised by its first bytes. [image.RegisterFormat] would do the same for the
// whole program, with formats that other packages choose.
type imageFormat struct {
	name string
	// is reports whether the first sniffBytes of a file, or all of a shorter one, are those of the format.
	is func(head []byte) bool
	// config returns what the header says, without decoding pixels.
	config func(file []byte) (header, error)
	// decode returns the picture as it is stored; transparent pixels lie on the sheet.
	decode func(file []byte, on sheet) (*Image, error)
}

// sniffBytes is how many bytes identify a format: WebP needs 12, BMP 10.
const sniffBytes = 16

// imageFormats lists what is read. The first picture counts where a file holds several (GIF, TIFF). No two begin alike,
// so their order does not matter.
var imageFormats = []imageFormat{
	{"PNG", begins("\x89PNG\r\n\x1a\n"), pngHeader, stdDecoder(png.Decode)},
	{"JPEG", begins("\xff\xd8\xff"), jpegHeader, stdDecoder(jpeg.Decode)},
	{"TIFF", begins("II\x2a\x00", "MM\x00\x2a", "II\x2b\x00", "MM\x00\x2b"), tiffHeader, decodeTIFF},
	{"BMP", isBMP, stdHeader(bmp.DecodeConfig), stdDecoder(bmp.Decode)},
	{"GIF", begins("GIF87a", "GIF89a"), gifHeader, decodeGIF},
	{"WebP", isWebP, webpHeader, decodeWebP},
	{"PNM", isPNM, pnmHeader, decodePNM},
}

// begins returns a test whether a file begins with any of the magics.
func begins(magics ...string) func([]byte) bool {
	return func(head []byte) bool {
		for _, magic := range magics {
			if bytes.HasPrefix(head, []byte(magic)) {
				return true
			}
		}
		return false
	}
}

// isBMP also checks the four reserved bytes, zero in all bitmaps: "BM" alone begins many texts.
func isBMP(head []byte) bool {
	return len(head) >= 10 && string(head[:2]) == "BM" && string(head[6:10]) == "\x00\x00\x00\x00"
}

// isWebP looks past the length of the file between the two names; "RIFF" alone also begins sound and video.
func isWebP(head []byte) bool {
	return len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP"
}

// formatOf returns the format of a file by its first bytes, or nil. Names are not asked: they are often wrong, and a
// JPEG that is called .png is read as what it is.
func formatOf(head []byte) *imageFormat {
	for i := range imageFormats {
		if imageFormats[i].is(head) {
			return &imageFormats[i]
		}
	}
	return nil
}

// Format returns the name of the format that a file with this name and these first bytes (16 are enough) has, such as
// "PNG"; "" = none that [Decode] reads. PNM counts only where the name ends as that of an image: a table may begin with
// the same bytes.
func Format(name string, head []byte) string {
	f := formatOf(head[:min(len(head), sniffBytes)])
	if f == nil || f.name == "PNM" && !isImageName(name) {
		return ""
	}
	return f.name
}

// stdHeader makes the config of a format of one in the form of the standard library. What that does not tell, such as a
// number of frames, is 0.
func stdHeader(config func(io.Reader) (image.Config, error)) func([]byte) (header, error) {
	return func(file []byte) (header, error) {
		c, err := config(bytes.NewReader(file))
		if err != nil {
			return header{}, err
		}
		return modelHeader(c), nil
	}
}

// stdDecoder makes the decode of a format of one in the form of the standard library.
func stdDecoder(decode func(io.Reader) (image.Image, error)) func([]byte, sheet) (*Image, error) {
	return func(file []byte, on sheet) (*Image, error) {
		picture, err := decode(bytes.NewReader(file))
		if err != nil {
			return nil, err
		}
		return fromStd(picture, on), nil
	}
}

// jpegHeader also says what a progressive picture needs: all its coefficients, of 4 bytes, are kept until the end.
func jpegHeader(file []byte) (header, error) {
	h, err := stdHeader(jpeg.DecodeConfig)(file)
	const progressive = 0xc2
	if jpegFrame(file) == progressive {
		h.need = map[string]int{"grey": 8, "RGB": 20, "CMYK": 28}[h.mode]
	}
	return h, err
}

// pngHeader also looks for a transparent colour and for animation, and says how many bits are stored.
func pngHeader(file []byte) (header, error) {
	h, err := stdHeader(png.DecodeConfig)(file)
	if err != nil {
		return h, err
	}
	h.bits = int(file[24]) // of the first chunk, which the decoder has read
	h.alpha = h.alpha || pngChunk(file, "tRNS") != nil
	if control := pngChunk(file, "acTL"); len(control) >= 4 {
		h.frames = int(min(bigEndian(control), math.MaxInt32-1))
		// The picture of the file is no frame of the animation unless a frame's head precedes its pixels.
		frame, pixels := bytes.Index(file, []byte("fcTL")), bytes.Index(file, []byte("IDAT"))
		if frame < 0 || frame > pixels {
			h.frames++
		}
	}
	return h, nil
}

// gifHeader counts the pictures of an animation and says whether pixels may be transparent. The size is that of the
// screen, which the first picture may cover in part.
func gifHeader(file []byte) (header, error) {
	h, err := stdHeader(gif.DecodeConfig)(file)
	if err == nil {
		h.frames, h.alpha = gifFrames(file)
	}
	return h, err
}

// decodeGIF returns the first picture on the whole screen, of which it may cover a part. The rest is transparent.
func decodeGIF(file []byte, on sheet) (*Image, error) {
	c, err := gif.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	picture, err := gif.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	screen, b := image.Rect(0, 0, c.Width, c.Height), picture.Bounds()
	if b.Dx() != c.Width || b.Dy() != c.Height {
		if !b.In(screen) {
			return fromStd(picture, on), nil // its size is not that of the header, which is an error
		}
		whole := image.NewRGBA(screen)
		imagedraw.Draw(whole, b, picture, b.Min, imagedraw.Src)
		picture = whole
	}
	return fromStd(picture, on), nil
}
