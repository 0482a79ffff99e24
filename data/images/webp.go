package images

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	imagedraw "image/draw"

	"golang.org/x/image/webp"
)

// webpFrame is the first picture of an animated WebP file: a still one of its own, and where it lies on the canvas.
type webpFrame struct {
	canvas image.Rectangle
	at     image.Point
	still  []byte // a WebP file
	frames int
	alpha  bool
}

// firstWebP returns the first picture of an animated WebP file; ok is false for a still one. A file is RIFF chunks:
// VP8X says what there is and how large the canvas is, every ANMF has a place, a size and the chunks of one picture
// (WebP Container Specification).
func firstWebP(file []byte) (f webpFrame, ok bool, err error) {
	head := riffChunk(file[12:], "VP8X")
	const animated, transparent = 1 << 1, 1 << 4
	if len(head) < 10 || head[0]&animated == 0 {
		return f, false, nil
	}
	f.alpha = head[0]&transparent != 0
	f.canvas = image.Rect(0, 0, 1+uint24(head[4:]), 1+uint24(head[7:]))
	first := riffChunk(file[12:], "ANMF")
	if len(first) < 16 {
		return f, true, errors.New("it is animated and has no picture")
	}
	for rest := file[12:]; len(rest) >= 8; {
		name, n, behind := riffHead(rest)
		if name == "ANMF" {
			f.frames++
		}
		if uint64(n)+uint64(behind) > uint64(len(rest)-8) {
			break
		}
		rest = rest[8+int(n)+behind:]
	}
	f.at = image.Pt(2*uint24(first), 2*uint24(first[3:]))
	size := image.Pt(1+uint24(first[6:]), 1+uint24(first[9:]))
	if !(image.Rectangle{Min: f.at, Max: f.at.Add(size)}).In(f.canvas) {
		return f, true, fmt.Errorf("its first picture of %d x %d pixels lies beyond the canvas of %d x %d", size.X,
			size.Y,
			f.canvas.Dx(), f.canvas.Dy())
	}
	f.alpha = f.alpha || size != f.canvas.Size() // the rest of the canvas is transparent
	body := append([]byte("WEBP"), first[16:]...)
	if riffChunk(first[16:], "ALPH") != nil {
		f.alpha = true // a still picture with opacity says so in a head of its own
		extended := make([]byte, 18)
		copy(extended, "VP8X\x0a\x00\x00\x00")
		extended[8] = transparent
		copy(extended[12:15], first[6:9])
		copy(extended[15:18], first[9:12])
		body = append(append([]byte("WEBP"), extended...), first[16:]...)
	}
	f.still = binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body)))
	f.still = append(f.still, body...)
	return f, true, nil
}

// uint24 reads a whole number of three bytes, the lowest first.
func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// webpHeader returns what the head of a WebP file says; of an animation the size is that of its canvas.
func webpHeader(file []byte) (header, error) {
	f, animated, err := firstWebP(file)
	if err != nil {
		return header{}, err
	}
	still := file
	if animated {
		still = f.still
	}
	h, err := stdHeader(webp.DecodeConfig)(still)
	// The decoder says of all lossless pictures that they may be transparent; a bit behind the size tells.
	if lossless := riffChunk(still[12:], "VP8L"); len(lossless) > 4 {
		h.alpha = lossless[4]>>4&1 == 1
	}
	if animated {
		h.w, h.h, h.frames, h.alpha = f.canvas.Dx(), f.canvas.Dy(), f.frames, h.alpha || f.alpha
	}
	return h, err
}

// decodeWebP returns the picture, of an animation the first one; what it leaves of the canvas is transparent.
func decodeWebP(file []byte, on sheet) (*Image, error) {
	f, animated, err := firstWebP(file)
	if err != nil {
		return nil, err
	}
	if !animated {
		return stdDecoder(decodeStill)(file, on)
	}
	picture, err := decodeStill(bytes.NewReader(f.still))
	if err != nil {
		return nil, err
	}
	if picture.Bounds().Size() != f.canvas.Size() {
		whole := image.NewNRGBA(f.canvas)
		imagedraw.Draw(whole, picture.Bounds().Sub(picture.Bounds().Min).Add(f.at), picture, picture.Bounds().Min,
			imagedraw.Src)
		picture = whole
	}
	return fromStd(picture, on), nil
}
