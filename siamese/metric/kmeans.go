package metric

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/go-siamese/lab/data/provenance"
)

// ClusteringOptions are the options of [Cluster]. The zero value is usable.
type ClusteringOptions struct {
	Similarity    Similarity // Cosine clusters unit vectors, others the embeddings themselves
	K             int        // number of clusters, at most that of items; 0 means the number of classes
	Restarts      int        // number of starts; the best one counts. 0 means 10.
	MaxIterations int        // of each start; 0 means 300
	Seed          uint64     // same seed, same items: same clusters
	Workers       int        // goroutines; 0 means one per core. Results do not depend on it.

	// Tolerance ends a start when the inertia falls by less than this share of itself in an iteration; 0 means 1e-4.
	Tolerance   float64
	UntilStable bool // ignore Tolerance: a start ends only when no assignment changes

	// Progress, if not nil, is called after every iteration with the share of starts done (0 to 1).
	Progress func(done float64)
}

// Validate returns every fault of the options for n items at once, or nil.
func (o ClusteringOptions) Validate(n int) error {
	var errs []error
	if o.K < 0 || o.K > n {
		errs = append(errs, fmt.Errorf("metric: K is %d for %d points: want 1 to %d, or 0 (the number of classes)",
			o.K, n, n))
	}
	if o.Restarts < 0 || o.MaxIterations < 0 || o.Workers < 0 || o.Restarts > mostCount ||
		o.MaxIterations > mostCount {
		errs = append(errs,
			fmt.Errorf("metric: Restarts %d, MaxIterations %d, Workers %d: want 0 (the default) or more, at most %d",
				o.Restarts, o.MaxIterations, o.Workers, mostCount))
	}
	if !(o.Tolerance >= 0) {
		errs = append(errs, fmt.Errorf("metric: Tolerance is %v: want 0 (for 1e-4) or more; "+
			"UntilStable runs a start without it", o.Tolerance))
	}
	return errors.Join(errs...)
}

// withDefaults returns valid options with their defaults, but for K, which depends on the labels.
func (o ClusteringOptions) withDefaults() ClusteringOptions {
	if o.Restarts == 0 {
		o.Restarts = 10
	}
	if o.MaxIterations == 0 {
		o.MaxIterations = 300
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-4
	}
	o.Workers = Options{Workers: o.Workers}.withDefaults().Workers
	return o
}

// partition is the outcome of k-means.
type partition struct {
	assign     []int32   // cluster of every point, 0 to K-1
	centres    []float32 // K x E
	inertia    float64   // sum of squared distances of the points to their centres
	iterations int       // of the best start
	warnings   Warnings
}

// kMeans returns clusters of n points (n x E numbers, row after row) by Lloyd's algorithm (1982) from centres drawn
// by k-means++ (Arthur and Vassilvitskii 2007). A point between two centres goes to the lower number. A cluster that
// loses all points starts again at the point farthest from its centre, with a warning. opt.K must be set. Errors are
// those of [Cluster].
//
// Restarts draw from one random stream, one after another, and the first of equally good ones counts, so results are
// the same bits on any number of goroutines. They may differ between kinds of processor, whose dot products
// round differently.
func kMeans(ctx context.Context, points []float32, n int, opt ClusteringOptions) (*partition, error) {
	if n < 1 || len(points) == 0 || len(points)%n != 0 {
		return nil, fmt.Errorf("metric: %d numbers for %d points: want N x E numbers", len(points), n)
	}
	if err := opt.Validate(n); err != nil {
		return nil, err
	}
	opt = opt.withDefaults()
	e := len(points) / n
	s := &lloyd{opt: opt, n: n, e: e, width: roundUp(e, widthMultiple), squares: make([]float64, n)}
	// Padded copies: dot products then take whole vectors, and the caller's points are not touched.
	s.points = make([]float32, n*s.width)
	for i := range n {
		row := points[i*e : (i+1)*e]
		sum, err := squares("points", i, row)
		if err != nil {
			return nil, err
		}
		s.squares[i] = sum
		copy(s.points[i*s.width:], row)
	}
	provenance.Seed(opt.Seed)
	rng := rand.New(rand.NewPCG(opt.Seed, 0x6b6d65616e73)) // "kmeans"
	var best *partition
	for r := range opt.Restarts {
		c, err := s.run(ctx, rng, r)
		if err != nil {
			return nil, err
		}
		if best == nil || c.inertia < best.inertia {
			best = c
		}
	}
	return best, nil
}
