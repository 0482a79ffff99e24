package onnx_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/onnx"
)

func ExampleSave() {
	dir, err := os.MkdirTemp("", "onnx")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	model := toymodel.Identity([]string{"width", "height"}) // siamese.Load("model.safetensors")
	path := filepath.Join(dir, "model.onnx")
	if err := onnx.Save(path, model); err != nil {
		log.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(info.Name(), info.Size() > 0)
	// Output: model.onnx true
}
