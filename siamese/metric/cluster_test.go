package metric

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// reference holds scikit-learn's metrics; testdata/reference.py makes them.
type reference struct {
	Groupings []struct {
		A, B     []int32
		AMI, NMI float64
	}
	Pairs []struct {
		Score, Weight []float64
		Same          []bool
		AUC           float64 `json:"roc_auc"`
		AP            float64 `json:"average_precision"`
		WeightedAUC   float64 `json:"weighted_roc_auc"`
		WeightedAP    float64 `json:"weighted_average_precision"`
	}
}

func readReference(t *testing.T) (r reference) {
	t.Helper()
	raw, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVerifyAgainstScikitLearn(t *testing.T) {
	for _, p := range readReference(t).Pairs {
		v, err := Verify(p.Score, p.Same, nil, VerificationOptions{})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "ROC-AUC", v.ROCAUC, p.AUC, 1e-12)
		near(t, "average precision", v.Natural.AveragePrecision, p.AP, 1e-12)
		if v, err = Verify(p.Score, p.Same, p.Weight, VerificationOptions{}); err != nil {
			t.Fatal(err)
		}
		near(t, "weighted ROC-AUC", v.ROCAUC, p.WeightedAUC, 1e-12)
		near(t, "weighted average precision", v.Natural.AveragePrecision, p.WeightedAP, 1e-12)
	}
}

func TestAgreeAgainstScikitLearn(t *testing.T) {
	for _, g := range readReference(t).Groupings {
		ami, nmi, err := agree(g.A, g.B)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "AMI", ami, g.AMI, 1e-9)
		near(t, "NMI", nmi, g.NMI, 1e-9)
		swapped, _, err := agree(g.B, g.A)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "AMI with the sides exchanged", swapped, ami, 1e-12)
	}
}

func TestAgreeDegenerate(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b []int32
		ami  float64
		nmi  float64
	}{
		{"empty", nil, nil, 1, 1},
		{"one group each", []int32{1, 1, 1}, []int32{5, 5, 5}, 1, 1},
		{"all apart", []int32{1, 2, 3}, []int32{9, 8, 7}, 1, 1},
		{"renamed", []int32{1, 1, 2, 2, 3}, []int32{7, 7, 0, 0, -4}, 1, 1},
	} {
		ami, nmi, err := agree(c.a, c.b)
		if err != nil {
			t.Fatal(err)
		}
		near(t, c.name+": AMI", ami, c.ami, 1e-12)
		near(t, c.name+": NMI", nmi, c.nmi, 1e-12)
	}
	ami, nmi, err := agree([]int32{1, 1, 2, 2, 3, 3}, []int32{7, 7, 5, 5, 5, 5})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "two groups joined: AMI", ami, .615, 5e-4)
	near(t, "two groups joined: NMI", nmi, .734, 5e-4)
	if _, _, err := agree([]int32{1}, nil); err == nil || !strings.Contains(err.Error(), "1 and 0 items") {
		t.Errorf("lengths: error %v", err)
	}
}

func TestClusterFindsClasses(t *testing.T) {
	ctx := context.Background()
	emb, labels := clusters(3000, 30, 6, .5, 2)
	for _, sim := range []Similarity{Cosine, Euclidean} {
		var first *Clustering
		for _, workers := range []int{1, 3} {
			c, err := Cluster(ctx, emb, labels, ClusteringOptions{Similarity: sim, Seed: 4, Workers: workers})
			if err != nil {
				t.Fatal(err)
			}
			near(t, sim.String()+" AMI", c.AMI, 1, 1e-9)
			if first == nil {
				first = c
			} else if d := cmp.Diff(first, c); d != "" {
				t.Errorf("%v: %d workers change the clusters:\n%s", sim, workers, d)
			}
		}
	}
}

