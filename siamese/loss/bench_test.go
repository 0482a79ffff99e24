package loss_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/siamese/loss"
)

// BenchmarkLoss measures each loss with its gradient, on the backend that OpenBackend("") gives: N = 256 items
// of 20 classes against each other, against 20 centres, or as 256 listed pairs, E = 256. The oracle's value
// alone, without gradient, stands beside SupCon.
func BenchmarkLoss(b *testing.B) {
	const n, e, classes = 256, 256, 20
	backend, err := openUsual()
	if err != nil {
		b.Fatal(err)
	}
	b.Log(backend.Why)
	rng := rand.New(rand.NewPCG(1, 1))
	z := randomRows(rng, n, e)
	class := make([]int, n)
	for i := range class {
		class[i] = i % classes
	}
	for _, name := range loss.Names() {
		specs := []loss.Spec{mustDefault(b, name)}
		if name == "triplet" {
			hard, all := specs[0], specs[0]
			hard.Mining, all.Mining = loss.MineBatchHard, loss.MineAll
			specs = append(specs, hard, all)
		}
		for _, spec := range specs {
			k := task{spec: spec, left: z}
			dims := []int{n, n}
			switch {
			case spec.NeedsCentres():
				k.right, dims = randomRows(rng, classes, e), []int{n, classes}
				k.p, k.q = ofCentres(class, classes)
			case spec.NeedsBatch():
				k.p, k.q = ofClasses(class)
			default:
				k.right, k.listed, dims = randomRows(rng, n, e), true, []int{n}
				for i := range n {
					k.p, k.q = append(k.p, indicator(i%2 == 0)), append(k.q, indicator(i%2 == 1))
				}
			}
			args := []any{tensorOf[float32](k.left), tensors.FromFlatDataAndDimensions(convert[float32](k.p), dims...),
				tensors.FromFlatDataAndDimensions(convert[float32](k.q), dims...)}
			if k.right != nil {
				args = append(args, tensorOf[float32](k.right))
			}
			b.Run(fmt.Sprintf("%s%s/N=%d/E=%d", name, spec.Mining, n, e), func(b *testing.B) {
				exec := compiled[float32](b, backend, k)
				flat(b, runExec(b, exec, args...)[0]) // compiles
				for b.Loop() {
					flat(b, runExec(b, exec, args...)[0])
				}
				b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "items/s")
			})
			if name == "supcon" {
				b.Run(fmt.Sprintf("%s/oracle/N=%d/E=%d", name, 64, e), func(b *testing.B) {
					small := k
					small.left = z[:64]
					small.p, small.q = ofClasses(class[:64])
					for b.Loop() {
						oracle(small)
					}
					b.ReportMetric(float64(64*b.N)/b.Elapsed().Seconds(), "items/s")
				})
			}
		}
	}
}
