package session

import (
	"context"

	"github.com/go-siamese/lab/kernels/cell"
)

// Display shows the value's tables and pictures in the output of a cell of the lab's kernel, after what the cell has
// printed before. Elsewhere it does nothing: print the value.
func (v *Value) Display(ctx context.Context) error {
	if !cell.Here() {
		return nil
	}
	pictures, err := v.Show(ctx)
	if err != nil {
		return err
	}
	for _, p := range pictures {
		if err := cell.Display(p.output()); err != nil {
			return err
		}
	}
	return nil
}

// output returns the picture by MIME type, of which front ends choose: one that takes HTML prefers it, so a picture has
// none.
func (p Picture) output() cell.Output {
	out := cell.Output{Data: map[string]any{"text/plain": p.Text}}
	if p.HTML != "" {
		out.Data["text/html"] = p.HTML
	}
	if p.PNG == nil {
		return out
	}
	out.Data["image/png"] = p.PNG
	if p.SVG != "" {
		out.Data["image/svg+xml"] = p.SVG
	}
	out.Metadata = map[string]any{"image/png": map[string]int{"width": p.Width, "height": p.Height}}
	return out
}
