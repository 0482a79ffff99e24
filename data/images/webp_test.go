package images

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"testing"
)

// WebP pictures with losses have the greys that libwebp reads in them (testdata/make_webp.py); its colours but for how
// it smooths them, since they are stored at half the size.
func TestWebPColours(t *testing.T) {
	var golden struct {
		Files map[string]struct {
			W, H   int
			Values []float64
		}
	}
	text, err := os.ReadFile("testdata/webp/want.json")
	if err := errors.Join(err, json.Unmarshal(text, &golden)); err != nil || len(golden.Files) != 3 {
		t.Fatalf("%d files, %v", len(golden.Files), err)
	}
	for name, want := range golden.Files {
		file, err := os.ReadFile("testdata/webp/" + name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Decode(bytes.NewReader(file), DecodeOptions{})
		if err != nil || m.W != want.W || m.H != want.H || len(m.Pix) != len(want.Values) {
			t.Fatalf("%s: %v, %v", name, m, err)
		}
		most, mean := map[string]float64{"colour.webp": 12}[name], 0.0
		for i, v := range want.Values {
			d := math.Abs(float64(m.Pix[i]) - v)
			mean += d / float64(len(want.Values))
			if d >= most+1 {
				t.Fatalf("%s: value %d is %d, want %v", name, i, m.Pix[i], v)
			}
		}
		if mean > 4 {
			t.Errorf("%s: values differ by %.2f on average", name, mean)
		}
	}
}
