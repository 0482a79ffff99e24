package metric

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/provenance"
)

// EstimateOptions are the options of [EstimatePairs]. The zero value is usable.
type EstimateOptions struct {
	Options // Hardest and PerQuery are not used
	// Standard errors fall as 1/sqrt(Queries), and time grows as Queries.
	Queries int // items drawn as queries; 0 means 2,000, more than there are means all
	// More batches give better standard errors, until metrics are undefined in small ones.
	Batches int    // parts of the sample, whose variation gives the standard errors; 0 means 20
	Seed    uint64 // same seed, same items: same estimate
}

// Estimate is a result from a sample of queries, with standard errors. [EstimatePairs] makes it. Read from JSON it has
// no batches, so [Estimate.DifferenceErrors] cannot compare it.
type Estimate struct {
	Result
	Sampled int            `json:"sampled"` // queries drawn
	Errors  StandardErrors `json:"standard_errors"`

	batches []batchMetrics // nil if every query was taken
}

// StandardErrors are the standard errors of the estimates of the same names. An error of 0 means that every query was
// taken, or that the metric is undefined in nearly every batch; the latter with a warning.
type StandardErrors struct {
	ROCAUC           float64 `json:"roc_auc"`
	EER              float64 `json:"eer"`
	EERThreshold     float64 `json:"eer_threshold"`
	AveragePrecision float64 `json:"average_precision"` // at natural prevalence
	BestAccuracy     float64 `json:"best_accuracy"`     // at natural prevalence

	At []RateErrors `json:"at,omitempty"` // at each of VerificationOptions.Thresholds, in their order

	MAPAtR     float64 `json:"map_at_r"`
	RPrecision float64 `json:"r_precision"`
	MRR        float64 `json:"mrr"`
	RecallAt   []AtK   `json:"recall_at"` // by K of the options, in their order
}

// RateErrors are the standard errors of the metrics at a threshold.
type RateErrors struct {
	BalancedAccuracy float64 `json:"balanced_accuracy"`
	FPR              float64 `json:"fpr"`
	FNR              float64 `json:"fnr"`
}

// EstimatePairs estimates the metrics of AllPairs from a random sample of queries, drawn without replacement, each
// compared with all N items: its time grows as Queries x N x E instead of N^2 E. The pairs are an unbiased sample of
// all ordered pairs, with the same prevalence.
//
// Pairs that share a query are not independent, so standard errors come from whole queries: they are assigned to
// batches, every metric is computed in each, and its error is the standard deviation over batches / sqrt(Batches),
// times sqrt(1 - Queries/N) for drawing without replacement (Cochran 1977, chapter 2). It covers the difference from
// the metric over these N items, not from that of other items.
//
// Arguments and errors are otherwise those of AllPairs. Fewer than two queries a batch are an error unless all are
// taken. If all are, the result is that of AllPairs, exact, with standard errors of 0 and no batches.
func EstimatePairs(ctx context.Context, emb []float32, labels []int32, opt EstimateOptions) (*Estimate, error) {
	opt, err := opt.filled(len(labels))
	if err != nil {
		return nil, err
	}
	// All queries: exact, and without the cost of batches.
	if opt.Queries >= len(labels) {
		r, err := AllPairs(ctx, emb, labels, opt.Options)
		if err != nil {
			return nil, err
		}
		return &Estimate{Result: *r, Sampled: len(labels)}, nil
	}
	m, err := newMatrix("embeddings", emb, labels, opt.Similarity)
	if err != nil {
		return nil, err
	}
	s := &sampler{o: newOperands(m, m, true, opt.Similarity).mix(opt.Mixture), opt: opt}
	return s.run(ctx)
}

// filled returns the options with their defaults for n items, or all that is wrong with them.
func (opt EstimateOptions) filled(n int) (EstimateOptions, error) {
	if opt.Queries == 0 {
		opt.Queries = 2000
	}
	if opt.Batches == 0 {
		opt.Batches = 20
	}
	opt.Hardest, opt.PerQuery = 0, false
	// A variance needs two batches, and a batch with one query may well have no positive pair.
	errs := []error{opt.Validate()}
	if opt.Queries < 0 || opt.Batches < 2 {
		errs = append(errs,
			fmt.Errorf("metric: Queries %d, Batches %d: want 0 (the default) or more queries and at least "+
				"2 batches", opt.Queries, opt.Batches))
	} else if opt.Queries < n && opt.Queries < 2*opt.Batches {
		errs = append(errs, fmt.Errorf("metric: %d queries in %d batches: want at least two a batch",
			opt.Queries, opt.Batches))
	}
	return opt, errors.Join(errs...)
}