// Every point is with its nearest centre, every centre is the mean of its points, and no single start does better than
// the best of many.
func TestKMeansProperties(t *testing.T) {
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(1, 2))
	for trial := range 30 {
		n, e := 2+rng.IntN(200), 1+rng.IntN(5)
		points := make([]float32, n*e)
		for i := range points {
			points[i] = float32(rng.NormFloat64())
		}
		k := 1 + rng.IntN(min(n, 9))
		opt := ClusteringOptions{K: k, Seed: uint64(trial), UntilStable: true}
		c, err := kMeans(ctx, points, n, opt)
		if err != nil {
			t.Fatal(err)
		}
		var inertia float64
		sums, size := make([]float64, k*e), make([]float64, k)
		for i, a := range c.assign {
			x := points[i*e : (i+1)*e]
			own := squaredDistance(x, c.centres[int(a)*e:(int(a)+1)*e])
			inertia += own
			for j := range k {
				if d := squaredDistance(x, c.centres[j*e:(j+1)*e]); d < own-1e-5 {
					t.Fatalf("trial %d: point %d is %v from its centre, %v from centre %d", trial, i, own, d, j)
				}
			}
			size[a]++
			for j := range x {
				sums[int(a)*e+j] += float64(x[j])
			}
		}
		near(t, "inertia", c.inertia, inertia, 1e-9)
		for i, s := range sums {
			if math.Abs(s/size[i/e]-float64(c.centres[i])) > 1e-5 {
				t.Fatalf("trial %d: centre %d is not the mean of its points", trial, i/e)
			}
		}
		opt.Restarts = 1
		one, err := kMeans(ctx, points, n, opt)
		if err != nil {
			t.Fatal(err)
		}
		if one.inertia < c.inertia {
			t.Errorf("trial %d: one start reaches %v, ten starts from the same seed %v", trial, one.inertia, c.inertia)
		}
	}
}

func TestKMeansDegenerate(t *testing.T) {
	ctx := context.Background()
	same := []float32{1, 1, 1, 1, 1, 1}
	c, err := kMeans(ctx, same, 3, ClusteringOptions{K: 2})
	if err != nil {
		t.Fatal(err)
	}
	if c.inertia != 0 || !c.warnings.Has(EmptyCluster) {
		t.Errorf("equal points: inertia %v, warnings %q", c.inertia, c.warnings.Strings())
	}
	if d := cmp.Diff([]int32{0, 0, 0}, c.assign); d != "" {
		t.Errorf("points between equal centres do not go to the lower number:\n%s", d)
	}
	emb, labels := clusters(500, 4, 9, 2, 1)
	if c, err = kMeans(ctx, emb, 500, ClusteringOptions{K: 9, MaxIterations: 1}); err != nil ||
		!c.warnings.Has(NotConverged) {
		t.Errorf("one iteration: %v, %v", c, err)
	}
	r, err := Cluster(ctx, nil, nil, ClusteringOptions{})
	if err != nil || !r.Warnings.Has(NoItems) {
		t.Errorf("no items: %v, %v", r, err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for _, c := range []struct {
		name string
		run  func() error
		want string
	}{
		{"K", func() error { _, err := kMeans(ctx, same, 3, ClusteringOptions{K: 4}); return err },
			"K is 4 for 3 points"},
		{"options", func() error { _, err := kMeans(ctx, same, 3, ClusteringOptions{K: 1, Restarts: -1}); return err },
			"Restarts -1"},
		{"tolerance", func() error {
			_, err := kMeans(ctx, same, 3, ClusteringOptions{K: 1, Tolerance: -1})
			return err
		}, "Tolerance is -1"},
		{"negative K", func() error {
			_, err := Cluster(ctx, same, []int32{1, 2, 3}, ClusteringOptions{K: -1})
			return err
		}, "K is -1"},
		{"ragged", func() error { _, err := kMeans(ctx, same, 4, ClusteringOptions{K: 1}); return err },
			"6 numbers for 4 points"},
		{"NaN", func() error {
			_, err := kMeans(ctx, []float32{1, float32(math.NaN())}, 2, ClusteringOptions{K: 1})
			return err
		}, "item 1"},
		{"labels", func() error { _, err := Cluster(ctx, same, []int32{1, 2, 3, 4}, ClusteringOptions{}); return err },
			"6 numbers for 4 labels"},
		{"cancelled", func() error { _, err := Cluster(cancelled, emb, labels, ClusteringOptions{}); return err },
			"canceled"},
	} {
		if err := c.run(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not name %q", c.name, err, c.want)
		}
	}
}
