package loss_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	gomlx "github.com/gomlx/gomlx/ml/train/loss"

	"github.com/go-siamese/lab/siamese/loss"
)

// TestGoMLXTriplet checks what the documentation of Triplet says of GoMLX's TripletLoss, so that it can be
// used instead once it is no longer so.
func TestGoMLXTriplet(t *testing.T) {
	const margin = 0.3
	class := []int64{0, 0, 0, 1, 1, 2}
	z := randomRows(rand.New(rand.NewPCG(1, 3)), 6, 4)
	backend, err := openGo()
	if err != nil {
		t.Fatal(err)
	}
	theirs := func(z [][]float64, mining gomlx.TripletMiningStrategy, metric gomlx.PairwiseDistanceMetric) float64 {
		return flat(t, run(t, backend, func(in []*Node) []*Node {
			return []*Node{gomlx.TripletLoss([]*Node{in[1]}, []*Node{in[0]}, mining, margin, metric)}
		}, tensorOf[float64](z), tensors.FromValue(class))[0])[0]
	}
	own := func(mining loss.Mining) float64 {
		k := classTask(t, "triplet", []int{0, 0, 0, 1, 1, 2}, z)
		k.spec.Similarity, k.spec.Margin, k.spec.Mining = loss.Euclidean, margin, mining
		return evaluate[float64](t, backend, k).value
	}

	// All: the mean over all 20 triplets, not over those that violate the margin.
	sum, count, violations := 0.0, 0.0, 0.0
	for i := range z {
		for j := range z {
			for k := range z {
				if i == j || class[i] != class[j] || class[i] == class[k] {
					continue
				}
				spec := loss.Spec{Similarity: loss.Euclidean}
				violation := max(0, similarity(spec, z[i], z[k])-similarity(spec, z[i], z[j])+margin)
				sum += violation
				count++
				violations += indicator(violation > 0)
			}
		}
	}
	if count == violations {
		t.Fatal("every triplet violates the margin: this tests nothing")
	}
	all := theirs(z, gomlx.TripletMiningStrategyAll, gomlx.PairwiseDistanceMetricL2)
	check(t, near("GoMLX, all", []float64{all}, []float64{sum / count}, 1e-6))
	check(t, near("all", []float64{own(loss.MineAll)}, []float64{sum / violations}, 1e-10))

	// Semi-hard: another choice of triplets.
	semi := theirs(z, gomlx.TripletMiningStrategySemiHard, gomlx.PairwiseDistanceMetricL2)
	if math.Abs(semi-own(loss.MineSemiHard)) < 1e-3 {
		t.Errorf("GoMLX's semi-hard agrees now: %v", semi)
	}

	// A zero row: NaN.
	clear(z[1])
	if cosine := theirs(z, gomlx.TripletMiningStrategyAll, gomlx.PairwiseDistanceMetricCosine); !math.IsNaN(cosine) {
		t.Errorf("GoMLX's cosine of a zero row gives %v now", cosine)
	}
}

// TestGoMLXWeights: MSE and BCE are GoMLX's, but a weighted mean rather than a mean of weighted terms.
func TestGoMLXWeights(t *testing.T) {
	onBackends(t, func(t *testing.T, backend compute.Backend) {
		s, y, w := []float64{0.2, 0.9, -0.3}, []float64{0, 1, 0.5}, []float64{3, 1, 2}
		out := run(t, backend, func(in []*Node) []*Node {
			s, y, w := in[0], in[1], in[2]
			return []*Node{
				loss.MSE(s, loss.FromLabels(y, w)), gomlx.MeanSquaredError([]*Node{y, w}, []*Node{s}),
				loss.BCE(s, loss.FromLabels(y, w), 1, 0), gomlx.BinaryCrossentropyLogits([]*Node{y, w}, []*Node{s}),
			}
		}, s, y, w)
		for i := 0; i < len(out); i += 2 {
			// the weights' mean is 2
			check(t, near("loss", flat(t, out[i]), []float64{flat(t, out[i+1])[0] / 2}, 1e-12))
		}
	})
}

// TestGoMLXCrossEntropy: with inner products and temperature 1 the loss is GoMLX's cross-entropy of logits.
func TestGoMLXCrossEntropy(t *testing.T) {
	class := []int{0, 0, 1, 2, 1, 2}
	k := classTask(t, "cross-entropy", class, randomRows(rand.New(rand.NewPCG(2, 3)), 6, 4))
	var column [][]int64
	for _, c := range class {
		column = append(column, []int64{int64(c)})
	}
	onBackends(t, func(t *testing.T, backend compute.Backend) {
		out := run(t, backend, func(in []*Node) []*Node {
			logits := Einsum("ne,ce->nc", in[0], in[1])
			value := ReduceAllMean(gomlx.SparseCategoricalCrossEntropyLogits([]*Node{in[2]}, []*Node{logits}))
			return append([]*Node{value}, Gradient(value, in[0], in[1])...)
		}, tensorOf[float64](k.left), tensorOf[float64](k.right), tensors.FromValue(column))
		got := evaluate[float64](t, backend, k)
		check(t, near("value", []float64{got.value}, flat(t, out[0]), 1e-12))
		check(t, nearRows("gradient", got.left, rowsOf(flat(t, out[1]), 6), 1e-12))
		check(t, nearRows("gradient of the classes", got.right, rowsOf(flat(t, out[2]), 3), 1e-12))
	})
}
