package metric

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
)

// KMeansOptions says how k-means runs. K must be set; 0 elsewhere means the default.
type KMeansOptions struct {
	K             int     // number of clusters, from 1 to the number of points
	Restarts      int     // how often it starts anew; the best run counts. 0 means 10.
	MaxIterations int     // of each run; 0 means 300
	Tolerance     float64 // a run ends when the inertia falls by less than this share of it; 0 means 1e-4, negative means never before assignments stay
	Seed          uint64  // same seed, same points: same clusters
	Workers       int     // goroutines; 0 means one per core. Results do not depend on it.

	// Progress, where not nil, is called after every iteration with the share of restarts done (0 to 1).
	Progress func(done float64)
}

// Validate returns every fault of the options at once, or nil; n is the number of points.
func (o KMeansOptions) Validate(n int) error {
	var errs []error
	if o.K < 1 || o.K > n {
		errs = append(errs, fmt.Errorf("metric: K is %d for %d points: want 1 to %d", o.K, n, n))
	}
	if o.Restarts < 0 || o.MaxIterations < 0 || o.Workers < 0 {
		errs = append(errs, fmt.Errorf("metric: Restarts %d, MaxIterations %d, Workers %d: want 0 (the default) or more", o.Restarts, o.MaxIterations, o.Workers))
	}
	if math.IsNaN(o.Tolerance) {
		errs = append(errs, errors.New("metric: Tolerance is NaN"))
	}
	return errors.Join(errs...)
}

func (o KMeansOptions) withDefaults() KMeansOptions {
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

// Clusters is the outcome of k-means.
type Clusters struct {
	Assign     []int32   `json:"assign"`     // cluster of every point, 0 to K-1
	Centres    []float32 `json:"centres"`    // K x E
	Inertia    float64   `json:"inertia"`    // sum of squared distances of the points to their centres
	Iterations int       `json:"iterations"` // of the best run
	Warnings   Warnings  `json:"warnings,omitempty"`
}

// KMeans returns clusters of n points (N x E numbers row after row) by Lloyd's algorithm (1982) from centres drawn by
// k-means++ (Arthur and Vassilvitskii 2007). A point between two centres goes to the lower number. A cluster that loses
// all points starts again at the point farthest from its centre, with a warning.
//
// The error says which option is wrong, which length does not fit or which point is NaN or infinite; a cancelled context
// gives its error.
func KMeans(ctx context.Context, points []float32, n int, opt KMeansOptions) (*Clusters, error) {
	if n < 1 || len(points) == 0 || len(points)%n != 0 {
		return nil, fmt.Errorf("metric: %d numbers for %d points: want N x E numbers", len(points), n)
	}
	if err := opt.Validate(n); err != nil {
		return nil, err
	}
	opt = opt.withDefaults()
	e := len(points) / n
	s := &lloyd{opt: opt, n: n, e: e, width: roundUp(e, widthMultiple), squares: make([]float64, n)}
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
	rng := rand.New(rand.NewPCG(opt.Seed, 0x6b6d65616e73)) // "kmeans"
	var best *Clusters
	for r := range opt.Restarts {
		c, err := s.run(ctx, rng, r)
		if err != nil {
			return nil, err
		}
		if best == nil || c.Inertia < best.Inertia {
			best = c
		}
	}
	return best, nil
}
