package loss_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/loss"
)

func TestRelations(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name  string
		args  []any
		build func(in []*Node) loss.Relation
		p, q  []float64
	}{{
		name:  "classes, one not known",
		args:  []any{[]int32{4, -1, 4, 0}},
		build: func(in []*Node) loss.Relation { return loss.FromClasses(in[0], in[0]).WithoutSelf() },
		p:     []float64{0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0},
		q:     []float64{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0},
	}, {
		name:  "unsigned classes",
		args:  []any{[]uint8{200, 200, 7}},
		build: func(in []*Node) loss.Relation { return loss.FromClasses(in[0], in[0]).WithoutSelf() },
		p:     []float64{0, 1, 0, 1, 0, 0, 0, 0, 0},
		q:     []float64{0, 0, 1, 0, 0, 1, 1, 1, 0},
	}, {
		name: "batch and memory, without self",
		args: []any{[]int64{1, 2}, []int64{1, 2, 2, -5}},
		build: func(in []*Node) loss.Relation {
			return loss.FromClasses(in[0], in[1]).WithoutSelf()
		},
		p: []float64{0, 0, 0, 0, 0, 0, 1, 0},
		q: []float64{0, 1, 1, 0, 1, 0, 0, 0},
	}, {
		name:  "centres",
		args:  []any{[]int64{2, 0, -1, 3}},
		build: func(in []*Node) loss.Relation { return loss.ToCentres(in[0], 3) },
		p:     []float64{0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0},
		q:     []float64{1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0},
	}, {
		name:  "labels of pairs",
		args:  []any{[]float64{1, 0, 0.25, -1, nan, 2}},
		build: func(in []*Node) loss.Relation { return loss.FromLabels(in[0], nil) },
		p:     []float64{1, 0, 0.25, 0, 0, 1},
		q:     []float64{0, 1, 0.75, 0, 0, 0},
	}, {
		name:  "labels with weights",
		args:  []any{[]float64{1, 0, 0.25, -1, nan, 1}, []float64{2, 3, 4, 5, 6, 0}},
		build: func(in []*Node) loss.Relation { return loss.FromLabels(in[0], in[1]) },
		p:     []float64{2, 0, 1, 0, 0, 0},
		q:     []float64{0, 3, 3, 0, 0, 0},
	}, {
		name:  "bool labels of all pairs",
		args:  []any{[][]bool{{true, false}, {true, true}}},
		build: func(in []*Node) loss.Relation { return loss.FromLabels(in[0], nil).WithoutSelf() },
		p:     []float64{0, 0, 1, 0},
		q:     []float64{0, 1, 0, 0},
	}, {
		name:  "tags, any in common",
		args:  []any{[][]float32{{1, 1, 0}, {0, 1, 1}, {0, 0, 1}, {0, 0, 0}}},
		build: func(in []*Node) loss.Relation { return loss.FromTags(in[0], in[0], 0).WithoutSelf() },
		p:     []float64{0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0},
		q:     []float64{0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0},
	}, {
		name:  "bool tags, at least a third in common",
		args:  []any{[][]bool{{true, true, false}, {false, true, true}, {true, true, true}}},
		build: func(in []*Node) loss.Relation { return loss.FromTags(in[0], in[0], 1.0/3).WithoutSelf() },
		p:     []float64{0, 1, 1, 1, 0, 1, 1, 1, 0},
		q:     make([]float64, 9),
	}, {
		name:  "tags, at least half in common: less is unknown",
		args:  []any{[][]int32{{1, 1, 0}}, [][]int32{{0, 1, 1}, {1, 1, 1}, {0, 0, 1}}},
		build: func(in []*Node) loss.Relation { return loss.FromTags(in[0], in[1], 0.5) },
		p:     []float64{0, 1, 0},
		q:     []float64{0, 0, 1},
	}, {
		name: "an overlap of exactly the least, 7/13, in spite of rounding",
		args: []any{[][]float32{{1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0}},
			[][]float32{{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}}},
		build: func(in []*Node) loss.Relation { return loss.FromTags(in[0], in[1], 7.0/13) },
		p:     []float64{1},
		q:     []float64{0},
	}, {
		name: "classes with weights",
		args: []any{[]int64{1, 1}, [][]float32{{9, 0.5}, {3, 9}}},
		build: func(in []*Node) loss.Relation {
			return loss.FromClasses(in[0], in[0]).WithoutSelf().Weighted(in[1])
		},
		p: []float64{0, 0.5, 3, 0},
		q: []float64{0, 0, 0, 0},
	}}
	onBackends(t, func(t *testing.T, backend compute.Backend) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				out := run(t, backend, func(in []*Node) []*Node {
					r := test.build(in)
					return []*Node{r.Positive, r.Negative}
				}, test.args...)
				if diff := cmp.Diff(test.p, flat(t, out[0])); diff != "" {
					t.Errorf("positive (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(test.q, flat(t, out[1])); diff != "" {
					t.Errorf("negative (-want +got):\n%s", diff)
				}
			})
		}
	})
}

// TestBadWeights: negative weights and NaN count as 0 in every loss.
func TestBadWeights(t *testing.T) {
	backend, err := openGo()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range loss.Names() {
		k := classTask(t, name, []int{0, 0, 1, 1}, [][]float64{{1, 2}, {2, 1}, {-1, 2}, {-1, -1}})
		for i, w := range []float64{math.NaN(), -3, math.Inf(-1), 0} {
			k.p[i], k.q[i] = 0, 0
			bad := k
			bad.p, bad.q = append([]float64(nil), k.p...), append([]float64(nil), k.q...)
			bad.p[i], bad.q[i] = w, w
			want, got := evaluate[float64](t, backend, k), evaluate[float64](t, backend, bad)
			check(t, near(name, []float64{got.value}, []float64{want.value}, 0))
			check(t, nearRows(name, got.left, want.left, 0))
		}
	}
}
