package features

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/internal/labtest"
)

// textureGolden is what scikit-image 0.26.0 computes of eight built-in images (testdata/texture.json).
type textureGolden struct {
	Cases []struct {
		Domain string
		Index  int
		HOG    struct {
			Orientations  int
			PixelsPerCell [2]int    `json:"pixels_per_cell"`
			CellsPerBlock [2]int    `json:"cells_per_block"`
			BlockNorm     BlockNorm `json:"block_norm"`
			Values        []float64
		}
		GLCM struct {
			Levels    int
			Distances []float64
			Angles    []string
			Symmetric bool
			Values    map[Property][][]float64 // [distance][angle]
		}
	}
}

func TestGoldenBuiltin(t *testing.T) {
	text, err := os.ReadFile("testdata/texture.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden textureGolden
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Cases) != 8 {
		t.Fatalf("%d cases, want 8", len(golden.Cases))
	}
	all, err := builtin.Images()
	if err != nil {
		t.Fatal(err)
	}
	radians := map[string]float64{"0": 0, "pi/4": math.Pi / 4, "pi/2": math.Pi / 2, "3pi/4": 3 * math.Pi / 4}
	for _, c := range golden.Cases {
		at := c.Index
		if c.Domain == "fashion" {
			at += 10_000
		}
		name := fmt.Sprintf("%s/%05d", c.Domain, c.Index)
		if all.IDs[at] != name {
			t.Fatalf("item %d is %s, want %s", at, all.IDs[at], name)
		}
		m := &all.Items[at]
		got, err := HOG(m, HOGConfig{Orientations: c.HOG.Orientations, Cell: c.HOG.PixelsPerCell,
			Block: c.HOG.CellsPerBlock, Norm: c.HOG.BlockNorm})
		if err != nil {
			t.Fatal(err)
		}
		labtest.SameValues(t, name+" HOG", got, c.HOG.Values)
		g := GLCMConfig{Levels: c.GLCM.Levels, Distances: c.GLCM.Distances, Symmetric: c.GLCM.Symmetric}
		for _, a := range c.GLCM.Angles {
			g.Angles = append(g.Angles, radians[a])
		}
		matrix, err := GrayCoMatrix(Quantise(m, g.Levels), g, true)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.GLCM.Values) != 6 {
			t.Fatalf("%d properties, want 6", len(c.GLCM.Values))
		}
		for p, rows := range c.GLCM.Values {
			var want []float64
			for _, row := range rows {
				want = append(want, row...)
			}
			got, err := matrix.Property(p)
			if err != nil {
				t.Fatal(err)
			}
			labtest.SameValues(t, name+" "+string(p), got, want)
		}
	}
}
