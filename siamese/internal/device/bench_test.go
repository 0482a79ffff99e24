package device

import (
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/tensortest"
)

// BenchmarkGather measures the rows of a batch of 128 pairs, gathered from the resident matrix: what a step does before
// its matrix products.
func BenchmarkGather(b *testing.B) {
	b.Run("B=128/F=2000", func(b *testing.B) {
		backend, err := Open("")
		if err != nil {
			b.Fatal(err)
		}
		frame := labtest.BenchFrame()
		n, f := frame.N(), frame.F()
		exec, err := NewExec(backend.Backend, func(x, items *Node) *Node {
			rows := Gather(x, InsertAxes(items, -1))
			return ReduceAllSum(rows) // a number, so that nothing is copied back
		})
		if err != nil {
			b.Fatal(err)
		}
		defer exec.Finalize()
		x := tensortest.Matrix(frame.X, n, f)
		rng := rand.New(rand.NewPCG(2, 1))
		rows := make([]int32, 2*128)
		for i := range rows {
			rows[i] = rng.Int32N(int32(n))
		}
		items := tensors.FromFlatDataAndDimensions(rows, len(rows))
		run := func() {
			sum, err := exec.Call1(x, items)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := tensors.CopyFlatData[float32](sum); err != nil {
				b.Fatal(err)
			}
		}
		run() // compiles
		for b.Loop() {
			run()
		}
		b.ReportMetric(float64(b.N*len(rows))/b.Elapsed().Seconds(), "rows/s")
	})
}
