package images_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
)

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
	images := &images.Images{Items: []images.Image{*images.FromStd(picture)}, IDs: []string{"photo"}}
	c := features.Default()
	c.Width, c.Height = 28, 28
	_, _ = features.Extract(context.Background(), images, c, nil)
}

// A folder whose folders are the classes: folder/label/…/file.
func ExampleOpen() {
	folder, err := os.MkdirTemp("", "pictures")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	for i, name := range []string{"cat/1.png", "cat/2.png", "dog/1.png"} {
		var file bytes.Buffer
		m := images.Image{W: 32, H: 32, C: 1, Pix: bytes.Repeat([]byte{0, byte(80 * i), 255, 9}, 256)}
		err := errors.Join(png.Encode(&file, m.Std()), os.MkdirAll(filepath.Join(folder, name[:3]), 0o755),
			os.WriteFile(filepath.Join(folder, name), file.Bytes(), 0o644))
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	opt := images.DefaultFolder()
	opt.Width, opt.Height = 28, 28
	images, report, err := images.Open(context.Background(), folder, opt)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(images.IDs, images.Labels, len(report.Ignored), "ignored")
	frame, err := features.Extract(context.Background(), images, features.Default(), nil)
	fmt.Println(frame, err)
	// Output:
	// [cat/1.png cat/2.png dog/1.png] [cat cat dog] 0 ignored
	// 3 items x 1776 features in 2 blocks <nil>
}
