package describe

import (
	"fmt"
	"strings"
)

// String returns a line on the block: "hog: 1764 columns (12 constant), from 0 to 0.82, mean 0.05, std 0.08".
func (b BlockStats) String() string {
	return fmt.Sprintf("%s: %s%s, from %.4g to %.4g, mean %.4g, std %.4g", named(b.Name), counted(b.Columns, "column"),
		inBrackets(count{b.Constant, "constant"}, count{b.Repeated, "repeated"}, count{b.Missing, "values missing"},
			count{b.Infinite, "infinite"}, count{b.Outliers, "outliers"}), b.Min, b.Max, b.Mean, b.Std)
}

// String returns a line on the column: its range, quartiles, mean and standard deviation, and what is wrong with it.
func (c ColumnStats) String() string {
	text := fmt.Sprintf("%s: from %.4g to %.4g, quartiles %.4g, %.4g and %.4g, mean %.4g, std %.4g", named(c.Name),
		c.Min, c.Max, c.Q1, c.Median, c.Q3, c.Mean, c.Std)
	if c.Outliers > 0 {
		text += ", " + counted(c.Outliers, "outlier")
	}
	if what := c.trouble(); what != "" {
		text += ", " + clean(what)
	}
	return text
}

// String returns "0.98 in column "hog/3" of item "a", 5.2 spreads out".
func (o Outlier) String() string {
	return fmt.Sprintf("%.4g in column %s of item %s, %.4g spreads out", o.Value, named(o.Column), named(o.ID),
		o.Distance)
}

// String returns "item "a", an outlier in 12 columns".
func (i ItemCount) String() string {
	return fmt.Sprintf("item %s, an outlier in %s", named(i.ID), counted(i.Columns, "column"))
}

// String returns "class "boot" with 1000 items", and of how many domains where there are any.
func (c ClassStats) String() string {
	text := fmt.Sprintf("class %s with %s", named(c.Name), counted(c.Items, "item"))
	if c.Domains > 0 {
		text += " of " + counted(c.Domains, "domain")
	}
	return text
}

// String returns "domain "digits" with 10000 items of 10 classes", and how many of them have no label.
func (d DomainStats) String() string {
	return fmt.Sprintf("domain %s with %s of %s%s", named(d.Name), counted(d.Items, "item"),
		plural(d.Classes, "1 class", fmt.Sprintf("%d classes", d.Classes)),
		inBrackets(count{d.Unlabelled, "without a label"}))
}

// count is a number of something.
type count struct {
	k    int
	what string
}

// inBrackets lists the counts that are not 0 in brackets, after a blank; "" where all are.
func inBrackets(counts ...count) string {
	var parts []string
	for _, c := range counts {
		if c.k > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.k, c.what))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
