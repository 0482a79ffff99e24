package metric

import (
	"fmt"
	"math"
)

// batchMetrics holds the metrics of one batch of queries, under the names of their standard errors: one list of names
// serves both, so that a metric cannot get another one's error.
type batchMetrics struct {
	StandardErrors
	pairs, queries     bool // whether metrics over pairs and over queries are defined
	noPairs, noQueries bool // whether they were left out
}

// metricsOf returns the metrics of a batch's result; opt says which were left out.
func metricsOf(r *Result, opt Options) batchMetrics {
	v, q := r.Verification, r.Retrieval
	b := batchMetrics{
		pairs: v.Positives > 0 && v.Negatives > 0, queries: q.Queries > 0,
		noPairs: opt.NoVerification, noQueries: opt.NoRetrieval,
		StandardErrors: StandardErrors{
			ROCAUC: v.ROCAUC, EER: v.EER, EERThreshold: v.EERThreshold,
			AveragePrecision: v.Natural.AveragePrecision, BestAccuracy: v.Natural.BestAccuracy.Value,
			MAPAtR: q.MAPAtR, RPrecision: q.RPrecision, MRR: q.MRR, RecallAt: q.RecallAt,
		},
	}
	for _, c := range v.At {
		b.At = append(b.At, RateErrors{c.BalancedAccuracy(), c.FPR(), c.FNR()})
	}
	return b
}

// visit calls f for every metric in a fixed order, with whether it is over pairs.
func (e *StandardErrors) visit(f func(pairs bool, value *float64)) {
	for _, v := range []*float64{&e.ROCAUC, &e.EER, &e.EERThreshold, &e.AveragePrecision, &e.BestAccuracy} {
		f(true, v)
	}
	for k := range e.At {
		f(true, &e.At[k].BalancedAccuracy)
		f(true, &e.At[k].FPR)
		f(true, &e.At[k].FNR)
	}
	for _, v := range []*float64{&e.MAPAtR, &e.RPrecision, &e.MRR} {
		f(false, v)
	}
	for k := range e.RecallAt {
		f(false, &e.RecallAt[k].Value)
	}
}

// list returns the metrics in the order of visit, NaN if undefined.
func (b *batchMetrics) list() []float64 {
	var out []float64
	b.visit(func(pairs bool, value *float64) {
		if pairs && !b.pairs || !pairs && !b.queries {
			out = append(out, math.NaN())
			return
		}
		out = append(out, *value)
	})
	return out
}

// spreadOf returns the standard errors of the metrics from their values in batches of queries, so many of n items, and
// how many are missing because the metric is defined in fewer than two batches. There is at least one batch.
func spreadOf(batches []batchMetrics, queries, n int) (out StandardErrors, missing int) {
	lists := make([][]float64, len(batches))
	for k := range batches {
		lists[k] = batches[k].list()
	}
	return errorsOf(batches[0], lists, queries, n)
}

// errorsOf returns the standard errors of the metrics of shape from their values in every batch, in the order of visit:
//
//	sd over the b batches in which the metric is defined / sqrt(b) x sqrt(1 - queries/n)
//
// Without the last factor, the error of a sample of all items would not be 0.
func errorsOf(shape batchMetrics, lists [][]float64, queries, n int) (out StandardErrors, missing int) {
	// Items not drawn are what a sample does not know.
	left := math.Sqrt(1 - float64(queries)/float64(n))
	out.At = append([]RateErrors(nil), shape.At...)
	for _, r := range shape.RecallAt {
		out.RecallAt = append(out.RecallAt, AtK{r.K, 0})
	}
	// Values and errors are visited in one order, so a running number connects them.
	place := 0
	out.visit(func(pairs bool, to *float64) {
		var sum, squares, count float64
		for _, l := range lists {
			if x := l[place]; !math.IsNaN(x) {
				count++
				sum += x
			}
		}
		*to = 0
		switch {
		case pairs && shape.noPairs || !pairs && shape.noQueries:
		case count < 2:
			missing++
		default:
			for _, l := range lists {
				if d := l[place] - sum/count; !math.IsNaN(d) {
					squares += d * d
				}
			}
			*to = math.Sqrt(squares/(count-1)/count) * left
		}
		place++
	})
	return out, missing
}

// Batches returns the number of batches of queries behind the standard errors; 0 if every query was taken. Student's
// quantile for an interval has one degree of freedom less.
func (e *Estimate) Batches() int { return len(e.batches) }

// DifferenceErrors returns the standard errors of the differences of e from another estimate with the same queries,
// from the differences batch by batch: variation shared by both cancels. They are 0 if every query was taken.
// Estimates with other numbers of items, queries, batches, thresholds or K are an error; that both had the same seed
// is up to the caller.
func (e *Estimate) DifferenceErrors(from *Estimate) (StandardErrors, error) {
	a, b := from, e
	if a.Sampled != b.Sampled || a.References != b.References || len(a.batches) != len(b.batches) {
		return StandardErrors{}, fmt.Errorf("metric: estimates from %d of %d queries in %d batches, "+
			"and from %d of %d in %d: want as many",
			a.Sampled, a.References, len(a.batches), b.Sampled, b.References, len(b.batches))
	}
	if len(b.batches) == 0 {
		return StandardErrors{}, nil
	}
	// NaN in either is NaN in the difference, so a metric counts in batches that define it for both.
	lists := make([][]float64, len(b.batches))
	for k := range lists {
		one, other := a.batches[k].list(), b.batches[k].list()
		if len(one) != len(other) {
			return StandardErrors{},
				fmt.Errorf("metric: estimates of %d and of %d metrics: want the same thresholds and K",
					len(one), len(other))
		}
		for i, x := range other {
			lists[k] = append(lists[k], x-one[i])
		}
	}
	out, _ := errorsOf(b.batches[0], lists, b.Sampled, b.References)
	return out, nil
}
