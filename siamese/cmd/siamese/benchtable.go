package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// table returns the measurements as a Markdown table with notes below it: what was measured and how, versions, the
// machine, and what failed. machine and versions are texts as [machine] and versions return them. Columns "by the best
// peer" divide by the peer with the highest median of that task; "share of the limit" divides by the pairs per second
// that the matrix products alone would allow.
func (b *bench) table(rows []*tableRow, machine, versions string) string {
	var bestTrain, bestEmbed, limit []float64
	// gflops are of the large product that the limit was computed from; its median is printed beside the limit.
	var gflops float64
	for _, c := range rows {
		switch {
		case c.name == sgemmName:
			limit, gflops = c.train, median(c.gflops)
		case slices.Contains(peerNames, c.name):
			// The best peer may be another one for each task.
			if median(c.train) > median(bestTrain) {
				bestTrain = c.train
			}
			if median(c.embed) > median(bestEmbed) {
				bestEmbed = c.embed
			}
		}
	}
	var out strings.Builder
	out.WriteString("| | training, pairs/s | by the best peer | share of the limit | embedding, items/s | " +
		"by the best peer |\n| --- | --- | --- | --- | --- | --- |\n")
	var failed []string
	for _, c := range rows {
		// The row itself shows the rounds before the failure, or "not measured".
		if c.failed != "" {
			failed = append(failed, fmt.Sprintf("%s failed at least once: %s", c.name, c.failed))
		}
		if c.name == sgemmName {
			continue
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s |\n", c.name, medianAndRange(c.train),
			ratio(c.train, bestTrain), ratio(c.train, limit),
			medianAndRange(c.embed), ratio(c.embed, bestEmbed))
	}
	fmt.Fprintf(&out, "\nMedians (and ranges) of %d rounds of %g seconds or more, each in its own process, in turn; "+
		"compilation not counted.\nRatios are medians of the ratios within rounds.\n", b.rounds, b.seconds)
	fmt.Fprintf(&out, "Matrix products of training: %s; all else: float32.\n", b.precision)
	if len(limit) > 0 {
		fmt.Fprintf(&out,
			"The limit is %.0f pairs/s: what the matrix products alone take at the %.0f GFLOP/s of a large product.\n",
			median(limit), gflops)
	}
	if versions != "" {
		fmt.Fprintf(&out, "Peers: %s.\n", versions)
	}
	fmt.Fprintf(&out, "Machine: %s.\n", machine)
	// Failures come last, whole: a table that hid them would flatter.
	for _, f := range failed {
		fmt.Fprintf(&out, "%s\n", f)
	}
	return out.String()
}

// median returns the median, the mean of the two middle values for an even number, and 0 of nothing.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// medianAndRange returns the median with the least and the largest value in parentheses.
func medianAndRange(values []float64) string {
	if len(values) == 0 {
		return "not measured"
	}
	return fmt.Sprintf("%.0f (%.0f–%.0f)", median(values), slices.Min(values), slices.Max(values))
}

// ratio returns the median over rounds of values[i] / by[i], with two digits; "" where either has none. Ratios within a
// round rather than of medians: what slows the machine for a while slows both. Where one has fewer rounds, it failed
// after them, so that the rounds that both have are the first ones.
func ratio(values, by []float64) string {
	n := min(len(values), len(by))
	if n == 0 {
		return ""
	}
	ratios := make([]float64, n)
	for i := range ratios {
		ratios[i] = values[i] / by[i]
	}
	return fmt.Sprintf("%.2f", median(ratios))
}

// machine returns a line about this machine: processor, cores, system, and the load average of the last minute. What
// cannot be read (other systems than Linux have no /proc) is replaced by less.
func machine() string {
	model := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	load := "load not known"
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		if fields := strings.Fields(string(text)); len(fields) > 0 {
			load = "load " + fields[0] + " before"
		}
	}
	return fmt.Sprintf("%s, %d cores, %s/%s, %s", model, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, load)
}
