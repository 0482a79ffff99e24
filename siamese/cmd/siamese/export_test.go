package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/onnx"
)

// A trained model is exported as package onnx writes it; a training refuses a name that would promise ONNX before it
// begins.
func TestExport(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := table.Save("items.csv", labtest.Toy("i", 4, 15, 6, 0.5, 1)); err != nil {
		t.Fatal(err)
	}
	train := strings.Fields(strings.TrimSpace(tinyTrain))
	status, _, errOut := call(append(train, "--out=m.onnx", "items.csv")...)
	if status != 1 || !strings.Contains(errOut, "--out: ") || !strings.Contains(errOut, "siamese export") {
		t.Errorf("trained as ONNX: status %d, %s", status, errOut)
	}
	if status, _, errOut = call(append(train, "--out=m.safetensors", "items.csv")...); status != 0 {
		t.Fatal(errOut)
	}
	siameseSays(t, dir, "export --out=m.onnx m.safetensors", "m.onnx: features [N, ", "] to embedding [N, ")
	m, err := siamese.Load(filepath.Join(dir, "m.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := onnx.Write(&want, m); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile("m.onnx"); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("the file is another: %v", err)
	}
	if err := m.Save(filepath.Join(dir, "n.onnx")); err == nil || !strings.Contains(err.Error(), "onnx.Save") {
		t.Errorf("the lab's own format under the name of ONNX: %v", err)
	}
}