// sampler is the state of EstimatePairs.
type sampler struct {
	o       *operands // all items on both sides
	opt     EstimateOptions
	batches []*Result
	pooled  tally // of the pairs of all batches; nil without verification

	mu   sync.Mutex // guards the rest and the calls of Progress
	pos  int64      // pairs of all batches
	neg  int64
	done int // batches
}

// run computes the batches and the estimate.
func (s *sampler) run(ctx context.Context) (*Estimate, error) {
	n, q, b := s.o.left.n, s.opt.Queries, s.opt.Batches
	drawn := s.draw()
	// Batches small enough to be listed run concurrently, others one after another on all goroutines.
	across, within := s.opt.withDefaults().Workers, 1
	if int64(q/b+1)*int64(n) > listLimit {
		across, within = 1, across
	}
	err := parallel.Each(ctx, b, across, func(_, i int) error { return s.batch(ctx, drawn[i], i, within) })
	if err != nil {
		return nil, err
	}
	return s.estimate(), nil
}

// draw draws the queries and returns their places by batch, in rising order.
func (s *sampler) draw() [][]int32 {
	// Places are drawn, not items; a random permutation of either is a random permutation of the other.
	n, q, b := s.o.left.n, s.opt.Queries, s.opt.Batches
	provenance.Seed(s.opt.Seed)
	drawn := rand.New(rand.NewPCG(s.opt.Seed, 0x7061697273)).Perm(n)[:q] // "pairs"
	if !s.opt.NoVerification {
		s.pooled = newTally(0, int64(q)*int64(n))
	}
	s.batches = make([]*Result, b)
	out := make([][]int32, b)
	for i := range out {
		for _, p := range drawn[i*q/b : (i+1)*q/b] {
			out[i] = append(out[i], int32(p))
		}
		slices.Sort(out[i])
	}
	return out
}

// estimate returns the metrics of all batches, which have run. Metrics over pairs come from all pairs together, not as
// a mean over batches: EER and average precision are not linear, and their means over small batches would be biased.
func (s *sampler) estimate() *Estimate {
	e := &Estimate{Sampled: s.opt.Queries}
	e.Queries, e.References, e.Similarity = e.Sampled, s.o.left.n, s.opt.Similarity.String()
	whole := &comparison{operands: s.o, opt: s.opt.Options}
	whole.warnZero(&e.Result)
	// Every batch has counted its pairs in pooled too.
	if s.pooled != nil {
		opt := s.opt.Verification.withDefaults()
		e.Verification = verifyTally(s.pooled, s.o.unit, float64(s.pos), float64(s.neg), opt)
	}
	if !s.opt.NoRetrieval {
		var per []QueryMetrics
		for _, r := range s.batches {
			per = append(per, r.Retrieval.PerQuery...)
		}
		e.Retrieval = average(per, s.opt.withDefaults().Ks)
	}
	s.spread(e)
	return e
}

// batch compares the items at the given places, in rising order, with all items, as batch i. Pairs are counted twice,
// for the batch and in pooled.
func (s *sampler) batch(ctx context.Context, at []int32, i, workers int) error {
	c := s.comparison(s.o.rows(at), workers, false)
	r, err := c.run(ctx)
	if err != nil {
		return err
	}
	s.add(c, i, r)
	return nil
}

// comparison returns that of a batch, o, with all items; untallied leaves its tally to the caller.
func (s *sampler) comparison(o *operands, workers int, untallied bool) *comparison {
	// Metrics of single queries are kept for the means over all batches.
	opt := s.opt.Options
	opt.PerQuery, opt.Workers, opt.Progress = true, workers, nil
	opt.NoVerification = opt.NoVerification || untallied
	c := newComparison(o, ordered, opt)
	c.pooled = s.pooled
	return c
}

// add takes the result r of batch i.
func (s *sampler) add(c *comparison, i int, r *Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches[i] = r
	s.pos, s.neg = s.pos+c.pos, s.neg+c.neg
	if s.done++; s.opt.Progress != nil {
		s.opt.Progress(float64(s.done) / float64(s.opt.Batches))
	}
}

// spread sets the standard errors of e from the batches, and warns of those that are unknown.
func (s *sampler) spread(e *Estimate) {
	for _, r := range s.batches {
		e.batches = append(e.batches, metricsOf(r, s.opt.Options))
	}
	var missing int
	if e.Errors, missing = spreadOf(e.batches, e.Sampled, e.References); missing > 0 {
		e.Warnings.add(NoError, missing, "%d metrics are undefined in nearly every batch: "+
			"their standard errors are set to 0; draw more queries", missing)
	}
}
