package stats

import "github.com/go-siamese/lab/siamese/metric"

// enough is the number of units below which intervals are too narrow.
const enough = 20

// warnings returns the warnings of the embeddings of a system, each one once, and of the number of units.
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

// spreadWarnings returns warnings of the resamples: how many were lost, and how many metrics do not vary.
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

func lostResamples(lost, rounds int) metric.Warning {
	return warn(kindLostResample, lost,
		"%d of %d resamples had no positive or no negative pair, or no query to answer, "+
			"and were left out", lost, rounds)
}

func fewUnits(units int, name string) metric.Warning {
	return warn(kindFewUnits, units, "the intervals come from %d %s: with fewer than %d they are too narrow",
		units, name, enough)
}

func noSpread(flat int) metric.Warning {
	return warn(kindNoSpread, flat,
		"%d metrics are the same in every resample: their intervals have width 0 and mean nothing", flat)
}
