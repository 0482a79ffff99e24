package loss_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/siamese/loss"
)

// golden is testdata/losses.json: values and gradients by pytorch-metric-learning 2.9.0 and PyTorch 2.15.0 in
// float64, of each loss at its params on one batch of 12 items in 4 classes.
type golden struct {
	Embeddings [][]float64
	Labels     []int
	Cases      []struct {
		Loss    string
		Params  map[string]any
		Value   float64
		Grad    [][]float64
		Weights [][]float64
		Layout  string `json:"weights_layout"`
		A, B    [][]float64
		Label   []float64
		Cosine  []float64
	}
}

func readGolden(t *testing.T) golden {
	t.Helper()
	content, err := os.ReadFile("testdata/losses.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(content, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// TestGolden compares with the reference in float64, where nothing is lost, and in float32 (Go backend), relative to
// the largest number: 1e-5 of 135 is less than float32 can tell from 135.
func TestGolden(t *testing.T) {
	g := readGolden(t)
	if len(g.Cases) != 10 {
		t.Fatalf("%d cases in the golden file, want 10", len(g.Cases))
	}
	onBackends(t, func(t *testing.T, backend compute.Backend) {
		for _, c := range g.Cases {
			beside(t, backend, c.Loss, func(t *testing.T) {
				number := func(name string) float64 {
					value, ok := c.Params[name].(float64)
					if !ok {
						t.Fatalf("no parameter %q", name)
					}
					return value
				}
				k := task{left: g.Embeddings}
				k.p, k.q = ofClasses(g.Labels)
				switch c.Loss {
				case "supcon", "ntxent":
					k.spec = loss.Spec{Name: c.Loss, Temperature: number("temperature")}
				case "multi-similarity":
					k.spec = loss.Spec{Name: c.Loss, Alpha: number("alpha"), Beta: number("beta"), Base: number("base")}
				case "circle":
					k.spec = loss.Spec{Name: c.Loss, Margin: number("m"), Scale: number("gamma")}
				case "triplet-l2-all":
					k.spec = loss.Spec{Name: "triplet", Similarity: loss.Euclidean, Normalize: true,
						Mining: loss.MineAll, Margin: number("margin")}
				case "contrastive-cosine":
					k.spec = loss.Spec{Name: "contrastive-hinge", PositiveMargin: number("pos_margin"),
						Margin: number("neg_margin")}
				case "proxy-anchor":
					k.spec = loss.Spec{Name: c.Loss, Margin: number("margin"), Scale: number("alpha")}
				case "arcface":
					k.spec = loss.Spec{Name: c.Loss, Margin: number("margin_degrees") * math.Pi / 180,
						Scale: number("scale")}
				case "mse-on-cosine":
					k.spec = loss.Spec{Name: "mse"}
				case "cosine-embedding":
					k.spec = loss.Spec{Name: c.Loss, Margin: number("margin")}
				default:
					t.Fatalf("what is %q?", c.Loss)
				}
				if k.spec.Similarity == "" {
					k.spec.Similarity = loss.Cosine
				}
				if c.Weights != nil {
					k.right = c.Weights
					if c.Layout == "[embedding][class]" {
						k.right = transpose(c.Weights)
					}
					k.p, k.q = ofCentres(g.Labels, len(k.right))
				}
				if c.Label != nil {
					k.left, k.right, k.listed, k.p, k.q = c.A, c.B, true, c.Label, nil
					for _, y := range c.Label {
						k.q = append(k.q, 1-y)
					}
				}

				check(t, near("oracle's value", []float64{oracle(k)}, []float64{c.Value}, 1e-10))
				got := evaluate[float64](t, backend, k)
				check(t, near("value", []float64{got.value}, []float64{c.Value}, 1e-9))
				if c.Cosine != nil {
					check(t, near("oracle's cosines", similarities(k), c.Cosine, 1e-10))
				}
				if c.Label == nil { // the reference has a gradient
					check(t, nearRows("gradient", got.left, c.Grad, 1e-9))
				}
				if backend.Name() != "go" {
					return // TestFloat32 compares float32 with float64 there
				}
				single := evaluate[float32](t, backend, k)
				check(t, near("float32 value", []float64{single.value}, []float64{c.Value}, 1e-5))
				if c.Label == nil {
					check(t, nearRows("float32 gradient", single.left, c.Grad, 1e-5))
				}
			})
		}
	})
}

func transpose(x [][]float64) [][]float64 {
	out := make([][]float64, len(x[0]))
	for _, row := range x {
		for j, v := range row {
			out[j] = append(out[j], v)
		}
	}
	return out
}
