package images_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/labtest/imagestest"
)

// claims returns a PNG whose header says another size, with a right checksum.
func claims(file []byte, w, h uint32) []byte {
	file = bytes.Clone(file)
	binary.BigEndian.PutUint32(file[16:], w)
	binary.BigEndian.PutUint32(file[20:], h)
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(file[12:29]))
	return file
}

func TestDecodeErrors(t *testing.T) {
	picture := imagestest.RandomImage(rand.New(rand.NewPCG(1, 2)), 40, 30, 3).Std()
	file := labtest.PngOf(t, picture)
	photo := labtest.Encoded(t, func(buf *bytes.Buffer) error { return jpeg.Encode(buf, picture, nil) })
	flipped := bytes.Clone(file)
	flipped[len(flipped)/2] ^= 0x55
	for _, c := range []struct {
		name  string
		file  []byte
		limit int
		want  string
	}{
		{"empty", nil, 0, "the file is empty"},
		{"text", []byte("this is no image"), 0, "begins like no PNG"},
		{"BM text", []byte("BMW is a car maker"), 0, "begins like no PNG"},
		{"signature only", file[:8], 0, "the PNG file is cut off"},
		{"half a PNG", file[:len(file)/2], 0, "the PNG file is damaged, cut off"},
		{"half a JPEG", photo[:len(photo)/2], 0, "the JPEG file is damaged, cut off"},
		{"changed", flipped, 0, "the PNG file is damaged"},
		{"too large", file, 1199, "40 x 30 pixels, more than the 1199"},
		{"bomb", claims(file, 1<<20, 1<<20), 0, "1048576 x 1048576 pixels, more than the 67108864"},
		{"beyond all limits", claims(file, 1<<15, 1<<15), 1 << 28, "more than the 268435456"},
		{"no pixel", claims(file, 0, 5), 0, "damaged"},
		{"TIFF header only", []byte("II*\x00\x08\x00\x00\x00"), 0, "the TIFF file"},
		{"BMP header only", append([]byte("BM"), make([]byte, 12)...), 0, "the BMP file"},
		{"WebP header only", []byte("RIFF\x04\x00\x00\x00WEBP"), 0, "the WebP file"},
		{"GIF header only", []byte("GIF89a"), 0, "the GIF file"},
	} {
		m, err := images.Decode(bytes.NewReader(c.file), images.DecodeOptions{MaxPixels: c.limit})
		if err == nil || m != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one about %q", c.name, err, c.want)
		}
	}
	if _, err := images.Decode(iotestErr{}, images.DecodeOptions{}); err == nil ||
		!strings.Contains(err.Error(), "closed pipe") {
		t.Errorf("a failing reader gave %v", err)
	}
}

// A bomb is refused by its header, without room for its pixels.
func TestDecodeBombCostsNothing(t *testing.T) {
	bomb := claims(labtest.PngOf(t, image.NewGray(image.Rect(0, 0, 8, 8))), 1<<14, 1<<14)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := images.Decode(bytes.NewReader(bomb), images.DecodeOptions{}); err == nil {
		t.Fatal("no error")
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("%d bytes allocated for a file of %d", got, len(bomb))
	}
}

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/images/*.*")
	if err != nil || len(files) < 25 {
		f.Fatal(files, err)
	}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Fuzz(imagestest.CheckImage)
}
