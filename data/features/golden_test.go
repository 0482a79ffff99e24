package features

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest"
)

// moreGolden is texture_more.json.gz, which testdata/make_texture_golden.py writes.
type moreGolden struct {
	Images map[string]struct {
		W, H, C int
		Pix     string // base64
	}
	HOG []struct {
		Image        string
		Orientations int
		Cell, Block  [2]int
		Norm         BlockNorm
		Sqrt         bool
		Values       []float64
	}
	GLCM []struct {
		Image             string
		Levels            int
		Distances, Angles []float64
		Symmetric         bool
		Properties        map[Property][]float64
		Counts            []float64
	}
	LBP []struct {
		Image  string
		Points int
		Radius float64
		Method LBPMethod
		Codes  []uint32
	}
	Resize []struct {
		Image string
		W, H  int
		Pix   string // base64
	}
}

func readMoreGolden(t *testing.T) (*moreGolden, map[string]*images.Image) {
	t.Helper()
	packed, err := os.ReadFile("testdata/texture_more.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	zr, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	var golden moreGolden
	if err := json.NewDecoder(zr).Decode(&golden); err != nil {
		t.Fatal(err)
	}
	pictures := map[string]*images.Image{}
	for name, m := range golden.Images {
		pix, err := base64.StdEncoding.DecodeString(m.Pix)
		if err != nil {
			t.Fatal(err)
		}
		pictures[name] = &images.Image{W: m.W, H: m.H, C: m.C, Pix: pix}
		if err := pictures[name].Validate(); err != nil {
			t.Fatal(name, err)
		}
	}
	return &golden, pictures
}

func TestHOGGolden(t *testing.T) {
	golden, images := readMoreGolden(t)
	if len(golden.HOG) < 100 {
		t.Fatalf("only %d cases", len(golden.HOG))
	}
	for _, c := range golden.HOG {
		config := HOGConfig{Orientations: c.Orientations, Cell: c.Cell, Block: c.Block, Norm: c.Norm, Sqrt: c.Sqrt}
		got, err := HOG(images[c.Image], config)
		if err != nil {
			t.Errorf("%s %+v: %v", c.Image, config, err)
			continue
		}
		labtest.SameValues(t, fmt.Sprintf("%s %+v", c.Image, config), got, c.Values)
	}
}

// Both ways to a GLCM property are compared with scikit-image: the one by the formula, and the fast one by whole-number
// sums.
func TestGLCMGolden(t *testing.T) {
	golden, images := readMoreGolden(t)
	if len(golden.GLCM) < 100 {
		t.Fatalf("only %d cases", len(golden.GLCM))
	}
	for _, c := range golden.GLCM {
		m := images[c.Image]
		config := GLCMConfig{Levels: c.Levels, Distances: c.Distances, Angles: c.Angles, Symmetric: c.Symmetric,
			Properties: Properties, Grids: []int{1}}
		what := fmt.Sprintf("%s levels %d distances %v angles %v symmetric %v", c.Image, c.Levels, c.Distances,
			c.Angles, c.Symmetric)
		counts, err := GrayCoMatrix(Quantise(m, c.Levels), config, false)
		if err != nil {
			t.Fatal(what, err)
		}
		if c.Counts != nil {
			labtest.SameValues(t, what, counts.P, c.Counts)
		}
		fast := make([]float64, len(Properties)*len(c.Distances)*len(c.Angles))
		newGLCM(config, m.W, m.H).extract(m.Pix, fast)
		for i, p := range Properties {
			slow, err := counts.Property(p)
			if err != nil {
				t.Fatal(what, err)
			}
			labtest.SameValues(t, what+" slow "+string(p), slow, c.Properties[p])
			labtest.SameValues(t, what+" fast "+string(p), fast[i*len(slow):(i+1)*len(slow)], c.Properties[p])
		}
	}
}

func TestLBPGolden(t *testing.T) {
	golden, images := readMoreGolden(t)
	if len(golden.LBP) < 100 {
		t.Fatalf("only %d cases", len(golden.LBP))
	}
	for _, c := range golden.LBP {
		m := images[c.Image]
		config := LBPConfig{Points: c.Points, Radius: c.Radius, Method: c.Method}
		got, err := LBP(m, config)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if got[i] != c.Codes[i] {
				t.Errorf("%s %+v: pixel (row %d, column %d) has code %d, want %d", c.Image, config, i/m.W, i%m.W,
					got[i], c.Codes[i])
				break
			}
		}
	}
}

// Pillow rounds its weights to whole numbers: a pixel may differ by one level.
func TestResizeGolden(t *testing.T) {
	golden, images := readMoreGolden(t)
	if len(golden.Resize) < 50 {
		t.Fatalf("only %d cases", len(golden.Resize))
	}
	for _, c := range golden.Resize {
		want, err := base64.StdEncoding.DecodeString(c.Pix)
		if err != nil {
			t.Fatal(err)
		}
		got := images[c.Image].Resize(c.W, c.H)
		if err := got.Validate(); err != nil || len(got.Pix) != len(want) {
			t.Fatalf("%s to %d x %d: %d bytes, want %d (%v)", c.Image, c.W, c.H, len(got.Pix), len(want), err)
		}
		for i := range want {
			if d := int(got.Pix[i]) - int(want[i]); d < -1 || d > 1 {
				t.Errorf("%s to %d x %d: byte %d is %d, want %d", c.Image, c.W, c.H, i, got.Pix[i], want[i])
				break
			}
		}
	}
}
