package show

import "github.com/go-siamese/lab/data"

// Describe displays what [data.Describe] found in a frame.
func Describe(d *data.Description) { HTML(DescribeHTML(d)) }

// DescribeHTML returns what [Describe] displays.
func DescribeHTML(d *data.Description) string { return d.HTML() }
