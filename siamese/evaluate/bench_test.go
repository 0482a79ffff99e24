package evaluate

import (
	"fmt"
	"testing"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
)

// Of a report, beside the embedding itself, that all similarities of its rows are measured, with intervals and without.
func BenchmarkEvaluate(b *testing.B) {
	backend := devicetest.Go(b)
	cfg := toymodel.Config()
	cfg.Layers = []int{256}
	val, test := labtest.Toy("v", 40, 25, 1000, 0.5, 1), labtest.Toy("e", 40, 50, 1000, 0.5, 2)
	train := labtest.Toy("t", 40, 25, 1000, 0.5, 3)
	m, err := siamese.Untrained(b.Context(), cfg, train)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	for _, opt := range []Options{{NoIntervals: true}, {}, {Bootstrap: true}, {Train: train}} {
		b.Run(fmt.Sprintf("N=%d/F=%d/none=%v/bootstrap=%v/baselines=%v", test.N(), test.F(), opt.NoIntervals,
			opt.Bootstrap, opt.Train != nil), func(b *testing.B) {
			for b.Loop() {
				if _, err := itemsOf(b.Context(), backend, m, "new items", val, test, opt); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
