package metric

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// agree returns the agreement of two groupings, a and b, that give every item a number: adjusted mutual information
// (AMI) and normalised mutual information (NMI). Both are 1 for groupings that differ only in their numbers, and
// symmetric. Mutual information is divided by the arithmetic mean of both entropies; AMI subtracts its expectation
// under the hypergeometric model from both. Two groupings of one group each, or of no items, agree fully. Lengths
// that differ are an error. It takes O(items x groups) time, for the expectation.
func agree(a, b []int32) (ami, nmi float64, err error) {
	if len(a) != len(b) {
		return 0, 0, fmt.Errorf("metric: groupings of %d and %d items: want the same items", len(a), len(b))
	}
	t := contingency(a, b)
	if len(t.rows) == len(t.cols) && len(t.rows) <= 1 || len(t.rows) == len(a) && len(t.cols) == len(a) {
		return 1, 1, nil // the formulas divide 0 by 0
	}
	mi, mean := t.information(), (entropy(t.rows)+entropy(t.cols))/2
	expected := t.expected()
	bottom := mean - expected // the highest possible mutual information, less the expected one
	// Rounding must not change the sign of a denominator close to 0.
	if bottom < 0 {
		bottom = math.Min(bottom, -0x1p-52)
	} else {
		bottom = math.Max(bottom, 0x1p-52)
	}
	if mean > 0 {
		nmi = math.Max(0, mi/mean)
	}
	return (mi - expected) / bottom, nmi, nil
}

// Clustering is how well clusters found without labels match the classes.
type Clustering struct {
	// AMI is the adjusted mutual information: 0 on average for random clusters (Vinh, Epps and Bailey 2010).
	AMI float64 `json:"ami"`
	// NMI is the normalised mutual information, which is not adjusted and grows with the number of clusters.
	NMI      float64  `json:"nmi"`
	K        int      `json:"k"`       // number of clusters
	Inertia  float64  `json:"inertia"` // sum of squared distances of the items to the centres of their clusters
	Assign   []int32  `json:"assign"`  // cluster of every item, 0 to K-1; the numbers mean nothing
	Warnings Warnings `json:"warnings,omitempty"`
}

// Cluster runs k-means on an embedding matrix (N x E) and compares the clusters with the labels (N). K 0 means the
// number of classes. With Similarity Cosine it clusters unit vectors, otherwise the embeddings themselves. Without
// items the result is zero, with a warning. An iteration takes O(N K E) time.
//
// The error says which option is wrong, which length does not fit or which item is NaN or infinite; a cancelled
// context returns its own error.
func Cluster(ctx context.Context, emb []float32, labels []int32, opt ClusteringOptions) (*Clustering, error) {
	n := len(labels)
	if n == 0 && len(emb) == 0 {
		c := &Clustering{}
		c.Warnings.add(NoItems, 0, "no items: clustering metrics are undefined and set to 0")
		return c, nil
	}
	if n == 0 || len(emb)%n != 0 || len(emb) == 0 {
		return nil, fmt.Errorf("metric: embeddings hold %d numbers for %d labels: want N x E numbers and N labels",
			len(emb), n)
	}
	// As many clusters as classes is the usual choice; a perfect embedding has AMI 1 then.
	if opt.K == 0 {
		classes := slices.Clone(labels)
		slices.Sort(classes)
		opt.K = len(slices.Compact(classes))
	}
	// Other similarities have no k-means of their own: centres are means, which minimise squared distances.
	points := emb
	if opt.Similarity == Cosine {
		var err error
		if points, err = unitRows(emb, n); err != nil {
			return nil, err
		}
	}
	k, err := kMeans(ctx, points, n, opt)
	if err != nil {
		return nil, err
	}
	c := &Clustering{K: opt.K, Inertia: k.inertia, Assign: k.assign, Warnings: k.warnings}
	c.AMI, c.NMI, err = agree(labels, k.assign)
	return c, err
}

// unitRows returns a copy of the n rows of emb at length 1; zero rows stay zero. On unit vectors squared distance is
// 2 - 2 cosine, so k-means clusters by cosine. The error names the item that is not finite.
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
