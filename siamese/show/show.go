// Package show puts the lab's results into a notebook: tables, pictures, curves and live progress.
//
// Every function comes in two halves: one that returns the content as [Outputs], which works anywhere and is what the
// tests look at, and one that displays it through GoNB, which outside of a notebook does nothing. Content is there in
// several forms: tables as HTML, pictures as SVG and PNG, all as plain text too. So a saved notebook shows everything
// without a network, also where it is not trusted and front ends take SVG out. Names of items, classes and models are
// escaped: they come from files.
//
// A cell starts with [Context], checks errors with [OK] or [Must], and ends with [Done]. [SavePage], [SaveComparison]
// and [SaveProtocols] write reports as a page of their own, in or outside of a notebook.
//
// What there is for what:
//
//	a frame        Frame Describe Leakage
//	pictures       Grid Pictures Hardest
//	training       Progress History Trials
//	evaluation     Reports Compared Rates Reliability Scores Protocols
//	explanation    Explanation Blocks
//	anything else  Table HTML Image
//
// The package computes no metrics: it shows what reports, explanations and training results hold.
package show

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/go-siamese/lab/data/quote"
)

// HTML displays HTML in the notebook; outside of one it does nothing. text says the same in plain words, for front ends
// without HTML and for readers of the file. content is displayed unchanged: escape what comes from data, and use
// neither SVG nor style sheets, which notebooks that are not trusted drop: [Image] shows pictures.
func HTML(text, content string) { Outputs{{Text: quote.Lines(text), HTML: content}}.Display() }

// Image displays a picture in the notebook, one pixel of it for one of CSS; outside of one it does nothing. text says
// what it shows. It returns an error when m is nil or has no pixels.
func Image(text string, m image.Image) error {
	if m == nil || m.Bounds().Empty() {
		return errors.New("image: it has no pixels")
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return fmt.Errorf("image: %w", err)
	}
	one := Output{Text: quote.Lines(text), PNG: b.Bytes(), Width: m.Bounds().Dx(), Height: m.Bounds().Dy()}
	Outputs{one}.Display()
	return nil
}

// Done waits until the notebook has everything that was displayed. Call it at the end of a cell (`defer show.Done()`):
// output that is still on its way when a cell ends is lost. Outside of a notebook it does nothing.
func Done() {
	if gonbui.IsNotebook && !here() { // the lab's kernel has it already
		gonbui.Sync()
	}
}

// Table displays a table; see [TableOutputs].
func Table(caption string, header []string, rows [][]string) {
	TableOutputs(caption, header, rows).Display()
}

// TableOutputs returns a table as HTML and as text: a line of headers and one for each row. The first column is aligned
// left, the others right. Caption and cells are text and are escaped; "" = no caption. Rows may differ in length.
func TableOutputs(caption string, header []string, rows [][]string) Outputs {
	var out Outputs
	out.table(caption, header, rows)
	return out
}
