package siamese

import (
	"fmt"
	"testing"
)

// Of a report, beside the embedding itself, that all similarities of its rows are measured, with intervals and without.
func BenchmarkEvaluate(b *testing.B) {
	backend, err := goBackend()
	if err != nil {
		b.Fatal(err)
	}
	cfg := toyConfig()
	cfg.Layers = []int{256}
	val, test := toy("v", 40, 25, 1000, 0.5, 1), toy("e", 40, 50, 1000, 0.5, 2)
	train := toy("t", 40, 25, 1000, 0.5, 3)
	m, err := Untrained(b.Context(), cfg, train)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	for _, opt := range []EvaluateOptions{{NoIntervals: true}, {}, {Rounds: 1000}, {Train: train}} {
		b.Run(fmt.Sprintf("N=%d/F=%d/none=%v/rounds=%d/baselines=%v", test.N(), test.F(), opt.NoIntervals, opt.Rounds, opt.Train != nil), func(b *testing.B) {
			for b.Loop() {
				if _, err := EvaluateWith(b.Context(), backend, m, "new items", val, test, opt); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
