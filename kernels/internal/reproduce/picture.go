package reproduce

import (
	"bytes"
	"encoding/base64"
	"image"
	_ "image/gif" // pictures of these formats are compared by their pixels
	_ "image/jpeg"
	_ "image/png"
	"net/url"
	"strings"
)

// rawPicture is a picture as it was saved: SVG as markup, others as bytes.
type rawPicture struct {
	svg   string
	bytes []byte
}

// fromURL returns the picture of a data URL.
func fromURL(text string) rawPicture {
	head, body, _ := strings.Cut(strings.TrimPrefix(text, "data:"), ",")
	content, err := []byte(body), error(nil)
	if plain, err := url.PathUnescape(body); err == nil {
		content = []byte(plain)
	}
	if strings.HasSuffix(head, ";base64") {
		if content, err = decode64(string(content)); err != nil {
			content = []byte(body)
		}
	}
	if strings.HasPrefix(head, "image/svg+xml") {
		return rawPicture{svg: string(content)}
	}
	return rawPicture{bytes: content}
}

// decode64 decodes base64 that may be cut into lines.
func decode64(text string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
}

// mostPixels is the largest picture that is decoded: a small file may claim to be a huge one.
const mostPixels = 1 << 27

// comparePictures compares two pictures by their pixels, SVG by its elements. Pictures that cannot be read are compared
// as bytes.
func comparePictures(saved, fresh rawPicture) (d Difference, differs bool) {
	d = Difference{What: Picture}
	if saved.svg != "" && fresh.svg != "" {
		var c comparison
		c.texts(markupTokens(saved.svg, nil), markupTokens(fresh.svg, nil), markupTokens)
		for _, d := range c.found {
			if d.Excuse == "" {
				return d, true
			}
		}
		return d, len(c.found) > 0
	}
	if bytes.Equal(saved.bytes, fresh.bytes) && saved.svg == fresh.svg {
		return d, false
	}
	a, err := pixels(saved.bytes)
	b, err2 := pixels(fresh.bytes)
	if err != nil || err2 != nil {
		d.What = Bytes
		return d, true
	}
	d.SavedSize, d.FreshSize = [2]int{a.Bounds().Dx(), a.Bounds().Dy()}, [2]int{b.Bounds().Dx(), b.Bounds().Dy()}
	if d.SavedSize != d.FreshSize {
		return d, true
	}
	for y := range d.SavedSize[1] {
		for x := range d.SavedSize[0] {
			far := apart(a, b, x, y)
			if far > 0 {
				d.Pixels++
			}
			d.Largest = max(d.Largest, float64(far)/257)
		}
	}
	return d, d.Pixels > 0
}

// apart returns the largest difference of two pixels' channels, of 0 to 65535.
func apart(a, b image.Image, x, y int) int {
	r1, g1, b1, a1 := a.At(a.Bounds().Min.X+x, a.Bounds().Min.Y+y).RGBA()
	r2, g2, b2, a2 := b.At(b.Bounds().Min.X+x, b.Bounds().Min.Y+y).RGBA()
	far := 0
	for _, c := range [][2]uint32{{r1, r2}, {g1, g2}, {b1, b2}, {a1, a2}} {
		far = max(far, int(c[0])-int(c[1]), int(c[1])-int(c[0]))
	}
	return far
}

// pixels decodes a picture.
func pixels(content []byte) (image.Image, error) {
	config, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	if config.Width <= 0 || config.Height <= 0 || config.Width > mostPixels/config.Height {
		return nil, image.ErrFormat
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	return picture, err
}
