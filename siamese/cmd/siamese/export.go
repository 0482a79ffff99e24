package main

import (
	"fmt"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/onnx"
)

// exportCommand writes a model for other programs.
type exportCommand struct {
	widthFlags
	Model string `arg:"" help:"File of the model, as train writes it."`
	Out   string `output:"file" required:"" placeholder:"FILE" help:"File to write, in ONNX."`
}

// Help is the text below the usage.
func (*exportCommand) Help() string {
	return `Writes a model as ONNX, which runs in Python, C++, Java and JavaScript without this program. Preprocessing is in
it: float32 features go in, embeddings of unit length come out. The file's metadata has the columns in their order, the
threshold and the calibration.

  siamese export --out=model.onnx model.safetensors
`
}

// Run writes the file and says what goes in and comes out.
func (c *exportCommand) Run(s *streams) error {
	m, err := c.load(c.Model)
	if err != nil {
		return err
	}
	if err := onnx.Save(c.Out, m); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %s [N, %d] to %s [N, %d]\n", quote.Text(c.Out), onnx.Input, m.F(), onnx.Output, m.E())
	return nil
}
