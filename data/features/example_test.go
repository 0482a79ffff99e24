package features_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
)

func ExampleExtract() {
	images, err := builtin.Sample(10, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	frame, err := features.Extract(context.Background(), images, features.Default(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(frame)
	for _, b := range frame.Blocks {
		fmt.Println(b.Name, b.Width(), frame.Columns[b.Start], "...", frame.Columns[b.End-1])
	}
	// Output:
	// 200 items x 1776 features in 2 blocks
	// hog 1296 hog/b0.0/c0.0/o0 ... hog/b5.5/c1.1/o8
	// glcm 480 glcm/1.0.0/contrast/d1/a0 ... glcm/2.1.1/correlation/d4/a135
}

// Other families and sizes: pictures of any size are resized, and all faults of a configuration are reported at once.
func ExampleConfig() {
	c := features.Default()
	c.Width, c.Height = 64, 64
	c.HOG.Cell = [2]int{8, 8}
	c.LBP = features.LBPConfig{Points: 8, Radius: 1, Method: features.LBPUniform, Grids: []int{1, 2}}
	names, blocks, err := c.Columns(0, 0)
	fmt.Println(len(names), blocks, err)

	c.HOG.Norm = "L3"
	c.GLCM.Levels = 1000
	fmt.Println(c.Validate())
	// Output:
	// 2294 [hog: 1764 columns from number 0 on glcm: 480 columns from number 1764 on lbp: 50 columns from number 2244 on] <nil>
	// HOG.Norm is "L3", want "L1", "L1-sqrt", "L2" or "L2-Hys"
	// GLCM.Levels is 1000, want 2 to 256, or 0 for no GLCM
}

// A flat image has no edge; a step from black to white is one vertical edge, whose gradient points to the right.
func ExampleHOG() {
	m := &images.Image{W: 4, H: 4, C: 1, Pix: bytes.Repeat([]byte{0, 0, 255, 255}, 4)}
	c := features.HOGConfig{Orientations: 4, Cell: [2]int{4, 4}, Block: [2]int{1, 1}, Norm: features.NormL2}
	v, err := features.HOG(m, c)
	fmt.Printf("%.3f %v\n", v, err)
	// Output:
	// [1.000 0.000 0.000 0.000] <nil>
}

func ExampleGrayCoMatrix() {
	m := &images.Image{W: 4, H: 4, C: 1, Pix: []uint8{0, 0, 1, 1, 0, 0, 1, 1, 0, 2, 2, 2, 2, 2, 3, 3}}
	matrix, err := features.GrayCoMatrix(m, features.GLCMConfig{Levels: 4, Distances: []float64{1},
		Angles: []float64{0}, Symmetric: true}, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	contrast, err := matrix.Property(features.Contrast)
	fmt.Printf("%v\n%.4f %v\n", matrix.P, contrast, err)
	// Output:
	// [4 2 1 0 2 4 0 0 1 0 6 1 0 0 1 2]
	// [0.5833] <nil>
}

func ExampleLBPHistogram() {
	m := &images.Image{W: 16, H: 16, C: 1, Pix: make([]byte, 256)}
	hist, err := features.LBPHistogram(m, features.LBPConfig{Points: 8, Radius: 1, Method: features.LBPUniform})
	fmt.Println(hist, err) // in a flat image all eight neighbours are as bright as the pixel
	// Output:
	// [0 0 0 0 0 0 0 0 1 0] <nil>
}
