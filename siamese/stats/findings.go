package stats

import "github.com/go-siamese/lab/siamese/metric"

// enough is the number of units below which intervals are too narrow: a variance from so few has a large error itself,
// and neither the normal quantile nor the bootstrap allows for it.
const enough = 20

// warnings returns the warnings of the embeddings of system s, each message once over its runs, and of the number of
// units.
func (e *evaluation) warnings(s int) metric.Warnings {
	var out metric.Warnings
	seen := map[string]bool{}
	for _, m := range e.systems[s] {
		for _, w := range m.warnings {
			if !seen[w.Message] {
				seen[w.Message] = true
				out = append(out, w)
			}
		}
	}
	first := e.systems[s][0]
	if units := len(first.influence[rocAUC]); units < enough {
		name := "items"
		if e.opt.By == ByClass {
			name = "classes"
		}
		out = append(out, fewUnits(units, name))
	}
	return out
}

// spreadWarnings returns warnings of the resamples: the number that were lost (the most of any defined metric), and the
// number of metrics that do not vary.
func (e *evaluation) spreadWarnings(lost, flat int) metric.Warnings {
	var out metric.Warnings
	if lost > 0 {
		out = append(out, lostResamples(lost, e.opt.Resamples))
	}
	if flat > 0 {
		out = append(out, noSpread(flat))
	}
	return out
}

// lostResamples warns that a metric was undefined in lost of all resamples: a resample can miss a small class.
func lostResamples(lost, all int) metric.Warning {
	return warn(kindLostResample, lost,
		"%d of %d resamples had no positive or no negative pair, or no query to answer, "+
			"and were left out", lost, all)
}

// fewUnits warns that intervals come from fewer than enough units; name is their plural.
func fewUnits(units int, name string) metric.Warning {
	return warn(kindFewUnits, units, "the intervals come from %d %s: with fewer than %d they are too narrow",
		units, name, enough)
}

// noSpread warns that so many metrics have a standard error of 0, such as a Recall@1 of 1 for all queries.
func noSpread(flat int) metric.Warning {
	if flat == 1 {
		return warn(kindNoSpread, flat, "one metric is the same in every resample: its interval has width 0 and means nothing")
	}
	return warn(kindNoSpread, flat,
		"%d metrics are the same in every resample: their intervals have width 0 and mean nothing", flat)
}
