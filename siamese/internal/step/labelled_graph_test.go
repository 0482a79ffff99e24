package step

import (
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest/batchtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
	"github.com/go-siamese/lab/siamese/internal/labtest/tensortest"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// The graph's relation has the labelled pairs, both ways, and no others.
func TestLabelledGraph(t *testing.T) {
	const n, size = 30, 12
	p := pairstest.LabelledTable(rand.New(rand.NewPCG(7, 2)), n, 100)
	s := batchtest.LabelledSamplerOf(t, p, n, size)
	drawn, err := s.Draw(1, streams.Rand(1, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	found := batchtest.LabelsOf(s, t, drawn, 0)
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		out := devicetest.Run1(t, backend, func(in []*Node) []*Node {
			rel := labelledGraph(in[0], in[1], size)
			return []*Node{rel.Positive, rel.Negative}
		}, tensortest.Vector(drawn.Labels), tensortest.Vector(drawn.Weights))
		for a, x := range drawn.Items {
			for b, y := range drawn.Items {
				want := found[[2]int32{min(x, y), max(x, y)}]
				if got := [2]float32{out[0][a*size+b], out[1][a*size+b]}; got != want {
					t.Errorf("items %d and %d: %v, want %v", x, y, got, want)
				}
			}
		}
	})
}
