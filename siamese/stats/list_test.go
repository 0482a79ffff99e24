package stats

// list returns the metrics that are there, in the order of the registry.
func (f *Metrics) list() (out []Estimate) {
	for _, m := range registry {
		if x, ok := f.Estimates[m.Key]; ok {
			out = append(out, x)
		}
	}
	return out
}

// list returns the differences that are there, in the order of the registry.
func (c *Comparison) list() (out []Difference) {
	for _, m := range registry {
		if d, ok := c.Differences[m.Key]; ok {
			out = append(out, d)
		}
	}
	return out
}
