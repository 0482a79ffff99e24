package siamese

import (
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// Where the domain moves items farther than their class does, batches by domain teach what is the same in both.
func TestTrainOnDomainBatches(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	moved := func(prefix string, perClass int, seed uint64) *data.Frame {
		f := labtest.Toy(prefix, 4, perClass, 9, 0.5, seed)
		for i := range f.N() {
			if f.Domains[i] == "scan" {
				for k := range 9 {
					f.X[i*9+k] += 4 * float32(k%2)
				}
			}
		}
		return f
	}
	train, val := moved("t", 40, 1), moved("v", 20, 2)
	cfg := toyConfig()
	cfg.Loss, cfg.Monitor, cfg.DomainBatches, cfg.AcrossDomains = labtest.LossOf("supcon"), MonitorMAP, 0.5, 1
	result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	z, err := embedding.UnitRows(t.Context(), result.Model.Standard, val)
	if err != nil {
		t.Fatal(err)
	}
	_, before, err := allPairs(t.Context(), z, val, "")
	if best := result.History[result.Best-1]; err != nil || best.ValMAP < before+0.3 {
		t.Errorf("%v: MAP@R %.3f from %.3f", err, best.ValMAP, before)
	}
}
