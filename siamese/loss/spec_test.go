package loss_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/loss"
)

func TestSpecNames(t *testing.T) {
	want := []string{"mse", "contrastive", "contrastive-hinge", "cosine-embedding", "bce", "triplet", "ntxent",
		"supcon", "multi-similarity", "circle", "proxy-anchor", "arcface", "cross-entropy"}
	if diff := cmp.Diff(want, loss.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	for i, name := range loss.Names() {
		spec := mustDefault(t, name)
		if err := spec.Validate(); err != nil {
			t.Errorf("default of %s: %v", name, err)
		}
		if spec.Name != name || spec.NeedsBatch() != (i >= 5) || spec.NeedsCentres() != (i >= 10) {
			t.Errorf("%s: default is called %q, needs batch %v, needs centres %v", name, spec.Name, spec.NeedsBatch(),
				spec.NeedsCentres())
		}
		var back loss.Spec
		if err := json.Unmarshal([]byte(spec.String()), &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(spec, back); diff != "" {
			t.Errorf("through JSON (-want +got):\n%s", diff)
		}
	}
	if _, err := loss.Default("hinge"); err == nil || !strings.Contains(err.Error(), `"hinge"`) ||
		!strings.Contains(err.Error(), "supcon") {
		t.Errorf("an unknown name gives %v", err)
	}
	if unknown := (loss.Spec{Name: "hinge"}); unknown.NeedsBatch() || unknown.NeedsCentres() ||
		unknown.Validate() == nil {
		t.Error("an unknown loss needs something, or is valid")
	}
}

func TestSpecValidate(t *testing.T) {
	tests := []struct {
		name string
		spec loss.Spec
		want []string // the fields with problems
	}{
		{"zero value", loss.Spec{}, []string{"name"}},
		{"no temperature, a number too many", loss.Spec{Name: "supcon", Similarity: loss.Cosine, Margin: 0.2},
			[]string{"margin", "temperature"}},
		{"NaN", loss.Spec{Name: "ntxent", Similarity: loss.Cosine, Temperature: math.NaN()}, []string{"temperature"}},
		{"infinite", loss.Spec{Name: "bce", Similarity: loss.Cosine, Scale: math.Inf(1)}, []string{"scale"}},
		{"wrong kind of similarity", loss.Spec{Name: "circle", Similarity: loss.Euclidean, Scale: 80},
			[]string{"similarity"}},
		{"three problems", loss.Spec{Name: "triplet", Similarity: "l1", Mining: "hard", Margin: -1},
			[]string{"similarity", "mining", "margin"}},
		{"mining without triplets", loss.Spec{Name: "mse", Similarity: loss.Cosine, Mining: loss.MineAll},
			[]string{"mining"}},
		{"margin beyond π", loss.Spec{Name: "arcface", Similarity: loss.Cosine, Margin: 28.6, Scale: 64},
			[]string{"margin"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.spec.Validate()
			if diff := cmp.Diff(test.want, option.Names(err)); diff != "" {
				t.Errorf("problems of fields (-want +got):\n%s%v", diff, err)
			}
		})
	}
}

// TestMisuse: graph functions panic with the shapes, which compiling the graph turns into an error.
func TestMisuse(t *testing.T) {
	backend, err := openGo()
	if err != nil {
		t.Fatal(err)
	}
	supcon, mse := mustDefault(t, "supcon"), mustDefault(t, "mse")
	tests := []struct {
		name  string
		graph func(z, pairs, weights, class *Node) *Node // [4 3], [4], [4 4], [4] integers
		want  []string
	}{
		{"listed pairs for a batch loss", func(z, pairs, _, _ *Node) *Node {
			return loss.Build(supcon, z, z, loss.FromLabels(pairs, nil))
		}, []string{"supcon", "[4]"}},
		{"relation of other items", func(z, _, weights, _ *Node) *Node {
			return loss.Build(mse, Slice(z, AxisRange(0, 3)), z, loss.FromLabels(weights, nil))
		}, []string{"[3, 4]", "[4, 4]"}},
		{"relation without a side", func(_, _, weights, _ *Node) *Node {
			return loss.SupCon(weights, loss.Relation{Positive: weights}, 1)
		}, []string{"Negative"}},
		{"sides of two shapes", func(_, pairs, weights, _ *Node) *Node {
			return loss.MSE(pairs, loss.Relation{Positive: pairs, Negative: weights})
		}, []string{"[4]", "[4, 4]"}},
		{"integer weights", func(_, pairs, _, class *Node) *Node {
			return loss.MSE(pairs, loss.Relation{Positive: class, Negative: class})
		}, []string{"bool or float", "Int64"}},
		{"weights of another shape", func(_, pairs, weights, _ *Node) *Node {
			return loss.MSE(pairs, loss.FromLabels(pairs, weights))
		}, []string{"weight", "[4]", "[4, 4]"}},
		{"classes as floats", func(z, pairs, _, _ *Node) *Node {
			return loss.Build(supcon, z, z, loss.FromClasses(pairs, pairs).WithoutSelf())
		}, []string{"integers", "Float64"}},
		{"no centres", func(z, _, _, class *Node) *Node {
			return loss.ArcFace(z, loss.ToCentres(class, 0), 0.5, 64)
		}, []string{"at least 1"}},
		{"tags of different classes", func(z, _, weights, _ *Node) *Node {
			return loss.MSE(weights, loss.FromTags(z, weights, 0))
		}, []string{"[4, 3]", "[4, 4]"}},
		{"self of listed pairs", func(_, pairs, _, _ *Node) *Node {
			return loss.MSE(pairs, loss.FromLabels(pairs, nil).WithoutSelf())
		}, []string{"rank 2", "[4]"}},
		{"rows of two widths", func(z, _, weights, _ *Node) *Node { return loss.All(loss.Cosine, z, weights) },
			[]string{"[4, 3]", "[4, 4]"}},
		{"rows of two shapes", func(z, _, weights, _ *Node) *Node { return loss.Rows(loss.Cosine, z, weights) },
			[]string{"[4, 3]", "[4, 4]"}},
		{"unknown similarity", func(z, _, _, _ *Node) *Node { return loss.All("l1", z, z) },
			[]string{"l1", "euclidean"}},
		{"unknown similarity of rows", func(z, _, _, _ *Node) *Node { return loss.Rows("l1", z, z) },
			[]string{"l1", "euclidean"}},
		{"unknown mining", func(_, _, weights, _ *Node) *Node {
			return loss.Triplet(weights, loss.FromLabels(weights, nil), 0.2, "hard")
		}, []string{"hard", "batch-hard"}},
		{"batch loss on rank 1", func(_, pairs, _, _ *Node) *Node {
			return loss.Circle(pairs, loss.FromLabels(pairs, nil), 0.4, 80)
		}, []string{"circle", "rank 2", "[4]"}},
		{"bad spec", func(z, _, weights, _ *Node) *Node {
			return loss.Build(loss.Spec{Name: "ntxent", Similarity: loss.Cosine}, z, z, loss.FromLabels(weights, nil))
		}, []string{"ntxent", "temperature"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			exec, err := NewExec(backend, func(in []*Node) *Node { return test.graph(in[0], in[1], in[2], in[3]) })
			if err != nil {
				t.Fatal(err)
			}
			defer exec.Finalize()
			_, err = exec.Call(make4x3(), make([]float64, 4),
				tensors.FromFlatDataAndDimensions(make([]float64, 16), 4, 4), make([]int64, 4))
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error has no %q:\n%.300v", want, err)
				}
			}
		})
	}
}

func make4x3() *tensors.Tensor { return tensors.FromFlatDataAndDimensions(make([]float64, 12), 4, 3) }
