package step

import (
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/tensortest"
	"github.com/go-siamese/lab/siamese/loss"
)

// The loss of nested embeddings is the mean of the losses of embeddings that are cut before they come to the graph: of
// losses on pairs, on batches, with and without earlier ones, and with class proxies.
func TestNestedLoss(t *testing.T) {
	const b, e, classes, memory = 4, 5, 3, 8
	nested := []int{1, 3}
	rng := rand.New(rand.NewPCG(9, 3))
	z, centres := labtest.Normals(rng, 2*b*e, 1), labtest.Normals(rng, classes*e, 1)
	past := labtest.Normals(rng, memory*e, 1)
	items, pastItems := []int32{0, 1, 2, 3, 4, 5, 6, 7}, []int32{0, 8, 9, 10, 11, 12, 13, 14}
	numbers, pastNumbers := []float32{0, 0, 1, 1, 2, 2, 0, 1}, []int32{0, 1, 2, 0, 1, 2, 0, 1}
	same, weights := []float32{1, 0, 1, 0}, []float32{1, 2, 1, 1}
	cut := func(x []float32, width int) []float32 {
		var out []float32
		for i := 0; i < len(x); i += e {
			out = append(out, x[i:i+width]...)
		}
		return out
	}
	backend := devicetest.Go(t)
	for _, one := range []struct {
		name    string
		xbm     int
		centres bool
	}{{"mse", 0, false}, {"triplet", 0, false}, {"supcon", 0, false}, {"supcon", memory, false},
		{"proxy-anchor", 0, true}, {"arcface", 0, true}} {
		spec, err := loss.Default(one.name)
		if err != nil {
			t.Fatal(err)
		}
		labels, of := numbers, batch.Contents{Classes: classes, ClassesPerItem: 1}
		if !spec.NeedsBatch() {
			labels = same
		}
		lossOf := func(width int, nested []int) float64 {
			cfg := GraphOptions{Loss: spec, XBMSize: one.xbm, Nested: nested}
			out := devicetest.Run1(t, backend, func(in []*Node) []*Node {
				state := NameNodes([]string{centresName, memoryName, memoryClassesName, memoryItemsName}, in[4:])
				return []*Node{lossGraph(cfg, in[0], in[1], in[2], in[3], state, of)}
			}, tensortest.Matrix(cut(z, width), 2*b, width), tensors.FromValue(items), tensortest.Vector(labels),
				tensortest.Vector(weights), tensortest.Matrix(cut(centres, width), classes, width),
				tensortest.Matrix(cut(past, width), memory, width), tensors.FromValue(pastNumbers), tensors.FromValue(pastItems))
			return float64(out[0][0])
		}
		want := (lossOf(1, nil) + lossOf(3, nil) + lossOf(e, nil)) / 3
		if got := lossOf(e, nested); !labtest.Near(got, want, 1e-5) {
			t.Errorf("%s with a memory of %d: %v, want %v", one.name, one.xbm, got, want)
		}
		if whole := lossOf(e, nil); labtest.Near(whole, want, 1e-3) {
			t.Errorf("%s: the loss of all numbers is %v, as that of the nested ones: nothing is tested", one.name, whole)
		}
	}
}
