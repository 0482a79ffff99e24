// Package imagestest makes images for tests, and checks readers of images on files of any content.
package imagestest

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest"
)

// SomePNG is a PNG of random colours.
func SomePNG(t testing.TB, seed uint64, w, h int) []byte {
	return labtest.PngOf(t, RandomImage(rand.New(rand.NewPCG(seed, 7)), w, h, 3).Std())
}

// RandomImage returns an image of noise.
func RandomImage(rng *rand.Rand, w, h, c int) *images.Image {
	m := &images.Image{W: w, H: h, C: c, Pix: make([]uint8, w*h*c)}
	for i := range m.Pix {
		m.Pix[i] = uint8(rng.UintN(256))
	}
	return m
}

// CheckImage decodes a file that may be anything.
func CheckImage(t *testing.T, file []byte) {
	const limit = 1 << 16
	m, err := images.Decode(bytes.NewReader(file), images.DecodeOptions{MaxPixels: limit})
	if err != nil {
		return
	}
	if err := m.Validate(); err != nil || m.W*m.H > limit {
		t.Fatalf("%d x %d: %v", m.W, m.H, err)
	}
}

// CheckIDX reads a file that may be anything.
func CheckIDX(t *testing.T, file []byte) {
	got, err := images.ReadIDX(bytes.NewReader(file), 1<<16)
	if err != nil {
		return
	}
	n := 1
	for _, d := range got.Dims {
		n *= d
	}
	if n != len(got.Data) {
		t.Fatalf("dimensions %v with %d values", got.Dims, len(got.Data))
	}
}
