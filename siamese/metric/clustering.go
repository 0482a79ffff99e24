package metric

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Agreement says how far two groupings of the same items agree. Both figures are 1 for groupings that are the same up to
// their numbers, and both are symmetric.
type Agreement struct {
	AMI float64 `json:"ami"` // adjusted mutual information: 0 on average for random groupings (Vinh, Epps and Bailey 2010)
	NMI float64 `json:"nmi"` // normalised mutual information; not adjusted, so it grows with the number of groups
}

// Agree returns the agreement of two groupings, a and b, that give every item a number. Mutual information is divided by
// the arithmetic mean of both entropies; AMI takes its expectation under the hypergeometric model off both. Two groupings
// of one group each, or of no items, agree fully. The error says that their lengths differ.
func Agree(a, b []int32) (Agreement, error) {
	if len(a) != len(b) {
		return Agreement{}, fmt.Errorf("metric: groupings of %d and %d items: want the same items", len(a), len(b))
	}
	t := contingency(a, b)
	if len(t.rows) == len(t.cols) && len(t.rows) <= 1 || len(t.rows) == len(a) && len(t.cols) == len(a) {
		return Agreement{1, 1}, nil // the formulas divide 0 by 0
	}
	mi, mean := t.information(), (entropy(t.rows)+entropy(t.cols))/2
	expected := t.expected()
	bottom := mean - expected
	// Rounding must not turn a bottom of nearly 0 around.
	if bottom < 0 {
		bottom = math.Min(bottom, -0x1p-52)
	} else {
		bottom = math.Max(bottom, 0x1p-52)
	}
	g := Agreement{AMI: (mi - expected) / bottom}
	if mean > 0 {
		g.NMI = math.Max(0, mi/mean)
	}
	return g, nil
}

// ClusteringOptions says how Clustering runs. The zero value is usable.
type ClusteringOptions struct {
	KMeans     KMeansOptions // K 0 means the number of classes
	Similarity Similarity    // Cosine clusters unit vectors, others the embeddings as they are
}

// Clustering is how well clusters found without labels match the classes.
type Clustering struct {
	Agreement
	K        int      `json:"k"`
	Inertia  float64  `json:"inertia"`
	Assign   []int32  `json:"assign"` // cluster of every item
	Warnings Warnings `json:"warnings,omitempty"`
}

// Cluster returns the agreement of k-means clusters of an embedding matrix (N x E) with its labels (N). Errors are those of
// KMeans. Without items the result is zero, with a warning.
func Cluster(ctx context.Context, emb []float32, labels []int32, opt ClusteringOptions) (*Clustering, error) {
	n := len(labels)
	if n == 0 && len(emb) == 0 {
		c := &Clustering{}
		c.Warnings.add(NoItems, 0, "no items: clustering figures are undefined and stand at 0")
		return c, nil
	}
	if n == 0 || len(emb)%n != 0 || len(emb) == 0 {
		return nil, fmt.Errorf("metric: embeddings hold %d numbers for %d labels: want N x E numbers and N labels", len(emb), n)
	}
	if opt.KMeans.K == 0 {
		classes := slices.Clone(labels)
		slices.Sort(classes)
		opt.KMeans.K = len(slices.Compact(classes))
	}
	points := emb
	if opt.Similarity == Cosine {
		var err error
		if points, err = unitRows(emb, n); err != nil {
			return nil, err
		}
	}
	k, err := KMeans(ctx, points, n, opt.KMeans)
	if err != nil {
		return nil, err
	}
	a, err := Agree(labels, k.Assign)
	return &Clustering{Agreement: a, K: opt.KMeans.K, Inertia: k.Inertia, Assign: k.Assign, Warnings: k.Warnings}, err
}

// unitRows returns the rows of emb at length 1; zero rows stay zero.
func unitRows(emb []float32, n int) ([]float32, error) {
	e := len(emb) / n
	out := make([]float32, len(emb))
	for i := range n {
		row := emb[i*e : (i+1)*e]
		sum, err := squares("embeddings", i, row)
		if err != nil {
			return nil, err
		}
		if sum == 0 {
			continue
		}
		for j, x := range row {
			out[i*e+j] = float32(float64(x) / math.Sqrt(sum))
		}
	}
	return out, nil
}
