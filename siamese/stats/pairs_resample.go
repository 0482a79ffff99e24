package stats

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/metric"
)

// pairEvaluation holds systems measured on the same listed pairs, with their resamples.
type pairEvaluation struct {
	opt     Options          // with its defaults; Method is Delta or Percentile
	spread  *pairSpread      // the pairs
	systems []*pairsMeasured // by system
	drawn   resamples        // nil with Delta
}

// newPairEvaluation measures systems on pairs and draws their resamples. BCa is refused: its acceleration comes from
// independent units, and pairs that share items are none.
func newPairEvaluation(ctx context.Context, systems []PairSystem, pairs LabelledPairs, opt PairOptions) (
	*pairEvaluation, error,
) {
	if opt.Method == BCa {
		return nil, fmt.Errorf("stats: Method is %q: want %q or %q for listed pairs", opt.Method, Delta, Percentile)
	}
	full := Options{
		Method: cmp.Or(opt.Method, Delta), Resamples: opt.Resamples, Confidence: opt.Confidence, Seed: opt.Seed,
	}
	if err := full.Validate(); err != nil {
		return nil, err
	}
	full, err := full.withDefaults(0)
	if err != nil {
		return nil, err
	}
	e := &pairEvaluation{opt: full}
	if err := pairs.check(); err != nil {
		return nil, err
	}
	for _, s := range systems {
		m, err := pairs.measure(s)
		if err != nil {
			return nil, err
		}
		e.systems = append(e.systems, m)
	}
	e.spread = pairs.spread()
	if e.opt.Method == Delta {
		return e, ctx.Err()
	}
	return e, e.draw(ctx)
}

// draw fills drawn: items are drawn with replacement, as many as there are, and a pair of items drawn m and n times
// counts m x n times. Every resample has a random stream of its own, so results do not depend on the goroutines.
func (e *pairEvaluation) draw(ctx context.Context) error {
	provenance.Seed(e.opt.Seed)
	items := e.spread.numbers()
	type worker struct {
		counts []uint64 // by item
		hists  []*histogram
	}
	workers := make([]worker, e.opt.Workers)
	e.drawn = make(resamples, e.opt.Resamples)
	err := parallel.Each(ctx, e.opt.Resamples, e.opt.Workers, func(w, round int) error {
		own := &workers[w]
		if own.counts == nil {
			own.counts = make([]uint64, e.spread.most+1)
			for _, m := range e.systems {
				own.hists = append(own.hists, newHistogram(m.bins))
			}
		}
		clear(own.counts)
		// The same draw for all systems, so that what they share cancels in differences.
		rng := rand.New(rand.NewPCG(e.opt.Seed, uint64(round)))
		for range items {
			own.counts[items[rng.IntN(len(items))]]++
		}
		e.drawn[round] = make([][numMetrics]float64, len(e.systems))
		for s, m := range e.systems {
			f, ok := m.resample(e.spread.LabelledPairs, own.counts, own.hists[s])
			for k := range f {
				if !ok {
					f[k] = math.NaN()
				}
				e.drawn[round][s][k] = f[k]
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("stats: resample pairs: %w", err)
	}
	return nil
}

// resample returns the metrics with items counted as often as they are drawn; false without positives or negatives.
func (m *pairsMeasured) resample(p LabelledPairs, counts []uint64, h *histogram) ([numPairMetrics]float64, bool) {
	h.clear()
	for k, part := range m.parts {
		times := counts[p.Left[k]] * counts[p.Right[k]]
		h.pos[m.bin[k]] += times * part[0]
		h.neg[m.bin[k]] += times * part[1]
	}
	return h.metrics(m.cut)
}

// sample returns what the interval of a metric in [low, 1] is computed from: influence is by pair, of(r) is the metric
// in resample r, NaN if undefined.
func (e *pairEvaluation) sample(value, low float64, influence []float64,
	of func([][numMetrics]float64) float64) sample {
	s := sample{value: value, low: low, high: 1, runs: 1, defined: e.systems[0].defined, influence: influence}
	for _, r := range e.drawn {
		if x := of(r); !math.IsNaN(x) {
			s.drawn = append(s.drawn, x)
		} else {
			s.lost++
		}
	}
	return s
}

// interval returns the interval of a sample and its standard error. With Delta the influences are those of pairs that
// share items, so the standard error is that of the spread and not sample.standardError.
func (e *pairEvaluation) interval(s sample) (Interval, float64) {
	if !s.defined || e.opt.Method != Delta {
		return s.interval(e.opt)
	}
	i := Interval{Value: s.value, Confidence: e.opt.Confidence, Method: string(Delta)}
	standardError := e.spread.standardError(s.influence)
	i.Low, i.High = s.normal(standardError, i.Confidence)
	return i, standardError
}

// warnings returns the reasons to doubt the intervals: few items, the number of resamples that were lost, and the
// number of metrics that do not vary.
func (e *pairEvaluation) warnings(lost, flat int) metric.Warnings {
	var out metric.Warnings
	if e.spread.n < enough {
		out = append(out, fewUnits(e.spread.n, "items"))
	}
	if lost > 0 && e.systems[0].defined {
		out = append(out, lostResamples(lost, e.opt.Resamples))
	}
	if flat > 0 {
		out = append(out, noSpread(flat))
	}
	return out
}
