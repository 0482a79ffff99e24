package forensic

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/go-siamese/lab/siamese/stats"
)

// What the evidence of a report on 6,000 items takes: 500,000 drawn pairs, with intervals and curves.
func BenchmarkMeasure(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	const items, count = 6000, 500_000
	var pairs stats.LabelledPairs
	var llr []float64
	for range count {
		i, j := rng.IntN(items), rng.IntN(items-1)
		if j >= i {
			j++
		}
		label := float32(0)
		if i%10 == j%10 {
			label = 1
		}
		pairs.Left, pairs.Right = append(pairs.Left, int32(i)), append(pairs.Right, int32(j))
		pairs.Label, llr = append(pairs.Label, label), append(llr, 2*float64(label)-1+rng.NormFloat64())
	}
	for _, opt := range []Options{{}, {Confidence: .95}, {Confidence: .95, Curves: true}} {
		opt.Costs, opt.Same, opt.Different = Costs{.5, 1, 1}, items/2, items/2
		b.Run(fmt.Sprintf("pairs=%d/intervals=%v/curves=%v", count, opt.Confidence > 0, opt.Curves), func(b *testing.B) {
			for b.Loop() {
				if _, err := Measure(pairs, llr, opt); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*count/b.Elapsed().Seconds(), "pairs/s")
		})
	}
}
