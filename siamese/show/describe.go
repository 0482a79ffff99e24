package show

import (
	"github.com/go-siamese/lab/data/describe"
	"github.com/go-siamese/lab/data/quote"
)

// Describe displays what [describe.Frame] found in a frame, such as its classes and duplicate items.
//
//	show.Describe(show.Must(describe.Frame(ctx, frame, describe.Options{})))
func Describe(d *describe.Description) { DescribeOutputs(d).Display() }

// DescribeOutputs returns what [Describe] displays: the HTML and the text of the description itself.
func DescribeOutputs(d *describe.Description) Outputs {
	return Outputs{{Text: quote.Lines(d.String()), HTML: d.HTML()}}
}
