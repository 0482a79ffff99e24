package stats

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"

	"github.com/go-siamese/lab/siamese/metric"
)

// Run is the result of one training: the embeddings of the items and the threshold frozen on other items. A threshold
// chosen on the same items would make accuracy look better than it is, and no interval here accounts for that.
type Run struct {
	Values    []float32 // N x E numbers, row after row; finite
	Threshold float64   // finite; a pair is accepted if its score is at or above it
	// Mixture makes another similarity of the cosines; nil = none. It is taken as given: intervals do not cover that
	// it might be fitted to these items.
	Mixture metric.Mixture
}

// System is one way of embedding items, with one or more runs: one for every seed it was trained with. The width E may
// differ between systems and runs; the items may not.
type System struct {
	Name string // in reports and errors
	Runs []Run
}

// One returns a system of one run. values is kept, not copied.
func One(name string, values []float32, threshold float64) System {
	return System{Name: name, Runs: []Run{{Values: values, Threshold: threshold}}}
}

// measured holds the metrics and influences of one run on its items, from passes over its pairs.
type measured struct {
	exact   [numMetrics]float64 // by package metric
	defined [numMetrics]bool    // pairs of both kinds, or a query that is not lone
	// By place of the items:
	queries [numQueryMetrics][]float64 // values of the retrieval metrics
	counts  []float64                  // 1, or 0 for a lone query
	class   []int32                    // class number, from 0
	classes int

	binned    [numPairMetrics]float64 // from the bins of pairs
	pairs     *pairBins               // nil without positives or negatives
	influence [numMetrics][]float64   // by unit, with mean 0; all 0 if not defined
	warnings  metric.Warnings         // of the embeddings
}

// measure measures a run in three passes over the pairs: exact metrics with their range of scores, the counts of bins,
// and influences, whose slopes need these counts. opt has its defaults; progress gets the share of the work done.
// Errors are those of [metric.AllPairs] and a threshold that is not finite.
func measure(ctx context.Context, r Run, labels []int32, opt Options, progress func(float64)) (*measured, error) {
	if math.IsNaN(r.Threshold) || math.IsInf(r.Threshold, 0) {
		return nil, fmt.Errorf("the threshold is %v: want the finite score frozen on other items", r.Threshold)
	}
	// Each pass is a third of the progress.
	part := func(k float64) func(float64) { return func(done float64) { progress((k + done) / 3) } }
	result, err := metric.AllPairs(ctx, r.Values, labels, metric.Options{
		Similarity: opt.Similarity, Mixture: r.Mixture, Ks: []int{1}, PerQuery: true, Workers: opt.Workers, Progress: part(0),
		Verification: metric.VerificationOptions{FPRs: []float64{}, Thresholds: []float64{r.Threshold}, Bins: 1},
	})
	if err != nil {
		return nil, err
	}
	rows, err := metric.NewRows(r.Values, labels, opt.Similarity)
	if err != nil {
		return nil, err
	}
	rows.Mixed(r.Mixture)
	m := &measured{warnings: result.AllWarnings()}
	v := result.Verification
	for f, d := range registry {
		m.exact[f] = d.Value(result)
	}
	for f := numPairMetrics; f < numMetrics; f++ {
		m.defined[f] = result.Retrieval.Queries > 0
	}
	m.retrieval(rows, result.Retrieval.PerQuery)
	for f := range numPairMetrics {
		m.defined[f] = v.Positives > 0 && v.Negatives > 0
	}
	// Without positives or without negatives, rankings are all misses or all hits: no reference has an effect on them.
	var pos, neg [numPairMetrics][]float64
	others := make([]*references, opt.Workers)
	if m.defined[rocAUC] {
		m.pairs = newPairBins(rows, v.Histogram.Low, v.Histogram.High, r.Threshold)
		if err := m.pairs.count(ctx, opt.Method != Delta, opt.Workers, part(1)); err != nil {
			return nil, err
		}
		m.binned, _ = m.pairs.all.metrics(m.pairs.cut)
		query := func(w, place int, scores []float32, h *histogram) {
			if others[w] == nil {
				others[w] = newReferences(m.pairs, m, opt.By)
			}
			others[w].query(place, scores, h)
		}
		if pos, neg, err = m.pairs.influence(ctx, opt.Workers, part(2), query); err != nil {
			return nil, err
		}
	}
	m.influences(pos, neg, others, opt.By)
	return m, nil
}

// retrieval stores per-query metrics in the order of places, and the classes of places. per is in the order of items.
func (m *measured) retrieval(rows *metric.Rows, per []metric.QueryMetrics) {
	for place := range rows.N() {
		q := per[rows.Item(place)]
		m.counts = append(m.counts, one(q.R > 0))
		for f := range m.queries {
			m.queries[f] = append(m.queries[f], registry[numPairMetrics+f].query.of(q))
		}
		if a, _ := rows.Class(place); a == place {
			m.classes++
		}
		m.class = append(m.class, int32(m.classes-1))
	}
}

// influences sets the influences of units from those of the items: for a class, the sum over its items, with pairs
// within it counted once. As many units are drawn as there are, so the mean influence is subtracted. It is 0 except
// for average precision by classes, where more weight on all classes makes positives rarer.
func (m *measured) influences(pos, neg [numPairMetrics][]float64, others []*references, by Unit) {
	units := len(m.counts)
	if by == ByClass {
		units = m.classes
	}
	var queries float64
	for _, c := range m.counts {
		queries += c
	}
	for f := range m.influence {
		m.influence[f] = make([]float64, units)
		if !m.defined[f] {
			continue
		}
		for place, c := range m.counts {
			unit, share := place, 1.0
			if by == ByClass {
				unit, share = int(m.class[place]), .5 // both items of a positive pair are in the class
			}
			if f < numPairMetrics {
				m.influence[f][unit] += share*pos[f][place] + neg[f][place]
			} else {
				m.influence[f][unit] += c * (m.queries[f-numPairMetrics][place] - m.exact[f]) / queries
			}
		}
		if f >= numPairMetrics {
			for u := range m.influence[f] {
				var sum int64 // of integers, so the result does not depend on goroutines
				for _, o := range others {
					if o != nil {
						sum += o.effect[f-numPairMetrics][u]
					}
				}
				m.influence[f][u] += float64(sum) / fine / queries
			}
		}
		mean := stat.Mean(m.influence[f], nil)
		for u := range m.influence[f] {
			m.influence[f][u] -= mean
		}
	}
}

// measureAll measures every run of systems, one after another: each uses all goroutines itself. The error names the
// system and the run. No system, or one without runs, is an error.
func measureAll(ctx context.Context, systems []System, labels []int32, opt Options, progress func(float64)) (
	[][]*measured, error,
) {
	if len(systems) == 0 {
		return nil, errors.New("stats: no system")
	}
	runs, done := 0, 0
	for i, s := range systems {
		if len(s.Runs) == 0 {
			return nil, fmt.Errorf("stats: system %d (%q) has no run: want the embeddings of one or more", i, s.Name)
		}
		runs += len(s.Runs)
	}
	out := make([][]*measured, len(systems))
	for i, s := range systems {
		for k, r := range s.Runs {
			m, err := measure(ctx, r, labels, opt, func(p float64) { progress((float64(done) + p) / float64(runs)) })
			if err != nil {
				return nil, fmt.Errorf("stats: system %q, run %d: %w", s.Name, k, err)
			}
			out[i] = append(out[i], m)
			done++
		}
	}
	return out, nil
}
