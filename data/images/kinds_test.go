package images

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Files of testdata/make_kinds.py are read as tifffile and Pillow read them.
func TestKindsGolden(t *testing.T) {
	var golden struct {
		Files map[string]struct {
			W, H, C   int
			Deep      bool
			Tolerance float64
			Frames    int
			Values    []float64
		}
	}
	text, err := os.ReadFile("testdata/kinds/want.json")
	if err := errors.Join(err, json.Unmarshal(text, &golden)); err != nil || len(golden.Files) < 40 {
		t.Fatalf("%d files, %v", len(golden.Files), err)
	}
	for name, want := range golden.Files {
		file, err := os.ReadFile(filepath.Join("testdata/kinds", name))
		if err != nil {
			t.Fatal(err)
		}
		p, err := readHeader(bytes.NewReader(file), DecodeOptions{})
		if err != nil {
			t.Errorf("%s: header: %v", name, err)
			continue
		}
		if several := p.frames > 1; several != (want.Frames > 1) {
			t.Errorf("%s: %d pictures, want %d", name, p.frames, want.Frames)
		}
		if transparent := name == "alpha.webp" || name == "greyalpha.tif"; p.alpha != transparent {
			t.Errorf("%s: alpha is %v", name, p.alpha)
		}
		if deep := p.bits > 8 || p.float; deep != want.Deep && name != "i8.tif" {
			t.Errorf("%s: %d bits, float %v; deep is %v", name, p.bits, p.float, want.Deep)
		}
		m, err := Decode(bytes.NewReader(file), DecodeOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := m.Validate(); err != nil || m.W != want.W || m.H != want.H || (m.Deep != nil) != want.Deep {
			t.Errorf("%s: %d x %d, deep %v, %v", name, m.W, m.H, m.Deep != nil, err)
			continue
		}
		for i, v := range want.Values {
			at := i
			if m.C == 3 && want.C == 1 {
				at = 3 * i
			}
			var got float64
			if m.Deep != nil {
				got = float64(m.Deep[at])
			} else {
				got = float64(m.Pix[at])
			}
			if math.Abs(got-v) > want.Tolerance {
				t.Errorf("%s: value %d is %v, want %v", name, i, got, v)
				break
			}
		}
	}
}

// What is not read says what it is, and which command converts it.
func TestKindErrors(t *testing.T) {
	avif := "\x00\x00\x00\x1cftypavif\x00\x00\x00\x00"
	for _, c := range []struct{ name, content, kind, command string }{
		{"arithmetic.jpg", "", "arithmetic coding", "in.jpg"},
		{"odd.jpg", "", "subsampling", "in.jpg"},
		{"avif", avif, "AVIF", "in.avif"},
		{"heic", strings.Replace(avif, "avif", "heic", 1), "HEIC", "in.heic"},
		{"LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a", "Git LFS", "git lfs pull"},
		{"web page", "<!DOCTYPE html><html>", "web page", ""},
		{"RLE bitmap", bmpOf(8, 1), "BMP", "in.bmp"},
	} {
		content := []byte(c.content)
		if c.content == "" {
			var err error
			if content, err = os.ReadFile(filepath.Join("testdata/kinds", c.name)); err != nil {
				t.Fatal(err)
			}
		}
		_, err := Decode(bytes.NewReader(content), DecodeOptions{})
		var kind *KindError
		if !errors.As(err, &kind) || !strings.Contains(kind.Kind, c.kind) ||
			!strings.Contains(kind.Command, c.command) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// bmpOf returns the head of a bitmap of 2 x 2 pixels with that many bits a pixel and that compression.
func bmpOf(bits, compression byte) string {
	head := make([]byte, 54)
	copy(head, "BM")
	head[10], head[14], head[18], head[22], head[26], head[28], head[30] = 54, 40, 2, 2, 1, bits, compression
	return string(head)
}

// Whole numbers that a float32 cannot hold, and values that are none, are refused rather than rounded.
func TestDeepRefused(t *testing.T) {
	file, err := os.ReadFile("testdata/kinds/u32.tif")
	if err != nil {
		t.Fatal(err)
	}
	// The strip of 24 x 20 numbers is the end of the file.
	copy(file[len(file)-4:], "\x01\x00\x00\x01") // 2^24 + 1
	if _, err := Decode(bytes.NewReader(file), DecodeOptions{}); err == nil ||
		!strings.Contains(err.Error(), "16777217") {
		t.Errorf("a whole number of 25 bits: %v", err)
	}
	if file, err = os.ReadFile("testdata/kinds/f32.tif"); err != nil {
		t.Fatal(err)
	}
	copy(file[len(file)-4:], "\x00\x00\xc0\x7f") // NaN
	if _, err := Decode(bytes.NewReader(file), DecodeOptions{}); err == nil ||
		!strings.Contains(err.Error(), "row 19, column 23") {
		t.Errorf("NaN: %v", err)
	}
}

// No damage makes a reader panic or claim memory: files cut everywhere, and with any byte changed.
func TestKindsDamaged(t *testing.T) {
	names, err := filepath.Glob("testdata/kinds/*.*")
	if err != nil || len(names) < 40 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		file, err := os.ReadFile(name)
		if err != nil || strings.HasSuffix(name, ".json") {
			continue
		}
		for k := range min(len(file), 400) {
			changed := bytes.Clone(file)
			changed[k] ^= 0x5a
			for _, content := range [][]byte{file[:k], changed} {
				m, err := Decode(bytes.NewReader(content), DecodeOptions{MaxPixels: 1 << 16})
				if err == nil && m.Validate() != nil {
					t.Fatalf("%s, byte %d: %v", name, k, m.Validate())
				}
			}
		}
	}
}

// A camera's raw file is no picture of its preview's size, nor is another file whose first picture is one, and a table
// that begins as PNM does is no picture.
func TestNotThePicture(t *testing.T) {
	file, err := os.ReadFile("testdata/kinds/u16tiled.tif")
	if err != nil {
		t.Fatal(err)
	}
	// The unit of the resolution, tag 296 of type SHORT, makes room for tag 254: 1 is a reduced picture.
	at := bytes.Index(file, []byte{296 & 255, 1, 3, 0, 1, 0, 0, 0})
	if at < 0 {
		t.Fatal("the file has no tag 296")
	}
	copy(file[at:], []byte{254, 0, 3, 0, 1, 0, 0, 0, 1, 0})
	var kind *KindError
	if _, err := Decode(bytes.NewReader(file), DecodeOptions{}); !errors.As(err, &kind) ||
		!strings.Contains(kind.Kind, "preview") || !strings.Contains(kind.Command, "[1]") {
		t.Errorf("a reduced picture: %v", err)
	}
	table := []byte("P1\t0\t1\nP2\t1\t0\n")
	if got := Format("patients.tsv", table); got != "" {
		t.Errorf("a table is %s", got)
	}
	if got := Format("bits.pbm", table); got != "PNM" {
		t.Errorf("a bitmap is %q", got)
	}
}
