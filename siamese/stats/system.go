package stats

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

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
	// Rows are Values with their labels and the mixture, for callers that look at the pairs themselves and keep their
	// scores ([metric.Rows.Keep]); nil = they are made of Values. They have the labels and the similarity of the call.
	Rows *metric.Rows
}

// System is one way of embedding items, with one or more runs: one for every seed it was trained with. The width E may
// differ between systems and runs; the items may not.
type System struct {
	Name string // in reports and errors
	Runs []Run
	kept *kept // nil = nothing
}

// kept is what [System.Measured] has found.
type kept struct {
	labels     []int32
	similarity metric.Similarity
	by         map[Unit][]*measured // by run
}

// One returns a system of one run. values is kept, not copied.
func One(name string, values []float32, threshold float64) System {
	return System{Name: name, Runs: []Run{{Values: values, Threshold: threshold}}}
}

// Measured returns a copy of s that keeps what intervals by the given units need, some hundred bytes an item, and the
// exact metrics of every run on items with these labels, with K = 1, metrics of every query and one bin. [Intervals]
// and [Compare] of the copy with the method [Delta] and the same labels and similarity take it from there. All units
// share three passes over the pairs of a run. Of opt only Similarity, Workers and Progress are used; errors are those
// of Intervals.
func (s System) Measured(ctx context.Context, labels []int32, opt Options, units ...Unit) (System, []*metric.Result,
	error) {
	opt = Options{Similarity: opt.Similarity, Method: Delta, Workers: opt.Workers, Progress: opt.Progress}
	err := opt.Validate()
	for _, by := range units {
		err = errors.Join(err, Options{By: by}.Validate())
	}
	if err != nil {
		return System{}, nil, err
	}
	if opt, err = opt.withDefaults(len(labels)); err != nil {
		return System{}, nil, err
	}
	k := &kept{labels: labels, similarity: opt.Similarity, by: make(map[Unit][]*measured)}
	var results []*metric.Result
	for i, r := range s.Runs {
		all, result, err := measure(ctx, r, labels, opt, units,
			func(p float64) { opt.Progress((float64(i) + p) / float64(len(s.Runs))) })
		if err != nil {
			return System{}, nil, fmt.Errorf("stats: system %q, run %d: %w", s.Name, i, err)
		}
		for u, by := range units {
			k.by[by] = append(k.by[by], all[u])
		}
		results = append(results, result)
	}
	s.kept = k
	return s, results, nil
}

// measured returns what Measured has found, or nil where that does not serve.
func (s System) measured(labels []int32, opt Options) []*measured {
	if k := s.kept; k != nil && opt.Method == Delta && opt.Similarity == k.similarity && slices.Equal(labels, k.labels) {
		return k.by[opt.By]
	}
	return nil
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
// and influences, whose slopes need these counts. What it returns has the influences of each unit in turn, and shares
// all else. opt has its defaults; progress gets the share of the work done. Errors are those of [metric.AllPairs] and a
// threshold that is not finite.
func measure(ctx context.Context, r Run, labels []int32, opt Options, units []Unit, progress func(float64)) (
	[]*measured, *metric.Result, error) {
	if math.IsNaN(r.Threshold) || math.IsInf(r.Threshold, 0) {
		return nil, nil, fmt.Errorf("the threshold is %v: want the finite score frozen on other items", r.Threshold)
	}
	// Each pass is a third of the progress.
	part := func(k float64) func(float64) { return func(done float64) { progress((k + done) / 3) } }
	rows, err := r.Rows, error(nil)
	if rows == nil {
		if rows, err = metric.NewRows(r.Values, labels, opt.Similarity); err != nil {
			return nil, nil, err
		}
		if err := rows.Mixed(r.Mixture).Keep(ctx, opt.Workers); err != nil {
			return nil, nil, err
		}
	}
	result, err := rows.AllPairs(ctx, metric.Options{
		Ks: []int{1}, PerQuery: true, Workers: opt.Workers, Progress: part(0),
		Verification: metric.VerificationOptions{FPRs: []float64{}, Thresholds: []float64{r.Threshold}, Bins: 1},
	})
	if err != nil {
		return nil, nil, err
	}
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
			return nil, nil, err
		}
		m.binned, _ = m.pairs.all.metrics(m.pairs.cut)
		query := func(w, place int, scores []float32, bins []uint16, h *histogram) {
			if others[w] == nil {
				others[w] = newReferences(m.pairs, m, units)
			}
			others[w].query(place, scores, bins, h)
		}
		if pos, neg, err = m.pairs.influence(ctx, opt.Workers, part(2), query); err != nil {
			return nil, nil, err
		}
		m.pairs.rows = nil // large, and resamples use the bins
		if opt.Method == Delta {
			m.pairs = nil
		}
	}
	var out []*measured
	for _, by := range units {
		one := *m
		one.influences(pos, neg, others, by)
		out = append(out, &one)
	}
	return out, result, nil
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
						sum += o.effect[by][f-numPairMetrics][u]
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

// measureAll measures every run of systems that is not measured, one after another: each uses all goroutines itself.
// The error names the system and the run. No system, or one without runs, is an error.
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
		if out[i] = s.measured(labels, opt); out[i] != nil {
			done += len(s.Runs)
			continue
		}
		for k, r := range s.Runs {
			m, _, err := measure(ctx, r, labels, opt, []Unit{opt.By},
				func(p float64) { progress((float64(done) + p) / float64(runs)) })
			if err != nil {
				return nil, fmt.Errorf("stats: system %q, run %d: %w", s.Name, k, err)
			}
			out[i] = append(out[i], m...)
			done++
		}
	}
	return out, nil
}
