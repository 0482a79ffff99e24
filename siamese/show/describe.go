package show

import "github.com/go-siamese/lab/data/describe"

// Describe displays what [describe.Frame] found in a frame, such as its classes and duplicate items.
//
//	show.Describe(show.Must(describe.Frame(ctx, frame, describe.Options{})))
func Describe(d *describe.Description) { HTML(DescribeHTML(d)) }

// DescribeHTML returns what [Describe] displays: the HTML of the description itself.
func DescribeHTML(d *describe.Description) string { return d.HTML() }
