package stats

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"

	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/provenance"
)

// resamples are the metrics of all systems in every resample: [r][s] are those of resample r and system s. NaN marks
// an undefined metric. All systems see the same drawn items.
type resamples [][][numMetrics]float64

// drawer draws units with replacement, for one goroutine.
type drawer struct {
	seed   uint64
	by     Unit
	class  []int32  // by place
	counts []uint32 // by unit: how often it was drawn last
}

// weights sets out to how often the item at every place is drawn in a resample of so many units. It depends on the seed
// and the number of the resample alone, whichever goroutine draws it.
func (d *drawer) weights(round, units int, out []uint32) {
	rng := rand.New(rand.NewPCG(d.seed, uint64(round)<<16))
	if d.counts == nil {
		d.counts = make([]uint32, units)
	}
	clear(d.counts)
	for range units {
		d.counts[rng.IntN(units)]++
	}
	for place := range out {
		if d.by == ByClass {
			out[place] = d.counts[d.class[place]]
		} else {
			out[place] = d.counts[place]
		}
	}
}

// draw returns the resamples of systems. The metrics of a system of S runs are the means over S runs, drawn with
// replacement too, for each system by itself: the hierarchical bootstrap (Davison and Hinkley 1997, section 3.8).
// Such draws have (S-1)/S of the runs' variance on average, so they are scaled by sqrt(S/(S-1)) around their mean.
//
// opt has its defaults. It takes O(Resamples N^2) time for each run, and no more memory than the metrics and a
// histogram a goroutine. A cancelled context returns its error.
func draw(ctx context.Context, systems [][]*measured, opt Options, progress func(float64)) (resamples, error) {
	first := systems[0][0]
	n, units := len(first.counts), len(first.influence[rocAUC])
	type worker struct {
		drawer
		weight []uint32
		at     []drawn
		hists  map[int]*histogram // by number of bins
	}
	provenance.Seed(opt.Seed)
	out := make(resamples, opt.Resamples)
	workers := make([]*worker, opt.Workers)
	var mu sync.Mutex
	done := 0
	err := parallel.Each(ctx, opt.Resamples, opt.Workers, func(w, round int) error {
		if workers[w] == nil {
			workers[w] = &worker{
				drawer: drawer{seed: opt.Seed, by: opt.By, class: first.class},
				weight: make([]uint32, n), hists: map[int]*histogram{},
			}
		}
		own := workers[w]
		own.weights(round, units, own.weight)
		out[round] = make([][numMetrics]float64, len(systems))
		for s, runs := range systems {
			each := make([][numMetrics]float64, len(runs))
			for k, m := range runs {
				m.retrieve(own.counts, &each[k])
				for f := range numPairMetrics {
					each[k][f] = math.NaN()
				}
				if m.pairs == nil {
					continue
				}
				if own.hists[m.pairs.bins] == nil {
					own.hists[m.pairs.bins] = newHistogram(m.pairs.bins)
				}
				h := own.hists[m.pairs.bins]
				own.at = m.pairs.resample(own.weight, opt.By, own.at, h)
				if binned, ok := h.metrics(m.pairs.cut); ok {
					// Only the change in bins is used: their error is nearly the same in both.
					for f := range binned {
						each[k][f] = m.exact[f] + binned[f] - m.binned[f]
					}
				}
			}
			rng := rand.New(rand.NewPCG(opt.Seed, uint64(round)<<16|uint64(s+1)))
			out[round][s] = meanOfRuns(each, rng)
		}
		mu.Lock()
		defer mu.Unlock()
		done++
		progress(float64(done) / float64(opt.Resamples))
		return nil
	})
	return out, err
}

// retrieve sets the retrieval metrics to first order in how often units are drawn. Ranking the drawn items anew would
// be biased: they hold fewer distinct items, among which the nearest is farther than among as many new ones. counts is
// how often each unit is drawn. Values may leave [0, 1]; the interval is cut to it.
func (m *measured) retrieve(counts []uint32, out *[numMetrics]float64) {
	for f := numPairMetrics; f < numMetrics; f++ {
		out[f] = m.exact[f]
		for u, c := range counts {
			out[f] += (float64(c) - 1) * m.influence[f][u]
		}
	}
}

// meanOfRuns returns the mean metrics of runs drawn with replacement, or those of the only run. A metric that is NaN in
// one run is NaN.
func meanOfRuns(each [][numMetrics]float64, rng *rand.Rand) (out [numMetrics]float64) {
	if len(each) == 1 {
		return each[0]
	}
	s := float64(len(each))
	var mean, picked [numMetrics]float64
	for k := range each {
		at := rng.IntN(len(each))
		for f := range out {
			mean[f] += each[k][f] / s
			picked[f] += each[at][f] / s
		}
	}
	for f := range out {
		out[f] = mean[f] + math.Sqrt(s/(s-1))*(picked[f]-mean[f])
	}
	return out
}
