package images

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"golang.org/x/image/bmp"
)

// TestMemoryOfPictures: decoding takes no more memory than the budget of pictures is charged for.
func TestMemoryOfPictures(t *testing.T) {
	const side = 1500
	colour := image.NewRGBA(image.Rect(0, 0, side, side))
	for k := range colour.Pix {
		colour.Pix[k] = uint8(k/7%256) | 3
	}
	deep := image.NewNRGBA64(colour.Bounds())
	grey := image.NewGray(colour.Bounds())
	paletted := image.NewPaletted(colour.Bounds(), color.Palette{color.Black, color.White, color.Transparent})
	files := map[string]func(w *bytes.Buffer) error{
		"RGB.png":     func(w *bytes.Buffer) error { return png.Encode(w, colour) },
		"16.png":      func(w *bytes.Buffer) error { return png.Encode(w, deep) },
		"grey.png":    func(w *bytes.Buffer) error { return png.Encode(w, grey) },
		"RGB.jpg":     func(w *bytes.Buffer) error { return jpeg.Encode(w, colour, nil) },
		"grey.jpg":    func(w *bytes.Buffer) error { return jpeg.Encode(w, grey, nil) },
		"palette.gif": func(w *bytes.Buffer) error { return gif.Encode(w, paletted, nil) },
		"RGB.bmp":     func(w *bytes.Buffer) error { return bmp.Encode(w, colour) },
		// Of 1,200 x 1,200 pixels, by Pillow and tifffile (testdata/make_large.py).
		"progressive.jpg": nil, "greyprogressive.jpg": nil, "cmyk.jpg": nil, "lab.tif": nil, "float.tif": nil,
		"lossless.webp": nil, "lossy.webp": nil,
	}
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	for name, write := range files {
		var file bytes.Buffer
		if write == nil {
			content, err := os.ReadFile("testdata/large/" + name)
			if err != nil {
				t.Fatal(err)
			}
			file.Write(content)
		} else if err := write(&file); err != nil {
			t.Fatal(err)
		}
		p, err := readHeader(bytes.NewReader(file.Bytes()), DecodeOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		runtime.GC()
		var m *Image
		most := peakOf(func() { m, err = p.decode(DecodeOptions{}) })
		if err != nil || m == nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		charged := p.memory()
		t.Logf("%s: %.1f bytes a pixel of %.1f", name, float64(most)/float64(p.w*p.h),
			float64(charged)/float64(p.w*p.h))
		if most > charged+4<<20 {
			t.Errorf("%s: %d bytes are taken, %d a pixel, and %d are charged", name, most,
				most/int64(p.w*p.h), charged)
		}
	}
}

// peakOf returns by how many bytes the heap grows while do runs, as often as it can be looked at.
func peakOf(do func()) int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	heap := func() int64 {
		metrics.Read(sample)
		return int64(sample[0].Value.Uint64())
	}
	before := heap()
	done, most := make(chan struct{}), make(chan int64)
	go func() {
		highest := before
		for {
			highest = max(highest, heap())
			select {
			case <-done:
				most <- highest
				return
			case <-time.After(100 * time.Microsecond):
			}
		}
	}()
	do()
	close(done)
	return <-most - before
}
