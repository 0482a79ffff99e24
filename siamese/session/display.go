package session

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/kernels/cell"
)

// Display shows the value's tables and pictures in the output of a cell of the lab's kernel, after what the cell has
// printed before. Elsewhere it does nothing: print the value.
func (v *Value) Display(ctx context.Context) error {
	if !cell.Here() {
		return nil
	}
	return displayed(v.Show(ctx))
}

// displayed shows pictures in the output of a cell.
func displayed(pictures []Picture, err error) error {
	if err != nil {
		return err
	}
	for _, p := range pictures {
		if err := p.Display(); err != nil {
			return err
		}
	}
	return nil
}

// Display shows the picture in the output of a cell, and prints its text where there is none.
func (p Picture) Display() error {
	if !cell.Here() {
		fmt.Println(p.Text)
		return nil
	}
	return cell.Display(p.output())
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
