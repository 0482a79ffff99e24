package siamese

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// benchFrame is 4,096 items of 2,000 random features: the work on which other libraries are compared.
func benchFrame() *data.Frame {
	const n, f = 4096, 2000
	rng := rand.New(rand.NewPCG(1, 1))
	frame := &data.Frame{X: make([]float32, n*f), Blocks: []data.Block{{Name: "f", Start: 0, End: f}}}
	for i := range frame.X {
		frame.X[i] = rng.Float32()
	}
	for i := range n {
		frame.IDs = append(frame.IDs, strconv.Itoa(i))
		frame.Labels = append(frame.Labels, strconv.Itoa(i%20))
	}
	for k := range f {
		frame.Columns = append(frame.Columns, "f"+strconv.Itoa(k))
	}
	return frame
}

// BenchmarkTrain measures training on the backend that OpenBackend("") chooses, pair sampling included,
// compilation not.
func BenchmarkTrain(b *testing.B) {
	b.Run("B=128/F=2000", func(b *testing.B) {
		backend, err := OpenBackend("")
		if err != nil {
			b.Fatal(err)
		}
		benchTrain(b, backend, 1)
	})
}

func benchTrain(b *testing.B, backend *Backend, devices int) {
	b.Helper()
	frame, cfg := benchFrame(), DefaultConfig()
	cfg.Devices = devices
	sampler, err := NewPairSampler(frame, cfg.samplerOptions())
	if err != nil {
		b.Fatal(err)
	}
	model, err := Untrained(b.Context(), cfg, frame)
	if err != nil {
		b.Fatal(err)
	}
	s, err := newStepper(backend.Backend, cfg.stepOptions(1_000_000), model.Layers, frame.N(), contents{}, func(x []float32, start int) error {
		return model.Transform.Apply(x, frame.X[start*frame.F():start*frame.F()+len(x)])
	})
	if err != nil {
		b.Fatal(err)
	}
	defer s.close()
	size, rng := cfg.BatchPairs, streams.Rand(1, 1)
	call := func() {
		pairs := sampler.DrawFrom(rng, size*s.perCall)
		if _, err := s.advance(batches{items: sides(pairs.Left, pairs.Right, size), labels: pairs.Label}); err != nil {
			b.Fatal(err)
		}
	}
	call()
	var pairs int
	for b.Loop() {
		call()
		pairs += size * s.perCall
	}
	b.ReportMetric(float64(pairs)/b.Elapsed().Seconds(), "pairs/s")
}

// BenchmarkEmbed measures embedding on the backend that OpenBackend("") chooses, compilation not included: of many items,
// and of one, as a query has it.
func BenchmarkEmbed(b *testing.B) {
	backend, err := OpenBackend("")
	if err != nil {
		b.Fatal(err)
	}
	frame, cfg := benchFrame(), DefaultConfig()
	model, err := Untrained(b.Context(), cfg, frame)
	if err != nil {
		b.Fatal(err)
	}
	defer model.Close()
	for _, f := range []*data.Frame{frame, frame.Select([]int{7})} {
		b.Run(fmt.Sprintf("N=%d/F=%d", f.N(), f.F()), func(b *testing.B) {
			embed := func() {
				if _, err := model.Embed(context.Background(), backend, f); err != nil {
					b.Fatal(err)
				}
			}
			embed()
			var items int
			for b.Loop() {
				embed()
				items += f.N()
			}
			b.ReportMetric(float64(items)/b.Elapsed().Seconds(), "items/s")
		})
	}
}

// BenchmarkGather measures the rows of a batch of 128 pairs, gathered from the resident matrix: what a step does before its
// matrix products.
func BenchmarkGather(b *testing.B) {
	b.Run("B=128/F=2000", func(b *testing.B) {
		backend, err := OpenBackend("")
		if err != nil {
			b.Fatal(err)
		}
		frame := benchFrame()
		n, f := frame.N(), frame.F()
		exec, err := NewExec(backend.Backend, func(x, items *Node) *Node {
			rows := Gather(x, InsertAxes(items, -1))
			return ReduceAllSum(rows) // a number, so that nothing is copied back
		})
		if err != nil {
			b.Fatal(err)
		}
		defer exec.Finalize()
		x := matrix(frame.X, n, f)
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

// BenchmarkNearest measures all cosines of 1,000 queries and 4,096 references, and the ten nearest of each query.
func BenchmarkNearest(b *testing.B) {
	b.Run("Q=1000/N=4096/E=256", func(b *testing.B) {
		rng := rand.New(rand.NewPCG(3, 1))
		queries, references := randomEmbeddings(rng, 1000, 256), randomEmbeddings(rng, 4096, 256)
		for b.Loop() {
			if _, err := Nearest(queries, references, 10, false); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*1000)/b.Elapsed().Seconds(), "queries/s")
	})
}
