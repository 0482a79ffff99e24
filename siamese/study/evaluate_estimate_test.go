package study

import (
	"testing"

	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/pairs"
)

func TestEstimateRefuses(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	m, val := toymodel.Trained(t)
	defer m.Close()
	test := labtest.Toy("e", 6, 40, 9, 0.8, 5)
	evaluated := func(opt evaluate.Options) error {
		_, err := evaluate.Items(t.Context(), backend, evaluate.One(m), "x", val, test, opt)
		return err
	}
	labtest.WantError(t, evaluated(evaluate.Options{Estimate: 39}), "evaluate x: ", "estimate is 39: want 40")
	labtest.WantError(t, evaluated(evaluate.Options{Estimate: -1}), "estimate is -1")
	labtest.WantError(t, evaluated(evaluate.Options{Estimate: 100, Details: true}), "leave out Details or Estimate")
	_, err = RunProtocols(t.Context(), backend, test, toymodel.Config(),
		ProtocolOptions{Evaluate: evaluate.Options{Estimate: 100}})
	labtest.WantError(t, err, "protocols: ", "Evaluate.Estimate")
	pairs := pairs.Pairs{Left: []int32{0, 1}, Right: []int32{2, 3}, Label: []float32{1, 0}}
	_, err = evaluate.Pairs(t.Context(), backend, evaluate.One(m), "x", test, pairs, pairs,
		evaluate.Options{Estimate: 100})
	labtest.WantError(t, err, "an estimate is asked for (Estimate)")
}
