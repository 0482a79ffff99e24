package show

import "github.com/go-siamese/lab/data/describe"

// Describe displays what [describe.Frame] found in a frame.
func Describe(d *describe.Description) { HTML(DescribeHTML(d)) }

// DescribeHTML returns what [Describe] displays.
func DescribeHTML(d *describe.Description) string { return d.HTML() }
