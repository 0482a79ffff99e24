package data_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data"
)

func ExampleBuiltin() {
	images, err := data.Builtin()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(images.N(), "images")
	for _, i := range []int{0, 10_000} {
		fmt.Println(images.IDs[i], "is a", images.Labels[i], "of", images.Items[i].W, "x", images.Items[i].H, "pixels")
	}
	// Output:
	// 20000 images
	// digits/00000 is a digits/7 of 28 x 28 pixels
	// fashion/00000 is a fashion/ankle-boot of 28 x 28 pixels
}

func ExampleFeatures() {
	images, err := data.BuiltinSample(10, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	frame, err := data.Features(context.Background(), images, data.DefaultFeatures(), nil)
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

// Other families and sizes: pictures of any size are resized, and all faults of a configuration are told at once.
func ExampleFeatureConfig() {
	c := data.DefaultFeatures()
	c.Width, c.Height = 64, 64
	c.HOG.Cell = [2]int{8, 8}
	c.LBP = data.LBPConfig{Points: 8, Radius: 1, Method: data.LBPUniform, Grids: []int{1, 2}}
	names, blocks, err := c.Columns(0, 0)
	fmt.Println(len(names), blocks, err)

	c.HOG.Norm = "L3"
	c.GLCM.Levels = 1000
	fmt.Println(c.Validate())
	// Output:
	// 2294 [{hog 0 1764} {glcm 1764 2244} {lbp 2244 2294}] <nil>
	// HOG.Norm is "L3", want "L1", "L1-sqrt", "L2" or "L2-Hys"
	// GLCM.Levels is 1000, want 2 to 256, or 0 for no GLCM
}

// A flat image has no edge; a step from black to white is one vertical edge, whose gradient points to the right.
func ExampleHOG() {
	m := &data.Image{W: 4, H: 4, C: 1, Pix: bytes.Repeat([]byte{0, 0, 255, 255}, 4)}
	c := data.HOGConfig{Orientations: 4, Cell: [2]int{4, 4}, Block: [2]int{1, 1}, Norm: data.NormL2}
	v, err := data.HOG(m, c)
	fmt.Printf("%.3f %v\n", v, err)
	// Output:
	// [1.000 0.000 0.000 0.000] <nil>
}

func ExampleGrayCoMatrix() {
	m := &data.Image{W: 4, H: 4, C: 1, Pix: []uint8{0, 0, 1, 1, 0, 0, 1, 1, 0, 2, 2, 2, 2, 2, 3, 3}}
	matrix, err := data.GrayCoMatrix(m, data.GLCMConfig{Levels: 4, Distances: []float64{1}, Angles: []float64{0}, Symmetric: true}, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	contrast, err := matrix.Property(data.Contrast)
	fmt.Printf("%v\n%.4f %v\n", matrix.P, contrast, err)
	// Output:
	// [4 2 1 0 2 4 0 0 1 0 6 1 0 0 1 2]
	// [0.5833] <nil>
}

func ExampleLBPHistogram() {
	m := &data.Image{W: 16, H: 16, C: 1, Pix: make([]byte, 256)}
	hist, err := data.LBPHistogram(m, data.LBPConfig{Points: 8, Radius: 1, Method: data.LBPUniform})
	fmt.Println(hist, err) // in a flat image all eight neighbours are as bright as the pixel
	// Output:
	// [0 0 0 0 0 0 0 0 1 0] <nil>
}

// Pictures come in through the standard library.
func ExampleFromStd() {
	file, err := os.Open("photo.png")
	if err != nil {
		return // there is none here
	}
	defer file.Close()
	picture, _, err := image.Decode(file)
	if err != nil {
		return
	}
	images := &data.Images{Items: []data.Image{*data.FromStd(picture)}, IDs: []string{"photo"}}
	c := data.DefaultFeatures()
	c.Width, c.Height = 28, 28
	_, _ = data.Features(context.Background(), images, c, nil)
}

// A folder whose folders are the classes: folder/label/…/file.
func ExampleOpenImages() {
	folder, err := os.MkdirTemp("", "pictures")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	for i, name := range []string{"cat/1.png", "cat/2.png", "dog/1.png"} {
		var file bytes.Buffer
		m := data.Image{W: 32, H: 32, C: 1, Pix: bytes.Repeat([]byte{0, byte(80 * i), 255, 9}, 256)}
		err := errors.Join(png.Encode(&file, m.Std()), os.MkdirAll(filepath.Join(folder, name[:3]), 0o755),
			os.WriteFile(filepath.Join(folder, name), file.Bytes(), 0o644))
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	opt := data.DefaultImageFolder()
	opt.Width, opt.Height = 28, 28
	images, report, err := data.OpenImages(context.Background(), folder, opt)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(images.IDs, images.Labels, len(report.Ignored), "ignored")
	frame, err := data.Features(context.Background(), images, data.DefaultFeatures(), nil)
	fmt.Println(frame, err)
	// Output:
	// [cat/1.png cat/2.png dog/1.png] [cat cat dog] 0 ignored
	// 3 items x 1776 features in 2 blocks <nil>
}
